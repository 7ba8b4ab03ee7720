"""From an event of ansible-runner to what we keep of it; pure, and content with whatever is missing."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from msp_ops.playbooks.cutting import the_beginning

MOST = 1_000_000  # characters of one answer; what people see is cut later, after the redaction
HIDDEN = "(hidden by no_log)"
THE_END = "msp-ops: who came to the end"  # a task of our own after everything, told whom Ansible still counts in
_STATUS = {
    "runner_on_start": "started",
    "runner_on_ok": "ok",
    "runner_on_failed": "failed",
    "runner_on_unreachable": "unreachable",
    "runner_on_skipped": "skipped",
    "runner_retry": "retried",
    "runner_item_on_ok": "item",
    "runner_item_on_failed": "item",
    "runner_item_on_skipped": "item",
}
_SHOWS = {"debug", "ansible.builtin.debug"}
_NOT_SHOWN = {"msg", "changed", "failed", "censored", "results", "skipped"}
_SAID = ("msg", "stdout", "stderr", "module_stdout", "module_stderr")
# With a password Ansible tells a refused host key in words of its own, as a failure of the task.
_KEY_REFUSED = "because Host Key checking is enabled"


def heard(event: Mapping[str, Any]) -> Mapping[str, object] | None:
    """As JSON for our process; None: nothing that anybody needs."""
    kind, data = event["event"], event.get("event_data") or {}
    match kind:
        case "playbook_on_play_start":
            return {"kind": "play", "play": data.get("play_uuid"), "name": data.get("play", "")}
        case "playbook_on_stats":
            return {"kind": "stats", "failed": data.get("failures") or {}, "unreachable": data.get("dark") or {}}
        case "runner_on_ok" if data.get("task") == THE_END:
            return {"kind": "whole", "hosts": data["res"]["msg"]}
        case _ if kind in _STATUS and "host" in data and data.get("task") != THE_END:
            return _task(_STATUS[kind], data, event.get("stdout") or "")
        case _:
            return None


def _task(status: str, data: Mapping[str, Any], shown: str) -> Mapping[str, object]:
    answer = data.get("res") or {}
    values = _values(answer) if data.get("task_action") in _SHOWS else ()
    text = the_beginning("\n".join((*_said(answer), *values)), MOST)
    role = f"{data['role']} : " if data.get("role") else ""
    return {
        "kind": "task",
        "host": data["host"],
        "play": data.get("play", ""),
        "task": f"{role}{data.get('task') or data.get('task_action') or ''}",
        "action": data.get("task_action") or "",
        "status": _judged(status, data, text, changed=_has_changed(answer, shown)),
        "text": text,
    }


def _judged(status: str, data: Mapping[str, Any], text: str, *, changed: bool) -> str:
    if status == "failed" and _KEY_REFUSED in text:
        return "unreachable"
    if status == "failed" and data.get("ignore_errors"):
        return "ignored"
    return "changed" if status == "ok" and changed else status


def _has_changed(answer: Mapping[str, Any], shown: str) -> bool:
    """Of a hidden answer only Ansible's own line tells it: `changed: [web1]`."""
    return bool(answer.get("changed")) or ("censored" in answer and shown.lstrip().startswith("changed: "))


def _said(answer: Mapping[str, Any]) -> Iterator[str]:
    if "censored" in answer:
        yield HIDDEN
        return
    if (label := answer.get("_ansible_item_label")) is not None:
        yield f"{_text(label)}:"
    for name in _SAID:
        if answer.get(name) not in (None, "", "All items completed", "One or more items failed"):
            yield _text(answer[name])
    for each in answer.get("results") or ():
        if isinstance(each, dict) and (each.get("failed") or each.get("unreachable") or "censored" in each):
            yield from _said(each)


def _values(answer: Mapping[str, Any]) -> Iterator[str]:
    """What `debug: var=…` shows has the variable's own name."""
    for name, value in answer.items():
        if not name.startswith("_") and name not in _NOT_SHOWN:
            yield f"{name}: {_text(value)}"


def _text(value: object) -> str:
    return value.rstrip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
