"""PowerShell for Windows hosts: values are data, and POSIX sh never goes there."""

import base64
import re
from dataclasses import replace

import pytest

from msp_ops.checks.table import CHECKS
from msp_ops.domain.given import Given, GivenFiles
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parameters import Text
from msp_ops.domain.step import RebootStep, ScriptStep
from msp_ops.engine import boot_windows
from msp_ops.engine.boot import ordered_in
from msp_ops.engine.events import HostEnded
from msp_ops.engine.host import run_on_host
from msp_ops.engine.powershell import in_powershell
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost
from msp_ops.transports.winrm.spoken import MARK, OnlyPowerShell
from tests.engine.parts import job, runbook, tools
from tests.powershell import complaints, tree

NASTY = "'; Remove-Item C:\\ -Recurse #\u2018\u2019\u201a\u201b\"`$(whoami)@'\n'@ é\U0001f600"
ACT = ScriptStep(kind="script", name="fix", file="fix.ps1")
PROVE = ScriptStep(kind="script", name="prove", file="look.ps1", changes=False)
SCRIPTS = {"fix.ps1": "Restart-Service -Name $service\n", "look.ps1": "Get-Service -Name $service\n"}


def on_windows(book, host, parameters=None):
    plan = tools({"a": host})
    plan = replace(plan, transport=OnlyPowerShell(plan.transport), checks=CHECKS)
    *_, last = run_on_host(job(book, parameters=parameters), plan)
    assert isinstance(last, HostEnded)
    return last.result


def for_windows(**changes):
    fields = {"platforms": ("windows",), "steps": (ACT,), "verify": (PROVE,), "scripts": SCRIPTS}
    fields["parameters"] = {"service": Text(kind="text", title="Service")}
    return runbook(**{**fields, **changes})


def test_no_value_is_ever_text_of_the_script():
    given = Given(secrets={"new-password": NASTY}, files=GivenFiles(contents={"licence": b"\xff\x00"}))
    text = in_powershell({"service": NASTY}, "r-1", given, "Get-Date\n")
    assert text.startswith(MARK.decode())
    assert not tree(text).has_error
    assert "Remove-Item" not in text
    said = dict(re.findall(r"^\$(\w+) = .*FromBase64String\('([^']*)'\)", text, re.MULTILINE))
    assert base64.b64decode(said["service"]).decode() == base64.b64decode(said["new_password"]).decode() == NASTY
    assert base64.b64decode(said["licence"]) == b"\xff\x00"
    assert base64.b64decode(said["msp_kept"]) == b"msp-ops/kept/r-1"


def test_a_runbook_for_windows_acts_and_is_proved_there():
    host = FakeHost(changed=lambda _: Answer(exit_code=0, output=b"msp: changed spooler restarted\r\n"))
    result = on_windows(for_windows(), host, {"service": NASTY})
    assert result.outcome is Outcome.SUCCEEDED
    assert result.steps[0].changed == ("spooler restarted",)
    assert host.ran == {"r-1-a-0": 1}
    assert all(script.startswith(MARK.decode()) for script in host.asked)


BOOTS = [f"{number:08x}-08dd-2a5c-1b7f-00000000e4a1" for number in (500, 612)]


def restarting(boots):
    """A host that says in which boot it is, one after the other."""
    left = list(boots)

    def looked(script):
        if "$boot\nexit 0" in script:
            return Answer(exit_code=0, output=f"{left.pop(0) if len(left) > 1 else left[0]}\r\n".encode())
        return Answer(exit_code=0, output=b"")

    return FakeHost(
        looked=looked,
        changed=lambda _: Answer(
            exit_code=0, output=f"from boot {BOOTS[0]}\r\nmsp: changed the host was restarted\r\n".encode()
        ),
    )


def test_a_windows_host_is_restarted_and_is_back_when_it_is_another_boot():
    steps = (RebootStep(kind="reboot", name="restart", when="always"),)
    host = restarting([BOOTS[0], BOOTS[0], BOOTS[1]])
    result = on_windows(for_windows(impact="reboots", steps=steps), host, {"service": "x"})
    assert result.outcome is Outcome.SUCCEEDED, result.reason
    assert result.steps[0].changed == ("the host was restarted",)
    assert host.ran == {"r-1-a-0": 1}


def test_whether_a_restart_is_pending_cannot_be_told_yet_and_none_is_made():
    steps = (RebootStep(kind="reboot", name="restart", when="if-needed"),)
    host = restarting(BOOTS)
    result = on_windows(for_windows(impact="reboots", steps=steps), host, {"service": "x"})
    assert result.steps[0].outcome is Outcome.UNVERIFIED
    assert host.ran == {}


def test_the_boot_of_an_order_is_read_whatever_the_line_ends_with():
    for end in ("\n", "\r\n"):
        assert ordered_in(f"noise{end}from boot {BOOTS[0]}{end}more".encode()) == BOOTS[0]


@pytest.mark.parametrize("script", [boot_windows.BOOT_ID, boot_windows.IS_UP, boot_windows.RESTART])
def test_the_questions_of_a_restart_keep_the_rules_of_every_script(script):
    assert script.startswith(MARK)
    assert list(complaints(script.decode(), changes=False)) == []


def test_a_runbook_for_linux_passes_a_windows_host_by():
    host = FakeHost()
    result = on_windows(runbook(platforms=("linux",)), host)
    assert (result.outcome, host.asked, host.delivered) == (Outcome.SKIPPED, [], {})
    assert "this host is windows" in result.reason


def test_posix_sh_is_never_sent_to_windows_whatever_a_runbook_forgot_to_say():
    host = FakeHost()
    result = on_windows(runbook(), host)
    assert result.outcome is Outcome.NOT_REACHED
    assert "written in POSIX sh: it was not sent there" in result.reason
    assert (host.asked, host.delivered, host.ran) == ([], {}, {})


@pytest.mark.parametrize("verb", ["collect", "withdraw", "cancel", "forget"])
def test_everything_else_goes_through_as_it_is(verb):
    host = FakeHost()
    with OnlyPowerShell(tools({"a": host}).transport).connect(job(runbook()).target) as session:
        from tests.transports.test_fake import PARCEL  # noqa: PLC0415

        getattr(session, verb)(PARCEL)
