"""What `apt-get -s dist-upgrade` says it would do, in C locale."""

import re
from collections.abc import Sequence

from msp_ops.checks.answer import last_line, short
from msp_ops.checks.base import UnreadableError
from msp_ops.domain.record import record

INSTALL = re.compile(r"Inst (?P<name>\S++) (?:\[(?P<old>[^]]*+)\] )?\((?P<new>[^\s)]++)(?P<origins>.*?)\)(?: .*)?")
REMOVAL = re.compile(r"(?:Remv|Purg) (?P<name>\S+)(?: .*)?")
TOTAL = re.compile(r"\d+ upgraded, \d+ newly installed,.* \d+ to remove and \d+ not upgraded\.")
KEPT_BACK = "The following packages have been kept back:"
PHASED = "The following upgrades have been deferred due to phasing:"


@record
class Install:
    """A package that would come, new or in place of an older version."""

    name: str
    old: str | None
    new: str
    is_security: bool

    @property
    def shown(self) -> str:
        return f"{self.name} {self.old} -> {self.new}" if self.old else f"{self.name} {self.new} (new)"


@record
class AptPlan:
    """The whole plan; `kept_back` and `phased` would not change."""

    installs: tuple[Install, ...]
    removals: tuple[str, ...]
    kept_back: tuple[str, ...]
    phased: tuple[str, ...]


def read_plan(lines: Sequence[str]) -> AptPlan:
    """Raises UnreadableError unless apt came to its total."""
    if not any(TOTAL.fullmatch(line) for line in lines):
        raise UnreadableError(f"apt did not come to a plan: {last_line(chr(10).join(lines))}")
    return AptPlan(
        installs=tuple(_install(line) for line in lines if line.startswith("Inst ")),
        removals=tuple(found["name"] for line in lines if (found := REMOVAL.fullmatch(line))),
        kept_back=_below(lines, KEPT_BACK),
        phased=_below(lines, PHASED),
    )


def _install(line: str) -> Install:
    found = INSTALL.fullmatch(line)
    if not found:
        raise UnreadableError(f"apt: expected `Inst name [old] (new origin:suite [arch])`, found {short(line)!r}")
    is_security = "security" in found["origins"].lower()
    return Install(name=found["name"], old=found["old"], new=found["new"], is_security=is_security)


def _below(lines: Sequence[str], heading: str) -> tuple[str, ...]:
    """The names in the indented lines that follow a heading."""
    names: list[str] = []
    inside = False
    for line in lines:
        if inside and line.startswith("  "):
            names += line.split()
        else:
            inside = line == heading
    return tuple(names)
