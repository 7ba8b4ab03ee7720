"""What another program's inventory holds, in our words, before it is in anybody's file; and what was not understood."""

from collections.abc import Sequence
from typing import Literal

from msp_ops.domain.record import record

Verdict = Literal["left out", "contradicts", "not taken over", "secret", "renamed", "note"]
"""The worst first. `left out`: a host that is not written. `contradicts`: the client's file says something else."""


@record
class Remark:
    """Something that a person must know. `where`: places in the files that were read, `todo` what helps."""

    verdict: Verdict
    what: str
    why: str
    todo: str = ""
    where: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


@record
class Login:
    """How one logs in, without any secret: a secret's token says only whether two of them are the same."""

    user: str | None = None
    key: str | None = None
    password: str | None = None
    sudo_password: str | None = None
    agent: bool = False


@record
class Jump:
    """The machine in front."""

    address: str
    port: int = 22
    login: Login = Login()


@record
class HostDraft:
    """A host as it was found; `groups` are still spelled as there. `client`, `site`: where the source says so."""

    name: str
    address: str
    port: int | None = None
    login: Login = Login()
    gateway: Jump | None = None
    groups: tuple[str, ...] = ()
    client: str | None = None
    site: str | None = None
    winrm: tuple[tuple[str, str], ...] | None = None
    where: tuple[str, ...] = ()


@record
class Found:
    """All of a source."""

    hosts: tuple[HostDraft, ...] = ()
    remarks: tuple[Remark, ...] = ()


def gathered(remarks: Sequence[Remark]) -> tuple[Remark, ...]:
    """Remarks that say the same of several hosts as one, the worst first."""
    order: tuple[Verdict, ...] = ("left out", "contradicts", "not taken over", "secret", "renamed", "note")
    same: dict[tuple[str, ...], list[Remark]] = {}
    for each in remarks:
        same.setdefault((each.verdict, each.what, each.why, each.todo), []).append(each)
    merged = (
        Remark(
            verdict=many[0].verdict,
            what=many[0].what,
            why=many[0].why,
            todo=many[0].todo,
            where=tuple(dict.fromkeys(place for one in many for place in one.where)),
            hosts=tuple(dict.fromkeys(host for one in many for host in one.hosts)),
        )
        for many in same.values()
    )
    return tuple(sorted(merged, key=lambda one: order.index(one.verdict)))
