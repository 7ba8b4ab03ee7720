"""A run that looks only from this machine, with a real store: no login, no secret, findings that open and close."""

from dataclasses import replace

import pytest

from msp_ops.checks.table import CHECKS
from msp_ops.domain.errors import FileError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.step import CheckStep
from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.outside.base import nothing, written
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACME, HOSTS, audit
from tests.journeys.cast import asked, parts_with

TCP = CheckStep(kind="check", name="ports", check="tcp")
LOOK = replace(audit(), steps=(TCP,))
NEEDY = replace(ACME, credentials={"default": replace(ACME.credentials["default"], password="env:NOT_SET")})
REFUSED = written([[("url", "tcp://:22"), ("trouble", "refuses connections")]])
OPEN = written([[("url", "tcp://:22"), ("took", "1")]])


def run(store, clock, answer, book=LOOK):
    def resolve(reference):
        raise FileError(f"{reference} is not set")

    parts = parts_with(store, clock, {"a": FakeHost(down_for=1_000_000)}, NEEDY)
    parts = replace(parts, resolve=resolve, checks=CHECKS, look_from_here=lambda _order: answer)
    return to_the_end(run_runbook(parts, asked(clock, book, client=NEEDY, hosts=HOSTS[:1]), Stopping()))


def test_neither_a_login_nor_a_secret_is_needed(store, clock):
    assert run(store, clock, OPEN).outcome is Outcome.SUCCEEDED


def test_a_run_that_asks_the_host_needs_the_secret(store, clock):
    with pytest.raises(FileError, match="env:NOT_SET is not set"):
        run(store, clock, OPEN, replace(LOOK, steps=(TCP, replace(TCP, check="disk"))))


def test_a_finding_opens_and_closes_when_the_endpoint_answers_again(store, clock):
    run(store, clock, REFUSED)
    assert [each.finding.subject for each in store.findings.list("acme")] == ["tcp://:22"]
    run(store, clock, OPEN)
    assert store.findings.list("acme") == []


def test_a_finding_stays_open_while_nobody_can_be_asked(store, clock):
    run(store, clock, REFUSED)
    run(store, clock, written([[("url", "tcp://:22"), ("untold", "no way there")]]))
    assert len(store.findings.list("acme")) == 1


def test_a_finding_ends_with_the_endpoint_that_left_the_file(store, clock):
    run(store, clock, REFUSED)
    assert run(store, clock, nothing("no endpoint of a is for tcp")).outcome is Outcome.SKIPPED
    assert store.findings.list("acme") == []
