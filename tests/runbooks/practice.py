"""A runbook's scripts and checks on a practice host, in the very bytes that the engine would send."""

from collections.abc import Mapping
from datetime import UTC, datetime
from shlex import quote

from msp_ops.checks.base import Seen
from msp_ops.checks.script_report import ScriptReport, read_report
from msp_ops.checks.table import CHECKS
from msp_ops.domain.binding import bind
from msp_ops.domain.client import Client, Policy
from msp_ops.domain.finding import Reading
from msp_ops.domain.record import record
from msp_ops.engine.script import variables
from msp_ops.files.library import shipped_folder
from msp_ops.files.runbook_parts import SHARED as SHARED_FOLDER
from msp_ops.files.shelf import load_library
from msp_ops.lab.hosts import LOGIN
from msp_ops.lab.lab import Lab

LIBRARY = load_library(shipped_folder("runbooks"), known_checks=frozenset(CHECKS))
SHARED = shipped_folder("runbooks") / SHARED_FOLDER
KEPT = "/var/lib/msp-ops/kept/practice"
ACME = Client(id="acme", name="Acme", timezone="Europe/Berlin", currency="EUR", sites=(), contracts=(), credentials={})


def shared(*names: str) -> str:
    """The text of what runbooks share, in that order."""
    return "".join((SHARED / f"{name}.sh").read_text() for name in names)


@record
class Told:
    """How a script ended, what it printed, and what that says."""

    code: int
    output: str
    report: ScriptReport

    @property
    def changed(self) -> tuple[str, ...]:
        return self.report.changed

    @property
    def why(self) -> str:
        return self.report.why

    @property
    def findings(self) -> dict[str, str]:
        """Subject to severity and message."""
        return {found.subject: f"{found.severity} {found.message}" for found in self.report.reading.findings}


@record
class Practice:
    """One practice host."""

    lab: Lab
    name: str

    def root(self, command: str) -> str:
        """What a command that must succeed prints."""
        done = self.lab.inside(self.name, ["sh", "-c", command])
        assert done.returncode == 0, done
        return done.stdout.strip()

    def ends(self, command: str) -> int:
        return self.lab.inside(self.name, ["sh", "-c", command]).returncode

    def break_(self, kind: str, argument: str | None = None) -> None:
        self.lab.fault(self.name, kind, argument)

    def run(self, runbook_id: str, file: str, **given: str) -> Told:
        """`given` are parameters as a person would write them, with `_` for `-`."""
        runbook = LIBRARY[runbook_id]
        parameters = bind(runbook, {name.replace("_", "-"): value for name, value in given.items()}, ACME)
        script = variables(parameters | {"msp-kept": KEPT}) + runbook.scripts[file]
        done = self.lab.inside(self.name, ["sh", "-c", f"exec 2>&1 </dev/null\n{script}"])
        report = read_report(done.stdout, check=runbook_id, at=NOW)
        assert not report.malformed, report.malformed
        return Told(code=done.returncode, output=done.stdout, report=report)

    def look(self, check_name: str, parameters: Mapping[str, str] | None = None, at: datetime | None = None) -> Reading:
        """What a check reads there, by the host's own clock unless `at` says otherwise."""
        check = CHECKS[check_name]
        command = variables(parameters or {}) + check.command
        script = f"sh -c {quote(command)}" if check.run_as == "root" else f"su {LOGIN} -c {quote(command)}"
        done = self.lab.inside(self.name, ["sh", "-c", f"exec 2>&1 </dev/null\n{script}"])
        seen = Seen(
            output=done.stdout,
            exit_code=done.returncode,
            parameters=parameters or {},
            policy=Policy(),
            at=at or datetime.fromtimestamp(int(self.root("date +%s")), tz=UTC),
        )
        return check.read(seen)

    def found(self, check_name: str, parameters: Mapping[str, str] | None = None) -> dict[str, str]:
        """Subject to severity and message."""
        findings = self.look(check_name, parameters).findings
        return {finding.subject: f"{finding.severity} {finding.message}" for finding in findings}

    def packages(self) -> str:
        """Every package with its state and version."""
        return self.root("dpkg-query -W -f='${db:Status-Abbrev} ${Package} ${Version}\\n'")

    def version(self, package: str) -> str:
        return self.root(f"dpkg-query -W -f='${{Version}}' {package}")


NOW = datetime(2026, 11, 23, tzinfo=UTC)
