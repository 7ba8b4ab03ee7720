"""What the hosts said becomes how the playbook ended on each. What is not proved is not good."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msp_ops.domain.outcome import Outcome
from msp_ops.playbooks.host_tally import HostTally
from msp_ops.playbooks.job import HostEnd, PlaybookJob, TaskSaid
from msp_ops.playbooks.plays import Play, in_brief
from msp_ops.secrets.redact import Redact

_MOST_TEXT = 4000  # characters of one answer
_OF_ITSELF = frozenset(range(0, 16, 2))  # ansible-playbook's own sums of: hosts failed, unreachable, broken off


class Tally:
    """Hears everything in order, then says how it ended."""

    def __init__(self, job: PlaybookJob, redact: Redact, plays: Sequence[Play]) -> None:
        self._job = job
        self._redact = redact
        self._plays = plays
        self._hosts = {host_id: HostTally(room=job.output_bytes) for host_id in job.host_ids()}
        self._begun_plays: list[str] = []
        self._batch: set[str] = set()
        self._whole: set[str] = set()
        self._stats: Mapping[str, Any] | None = None

    def hear(self, told: Mapping[str, Any]) -> Iterator[TaskSaid]:
        """What a person is shown of it."""
        match told["kind"]:
            case "play":
                self._batch = set()
                if told["play"] not in self._begun_plays:
                    self._begun_plays.append(told["play"])
            case "whole":
                self._whole = set(told["hosts"])
            case "stats":
                self._stats = told
            case "task" if told["host"] in self._hosts:
                yield self._task(told)
            case _:
                pass

    def ends(self, killed: str | None, exit_code: int | None, said: str) -> Iterator[HostEnd]:
        """One for each host of the job, in its order.

        `killed`: why we ended Ansible, which may have come to its own end before. `said`: its words outside of events.
        """
        by_itself = self._stats is not None and exit_code in _OF_ITSELF
        why = None if by_itself else killed or f"ansible-playbook gave up ({exit_code}): {in_brief(self._masked(said))}"
        for host_id, host in self._hosts.items():
            if why is not None:
                outcome, reason = host.cut_means(why, check=self._job.check, killed=killed is not None)
            else:
                outcome, reason = self._end(host_id, host, exit_code)
            yield HostEnd(
                host_id=host_id,
                outcome=outcome,
                reason=self._masked(reason),
                changed=tuple(host.changed),
                evidence=host.evidence(),
            )

    def _task(self, told: Mapping[str, Any]) -> TaskSaid:
        host, status = self._hosts[told["host"]], told["status"]
        self._batch.add(told["host"])
        host.plays.add(len(self._begun_plays) - 1)
        task, text = self._masked(told["task"]), _short(self._masked(told["text"]))
        host.hear(status, task, told["action"], text)
        return TaskSaid(host_id=told["host"], play=self._masked(told["play"]), task=task, status=status, text=text)

    def _end(self, host_id: str, host: HostTally, exit_code: int | None) -> tuple[Outcome, str]:
        if self._bad("unreachable", host_id):
            return host.lost_means(self._job.check)
        if self._bad("failed", host_id):
            return (
                host.lost_means(self._job.check)
                if host.lost_first
                else (Outcome.FAILED, host.failure or "a task failed")
            )
        return self._quiet_end(host_id, host, exit_code)

    def _bad(self, kind: str, host_id: str) -> bool:
        return self._stats is not None and bool(self._stats[kind].get(host_id))

    def _quiet_end(self, host_id: str, host: HostTally, exit_code: int | None) -> tuple[Outcome, str]:
        """Ansible has nothing bad to say of it, which is not yet good."""
        if not self._plays_of(host_id):
            return Outcome.SKIPPED, "no play is for this host: nothing was done here"
        if exit_code != 0 and not self._is_whole(host_id, host):
            why = "other hosts failed, and the playbook was broken off"
            return (Outcome.FAILED, f"{why}: not all of it was done here") if host.plays else (Outcome.DEFERRED, why)
        if host.answered:
            return Outcome.SUCCEEDED, ""
        if host.lost_first:
            return host.lost_means(self._job.check)
        if self._job.check and host.plays:
            return (
                Outcome.SUCCEEDED,
                "every task was skipped here, as Ansible does in a check with what it cannot foresee",
            )
        return Outcome.SKIPPED, "every task was skipped here"

    def _plays_of(self, host_id: str) -> set[int]:
        return {number for number, play in enumerate(self._plays) if host_id in play.hosts}

    def _is_whole(self, host_id: str, host: HostTally) -> bool:
        """Whether it came to the end, or through all its plays in a batch after which Ansible went on."""
        return host_id in self._whole or (self._plays_of(host_id) <= host.plays and host_id not in self._batch)

    def _masked(self, text: str) -> str:
        return masked(text, self._redact)


def masked(text: str, redact: Redact) -> str:
    """Before it is cut: of a half of a secret nobody knows that it is one."""
    return redact(text.encode(errors="replace")).decode(errors="replace")


def _short(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}… ({len(text) - _MOST_TEXT} characters more)"
