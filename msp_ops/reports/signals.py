"""Every name that the summaries take from checks and scripts: the one place where the two must agree."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import IntEnum

from msp_ops.domain.finding import Finding, Measurement
from msp_ops.domain.record import record
from msp_ops.reports.words import capital, clip

PATCH_STATE = "patch-state"
RESTART = "pending-reboot"
STORAGE = "disk"
CERTIFICATES = "certificates"
UPDATE_CHECKS = frozenset({PATCH_STATE, RESTART})
DISK_USED = "disk_used_percent"  # `disk_used_percent:/var`
UPDATES_LEFT = ("updates_security", "updates_other")
BACKUP_LEVEL = "backup_level"  # a number of BackupLevel
BACKUP_PLACES = ("repository", "folder")  # parameters of a run that tell one backup of a host from another
LEFT_ALONE = frozenset({"held packages", "phased updates", "kept back"})  # subjects; message `names: why`
ABOUT_ITSELF = frozenset({"memory", "clock", "processors", "system", "reboot"})  # subjects that repeat their check

FINDING_WORDS = {
    STORAGE: "Storage is filling up",
    RESTART: "Waits for a restart",
    CERTIFICATES: "A certificate needs renewing",
    PATCH_STATE: "Updates are waiting",
    "package-health": "An installation is half done",
    "clock": "The clock is wrong",
    "failed-units": "A service has stopped",
    "service": "A service is not up",
    "memory": "Memory is short",
    "load": "It is under heavy load",
    "tls": "A certificate needs attention",
    "dns": "A name leads to the wrong place",
    "tcp": "Something does not answer",
    "http": "A page does not answer as it should",
    "dates": "Something has to be renewed",
}
CHECK_WORDS = {
    STORAGE: "storage",
    RESTART: "restarts",
    PATCH_STATE: "open updates",
    "package-health": "finished installations",
    "failed-units": "services",
    "service": "the service is up",
    "backup-restic": "file backup",
    "backup-postgres": "database backup",
}
UPDATE = re.compile(r"(?P<package>\S+) (?P<old>\S+) -> (?P<new>\S+)|(?P<added>\S+) (?P<version>\S+) \(new\)")


class BackupLevel(IntEnum):
    """How far a backup was proved, from least to most."""

    FRESH = 0
    LISTED = 1
    DATA_READ = 2

    @property
    def words(self) -> str:
        return {0: "a fresh copy exists", 1: "its contents were listed", 2: "data was read back"}[self.value]


@record
class Update:
    """One package that changed its version; `old` is empty for one that is new."""

    package: str
    old: str
    new: str


def without_place(check: str) -> str:
    """`backup-postgres` of `backup-postgres [folder=/a]`: a client is told what, and where only when we say so."""
    return check.partition(" [")[0]


def is_backup(check: str) -> bool:
    return check.startswith("backup")


def backup_place(parameters: Mapping[str, str]) -> str:
    """The last part of where a backup lies: enough to tell two apart, without address and password."""
    places = [parameters[name] for name in BACKUP_PLACES if name in parameters]
    return re.split(r"[/:@]", places[0].rstrip("/"))[-1] if places else ""


def is_health(check: str) -> bool:
    """Whether a finding of this check belongs to the machine's health, not to updates or backups."""
    return check not in UPDATE_CHECKS and not is_backup(check)


def left_alone(finding: Finding) -> tuple[str, str] | None:
    """What was left out of the updates on purpose, and why; None for every other finding."""
    if finding.check != PATCH_STATE or finding.subject not in LEFT_ALONE:
        return None
    names, _, why = clip(finding.message).rpartition(": ")
    return names or finding.subject, why


def in_words(finding: Finding) -> str:
    """What a client calls it."""
    return FINDING_WORDS.get(check := without_place(finding.check)) or capital(clip(check.replace("-", " "), 60))


def detail(finding: Finding) -> str:
    """The check's own message with what it is about; of a certificate's file the name is enough."""
    if finding.check == RESTART:
        return "Some of its updates become active only then"
    subject = clip(finding.subject, 80)
    if finding.check == CERTIFICATES:
        subject = subject.rpartition("/")[2]
    message = clip(finding.message)
    return capital(message if subject in ABOUT_ITSELF or not subject else f"{subject}: {message}")


def check_words(check: str) -> str:
    """What was looked at, as a client says it."""
    check = without_place(check)
    return CHECK_WORDS.get(check, clip(check.replace("-", " "), 60))


def updates(changed: Iterable[str]) -> tuple[Update, ...]:
    """The lines of `changed` that say `package old -> new` or `package version (new)`."""
    matches = (UPDATE.fullmatch(line.strip()) for line in changed)
    return tuple(
        Update(
            package=clip(match["package"] or match["added"], 60),
            old=clip(match["old"] or "", 40),
            new=clip(match["new"] or match["version"], 40),
        )
        for match in matches
        if match
    )


def of_kind(measurements: Iterable[Measurement], kind: str) -> dict[str, Decimal]:
    """The figures named `kind` or `kind:subject`, by subject; the last one counts."""
    split = ((measurement.name.partition(":"), measurement.value) for measurement in measurements)
    return {clip(subject, 60): value for (name, _, subject), value in split if name == kind}


def level(value: Decimal) -> BackupLevel | None:
    """None for a number that no level has: then nothing is claimed."""
    return BackupLevel(int(value)) if value in set(BackupLevel) else None
