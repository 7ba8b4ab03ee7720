"""A closed month pushed to an API: each entry once, what is rejected is listed, what changed is told."""

from dataclasses import replace

import pytest

from msp_ops.domain.errors import NotPermitted, PlanError
from msp_ops.journeys.exports import export_month
from msp_ops.journeys.outbox import send_due
from msp_ops.journeys.outbox_psa import psa_sender, push
from tests.exports.stand_in import stand_in
from tests.files.cast import write
from tests.journeys.outbox_cast import marks
from tests.journeys.test_exports import IDS, close, month  # noqa: F401  # a fixture among the cast of exports
from tests.journeys.test_month_end import NOVEMBER, parts  # noqa: F401  # another one

pytestmark = pytest.mark.wire
API = """\
  api: {url: '%s', company: northwind, client_id: 1-2-3, public_key: 'env:PUBLIC', private_key: 'env:PRIVATE'}
"""
SECRETS = {"env:PUBLIC": "public-key", "env:PRIVATE": "private-key"}


@pytest.fixture
def psa():
    with stand_in() as server:
        yield server


@pytest.fixture
def closed(month, clock, psa):  # noqa: F811
    close(month, clock)
    write(month.workspace.root / "exports.yaml", IDS + API % psa.url)
    return month


def pushed(parts, target="connectwise"):  # noqa: F811
    return push(parts, export_month(parts, "acme", NOVEMBER, target), "olga")


def send(parts):  # noqa: F811
    senders = {"psa": psa_sender(parts.workspace.root, SECRETS.__getitem__)}
    return [each.state for each in send_due(parts.store, senders)]


def test_a_month_is_queued_once_and_arrives_once_to_the_cent(closed, psa):
    first = pushed(closed)
    assert first.became == {"psa/connectwise/w-a-1": "new", "psa/connectwise/w-b-1": "new"}
    assert set(pushed(closed).became.values()) == {"known"}
    assert send(closed) == ["sent", "sent"]
    assert set(pushed(closed).became.values()) == {"known"}
    assert send(closed) == []
    assert marks(psa) == ["w-a-1", "w-b-1"]
    written = export_month(closed, "acme", NOVEMBER, "connectwise").export
    assert round(sum(each["hourlyRate"] * each["hoursBilled"] for each in psa.entries), 2) == float(written.amount)
    assert round(sum(each["actualHours"] for each in psa.entries), 2) == float(written.worked)
    assert [each.message.client_id for each in closed.store.outbox.list()] == ["acme", "acme"]
    assert {each.message.about.partition(" T-1 ")[0] for each in closed.store.outbox.list()} == {"2026-11"}


def test_what_is_rejected_is_listed_as_in_the_files_and_comes_when_its_word_was_added(closed, psa):
    rejected = export_month(closed, "acme", NOVEMBER, "connectwise").export.rejected
    assert {each.entry.id for each in rejected} == {"acme-2026-11-care-1", "w-c-1"}
    pushed(closed)
    send(closed)
    write(closed.workspace.root / "exports.yaml", IDS.replace("kim.lee}", "kim.lee, ana: ana}") + API % psa.url)
    assert pushed(closed).ids("new") == ("psa/connectwise/w-c-1",)
    send(closed)
    assert marks(psa) == ["w-a-1", "w-b-1", "w-c-1"]


def test_a_correction_reaches_what_was_refused_and_leaves_what_is_there(closed, psa):
    psa.faults = ["", "400"]
    pushed(closed)
    assert sorted(send(closed)) == ["refused", "sent"]
    write(closed.workspace.root / "exports.yaml", IDS.replace("business: 1", "business: 7") + API % psa.url)
    became = pushed(closed).became
    assert sorted(became.values()) == ["corrected", "differs"]
    assert send(closed) == ["sent"]
    assert sorted(each["workType"]["id"] for each in psa.entries) == [1, 7]
    assert marks(psa) == ["w-a-1", "w-b-1"]


def test_an_open_month_is_not_pushed_nor_is_a_draft_of_it(month):  # noqa: F811
    write(month.workspace.root / "exports.yaml", IDS + API % "https://psa.example")
    with pytest.raises(NotPermitted, match="2026-11 of acme is open"):
        pushed(month)
    with pytest.raises(NotPermitted, match="a draft is not pushed"):
        push(month, export_month(month, "acme", NOVEMBER, "connectwise", drafts=True), "kim")
    assert month.store.outbox.list() == []


def test_a_program_that_nobody_can_push_to_and_one_without_an_address_are_told(closed):
    with pytest.raises(PlanError, match="nothing can be pushed to 'xero'; right is one of connectwise"):
        pushed(closed, "xero")
    write(closed.workspace.root / "exports.yaml", IDS)
    with pytest.raises(PlanError, match="does not say where the API of connectwise lies: add api:"):
        pushed(closed)


def test_a_month_of_which_nothing_is_exported_queues_nothing(closed, psa):
    write(closed.workspace.root / "exports.yaml", "connectwise:\n" + API % psa.url)
    done = export_month(closed, "acme", NOVEMBER, "connectwise")
    assert len(done.export.rejected) == 4
    assert push(closed, replace(done, name="x"), "kim").became == {}
