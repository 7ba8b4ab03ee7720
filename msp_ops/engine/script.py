"""A runbook's text as it goes to a host: parameters in front as quoted shell variables, never pasted into it."""

from collections.abc import Mapping
from functools import lru_cache
from shlex import quote

from msp_ops.domain.runbook import Runbook, ScriptStep


def variables(parameters: Mapping[str, str]) -> str:
    """`only-security` becomes `only_security='yes'`."""
    return "".join(f"{name.replace('-', '_')}={quote(value)}\n" for name, value in sorted(parameters.items()))


def changing_script(runbook: Runbook, step: ScriptStep, parameters: Mapping[str, str]) -> bytes:
    """The whole of a step's script; the host's supervisor limits its time."""
    return (variables(parameters) + runbook.scripts[step.file]).encode()


def looking_script(runbook: Runbook, step: ScriptStep, parameters: Mapping[str, str]) -> bytes:
    """The same for a step that changes nothing: it limits its own time."""
    return limited(changing_script(runbook, step, parameters).decode(), step.timeout.total_seconds()).encode()


@lru_cache(maxsize=64)  # a run's hosts are all asked the same
def limited(text: str, seconds: float) -> str:
    """Run `text` in a shell of its own that the host stops after that many seconds."""
    return f"timeout -k 5 {int(seconds)} sh -c {quote(text)}\n"
