"""The engine, with looks from here: without a login, and with the outcomes of the house."""

from dataclasses import replace

import pytest

from msp_ops.checks.table import CHECKS
from msp_ops.domain.errors import NotReached
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.step import CheckStep
from msp_ops.engine.events import HostEnded
from msp_ops.engine.host import run_on_host
from msp_ops.outside.base import nothing, written
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import CHECKS as FEW
from tests.engine.parts import LOOK, audit, disk_answer, job, tools

TCP = CheckStep(kind="check", name="ports", check="tcp")
TLS = CheckStep(kind="check", name="certificates", check="tls")
DOWN = FakeHost(down_for=1_000_000)
FINE = written([[("url", "tcp://:22"), ("address", "10.0.0.0"), ("took", "0.4")]])
REFUSED = written([[("url", "tcp://:22"), ("trouble", "10.0.0.0 port 22 refuses connections")]])
UNTOLD = written([[("url", "tcp://:22"), ("untold", "this machine has no way there")]])
HALF = written([[("url", "tcp://:22"), ("untold", "no way")], [("url", "tcp://:80"), ("trouble", "refuses")]])


def ended(steps, answers, host=DOWN):
    asked = []

    def look(order):
        asked.append(order)
        return answers[order.check]

    kit = replace(tools({"a": host}), checks={**CHECKS, **FEW}, look_from_here=look)
    *_, last = run_on_host(job(replace(audit(), steps=steps)), kit)
    assert isinstance(last, HostEnded)
    return last.result, asked


def test_a_run_that_only_looks_from_here_logs_in_nowhere():
    result, asked = ended((TCP,), {"tcp": FINE})
    assert result.outcome is Outcome.SUCCEEDED
    assert [(order.host.id, order.client.id, order.timeout) for order in asked] == [("a", "acme", TCP.timeout)]
    assert result.steps[0].checks == ("tcp",)
    assert result.steps[0].evidence.body.decode() == FINE


def test_a_run_that_also_asks_the_host_logs_in_for_that_alone():
    result, asked = ended((TCP, LOOK), {"tcp": FINE})
    assert result.outcome is Outcome.NOT_REACHED
    assert len(asked) == 1
    assert [step.name for step in result.steps] == ["ports"]
    result, _ = ended((TCP, LOOK, TCP), {"tcp": FINE}, FakeHost(looked=disk_answer("40%")))
    assert [step.outcome for step in result.steps] == [Outcome.SUCCEEDED] * 3


def test_a_refused_connection_is_a_finding_and_no_failure_of_the_look():
    result, _ = ended((TCP,), {"tcp": REFUSED})
    assert result.outcome is Outcome.SUCCEEDED
    assert [each.severity for each in result.findings()] == ["critical"]


def test_what_nobody_could_be_asked_is_unverified():
    result, _ = ended((TCP,), {"tcp": UNTOLD})
    assert result.outcome is Outcome.UNVERIFIED
    assert result.reason == "tcp could not be checked: tcp://:22: this machine has no way there"
    assert result.findings() == ()


def test_what_was_found_beside_it_stands():
    result, _ = ended((TCP,), {"tcp": HALF})
    assert result.outcome is Outcome.UNVERIFIED
    assert [each.subject for each in result.findings()] == ["tcp://:80"]
    assert result.steps[0].unjudged == ("tcp://:22",)


def test_where_nothing_is_written_the_host_is_skipped_with_the_reason_and_never_green():
    why = "no endpoint of a is for tcp"
    result, _ = ended((TCP, TLS), {"tcp": nothing(why), "tls": nothing("no endpoint of a is for tls or https")})
    assert (result.outcome, result.reason) == (Outcome.SKIPPED, why)


def test_where_nothing_can_be_looked_at_the_host_is_not_reached():
    def look(order):
        raise NotReached("nothing here looks from outside")

    kit = replace(tools({"a": DOWN}), checks=CHECKS, look_from_here=look)
    *_, last = run_on_host(job(replace(audit(), steps=(TCP,))), kit)
    assert (last.result.outcome, last.result.reason) == (Outcome.NOT_REACHED, "nothing here looks from outside")


@pytest.mark.parametrize(
    ("steps", "needs"),
    [((TCP,), False), ((TCP, LOOK), True), ((replace(TCP, check="dates"),), False), ((LOOK,), True)],
)
def test_a_runbook_knows_whether_anybody_must_log_in(steps, needs):
    assert replace(audit(), steps=steps).needs_login is needs
