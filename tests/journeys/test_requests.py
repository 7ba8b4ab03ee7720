"""A request never vanishes: it is refused when it is made, or its refusal is kept for whoever asked."""

from dataclasses import replace
from datetime import date

import pytest

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.domain.occurrence import RequestState
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.schedule import Freeze
from msp_ops.journeys.on_demand import Words
from msp_ops.journeys.requests import run_request, save_request
from msp_ops.transports.base import Answer
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import ACME, disk_answer, runbook
from tests.journeys.cast import KIM, parts_with

AUDIT = Freeze(first_day=date(2026, 11, 1), last_day=date(2026, 12, 1), reason="audit")
FROZEN = replace(ACME, freezes=(AUDIT,))
BOOKS = (runbook(),)
WORDS = Words(runbook="fix-disk", target="acme/a", parameters={}, ticket="T-1", reason="it hurts", at_once=1)


def parts_of(store, clock, client=ACME, books=BOOKS):
    host = FakeHost(looked=disk_answer("40%"), changed=lambda _script: Answer(exit_code=0, output=b""))
    return parts_with(store, clock, {"a": host}, client, books)


def test_a_request_in_a_freeze_is_refused_at_once_and_not_saved(store, clock):
    with pytest.raises(NotPermitted, match="audit"):
        save_request(parts_of(store, clock, FROZEN), WORDS, KIM)
    assert store.requests.list() == []


def test_a_request_becomes_a_run(store, clock):
    parts = parts_of(store, clock)
    request = save_request(parts, WORDS, KIM)
    run = run_request(parts, request.id)
    assert run.outcome is Outcome.SUCCEEDED
    (told,) = store.requests.list()
    assert (told.state, told.run_id) == (RequestState.RAN, run.id)


@pytest.mark.parametrize(
    ("client", "books", "error", "words"),
    [(FROZEN, BOOKS, NotPermitted, "audit"), (ACME, (), PlanError, "there is no runbook 'fix-disk'")],
)
def test_what_a_worker_refuses_is_kept_in_its_words(store, clock, client, books, error, words):
    request = save_request(parts_of(store, clock), WORDS, KIM)
    with pytest.raises(error, match=words):
        run_request(parts_of(store, clock, client, books), request.id)
    told = store.requests.read(request.id)
    assert (told.state, told.run_id) == (RequestState.REFUSED, None)
    assert words in told.refusal
    with pytest.raises(NotPermitted, match="it runs once"):
        run_request(parts_of(store, clock), request.id)
