"""Is everything there that a run needs of a Windows host? What it says is read; nothing is changed there."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from msp_ops.domain.client import Client
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.record import record
from msp_ops.transports.base import Answer, Session
from msp_ops.transports.winrm.onwindows import read_program
from msp_ops.transports.winrm.spoken import MARK

BRIEF = timedelta(seconds=60)


@record
class Looked:
    """One thing that was looked at."""

    what: str
    outcome: Outcome
    said: str


def look_at_windows(session: Session, client: Client, now: datetime) -> Iterator[Looked]:
    """Raises LinkLost, NotReached."""
    answer = session.ask(MARK + read_program("look").encode(), "login", BRIEF)
    yield from read_look(answer, client, now)


def read_look(answer: Answer, client: Client, now: datetime) -> Iterator[Looked]:
    """What is not said is not as needed."""
    lines = answer.output.decode("utf-8", "replace").splitlines()
    told = {word: value.strip() for word, _, value in (line.partition(" ") for line in lines)}
    if answer.exit_code != 0:
        yield _bad("powershell", f"the look at it ended with {answer.exit_code}: {' '.join(lines)[-200:]}")
        return
    yield _powershell(told)
    yield _must(told, "administrator", "the account is no administrator there, or only without its rights (UAC)")
    yield _must(told, "tasks", "there is no ScheduledTasks module (Windows 8 and 2012 have it): nothing can be changed")
    yield _disk(told, client)
    yield _clock(told, client, now)


def _powershell(told: Mapping[str, str]) -> Looked:
    version, language = told.get("powershell", "none"), told.get("language", "unknown")
    if not version.startswith("5.1"):
        return _bad("powershell", f"it is {version}; msp-ops needs Windows PowerShell 5.1")
    if language != "FullLanguage":
        return _bad("powershell", f"it is held in {language} (AppLocker or a policy); msp-ops needs FullLanguage")
    return _good("powershell", f"{version} on {told.get('system', 'an unknown system')}")


def _must(told: Mapping[str, str], what: str, otherwise: str) -> Looked:
    return _good(what, "as needed") if told.get(what) == "True" else _bad(what, otherwise)


def _disk(told: Mapping[str, str], client: Client) -> Looked:
    try:
        free, size = (int(word) for word in told.get("disk", "").split())
        used = 100 - 100 * free // size
    except (ValueError, ZeroDivisionError):
        return _bad("disk", "it did not say how full its system disk is")
    said = f"the system disk is {used} % full, {free // 10**9} GB are free"
    return _bad("disk", said) if used >= client.policy.disk_critical_percent else _good("disk", said)


def _clock(told: Mapping[str, str], client: Client, now: datetime) -> Looked:
    try:
        there = datetime.fromisoformat(told.get("clock", "")).replace(tzinfo=UTC)
    except ValueError:
        return _bad("clock", "it did not say what time it is")
    skew = round(abs((there - now).total_seconds()))
    most = client.policy.clock_skew_max.total_seconds()
    said = f"{skew} s from ours"
    return _bad("clock", f"{said}; a login by Kerberos ends at 300 s") if skew > most else _good("clock", said)


def _good(what: str, said: str) -> Looked:
    return Looked(what=what, outcome=Outcome.SUCCEEDED, said=said)


def _bad(what: str, said: str) -> Looked:
    return Looked(what=what, outcome=Outcome.FAILED, said=said)
