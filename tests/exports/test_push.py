"""Sent once, whatever becomes of the answer: against a stand-in of the four PSAs with an API."""

import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msp_ops.domain.errors import PlanError
from msp_ops.exports.push.psas import PSAS
from msp_ops.exports.push.send import requests_of, send_one
from msp_ops.exports.push.wire import Answer, AnswerLost, HttpWire
from msp_ops.exports.targets import TARGETS
from tests.exports.cast import IDS, one_entry
from tests.exports.stand_in import stand_in

pytestmark = pytest.mark.wire
SECRET = "Bearer s3cr3t-t0ken"
FAULTS = ["", "", "vanish", "keep and vanish", "500", "keep and 502", "429", "400"]
MEANWHILE = "entries of others"


@pytest.fixture
def psa():
    with stand_in() as server:
        yield server


def wire(server):
    return HttpWire(server.url, {"Authorization": SECRET}, seconds=5)


def request_for(name, line_id="acme-2026-11-1"):
    (request,) = requests_of(TARGETS[name].write([one_entry(line_id=line_id)], IDS))
    return request


def send(name, server, line_id="acme-2026-11-1"):
    return send_one(request_for(name, line_id), PSAS[name], wire(server))


@pytest.mark.parametrize("name", PSAS)
def test_an_entry_is_sent_and_the_second_time_it_is_found(name, psa):
    assert (send(name, psa).kind, len(psa.entries)) == ("sent", 1)
    again = send(name, psa)
    assert (again.kind, again.there, len(psa.entries)) == ("found", "1", 1)


@pytest.mark.parametrize("name", PSAS)
def test_it_is_looked_up_before_anything_is_sent(name, psa):
    send(name, psa)
    first, second = (path for _, path, _ in psa.asked)
    assert first != second or name == "kimai"
    assert [method for method, _, _ in psa.asked] == (["POST", "POST"] if name == "autotask" else ["GET", "POST"])


@pytest.mark.parametrize("name", PSAS)
def test_an_answer_that_is_lost_after_the_entry_was_kept_makes_no_second_one(name, psa):
    psa.faults = ["keep and vanish"]
    psa.blind = ["", "vanish"]
    assert (send(name, psa).kind, len(psa.entries)) == ("unknown", 1)
    assert (send(name, psa).kind, len(psa.entries)) == ("found", 1)


@pytest.mark.parametrize("name", PSAS)
@pytest.mark.parametrize("fault", ["keep and vanish", "keep and 502"])
def test_a_lost_answer_is_cleared_up_at_once_where_the_entry_can_be_seen(name, fault, psa):
    psa.faults = [fault]
    assert (send(name, psa).kind, len(psa.entries)) == ("sent", 1)


@pytest.mark.parametrize("name", PSAS)
@pytest.mark.parametrize("fault", ["vanish", "500", "503", "408"])
def test_what_is_not_seen_after_a_lost_answer_is_unknown_not_refused(name, fault, psa):
    psa.faults = [fault]
    assert (send(name, psa).kind, len(psa.entries)) == ("unknown", 0)
    assert (send(name, psa).kind, len(psa.entries)) == ("sent", 1)


@pytest.mark.parametrize("name", PSAS)
def test_a_refusal_has_the_words_of_the_psa_and_not_our_secret(name, psa):
    psa.faults = ["400"]
    outcome = send(name, psa)
    assert outcome.kind == "refused"
    assert "400" in outcome.reason
    assert "refused" in outcome.reason
    assert "s3cr3t" not in outcome.reason


@pytest.mark.parametrize("name", PSAS)
@pytest.mark.parametrize("blind", ["500", "401", "vanish"])
def test_where_nobody_can_look_nothing_is_sent(name, blind, psa):
    psa.blind = [blind]
    assert (send(name, psa).kind, len(psa.entries)) == ("not-sent", 0)


def test_too_many_requests_are_not_sent_and_may_be_tried_again(psa):
    psa.faults = ["429"]
    assert send("kimai", psa).kind == "not-sent"
    assert send("kimai", psa).kind == "sent"


def test_without_a_connection_nothing_was_sent():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    outcome = send_one(request_for("kimai"), PSAS["kimai"], HttpWire(f"http://127.0.0.1:{port}", {}))
    assert outcome.kind == "not-sent"
    assert "no connection" in outcome.reason


@pytest.mark.parametrize("name", PSAS)
def test_an_id_that_begins_as_another_is_not_taken_for_it(name, psa):
    send(name, psa, "acme-2026-11-1")
    assert send(name, psa, "acme-2026-11-12").kind == "sent"
    assert len(psa.entries) == 2


def test_a_list_that_may_go_on_is_no_proof_that_the_entry_is_missing(psa):
    request = request_for("connectwise")
    psa.entries = [{**request.body, "id": number, "internalNotes": MEANWHILE} for number in range(1000)]
    outcome = send("connectwise", psa)
    assert (outcome.kind, len(psa.entries)) == ("not-sent", 1000)
    assert "there may be more" in outcome.reason


@pytest.mark.parametrize("said", ["<html>", {}, {"items": 3}, [3], None, [{"description": "[msp-ops acme-2026-11-1]"}]])
def test_an_answer_of_another_kind_is_no_proof_either(said):
    class Strange:
        def ask(self, *_):
            return Answer(status=200, said=said)

    assert send_one(request_for("kimai"), PSAS["kimai"], Strange()).kind == "not-sent"


def test_an_answer_without_an_id_is_looked_after():
    class Mute:
        def __init__(self):
            self.asked = []

        def ask(self, method, *_):
            self.asked.append(method)
            return Answer(status=200, said=[] if method == "GET" else None)

    mute = Mute()
    assert send_one(request_for("kimai"), PSAS["kimai"], mute).kind == "unknown"
    assert mute.asked == ["GET", "POST", "GET"]


@pytest.mark.parametrize("url", ["http://psa.example.com", "ftp://psa.example.com", "psa.example.com", "https://", ""])
def test_credentials_go_over_tls_only_or_to_this_machine(url):
    with pytest.raises(PlanError, match="write https://"):
        HttpWire(url, {"Authorization": SECRET})


def test_a_redirect_is_not_followed(psa):
    psa.faults = ["307"]
    assert send("kimai", psa).kind == "refused"
    assert [method for method, _, _ in psa.asked] == ["GET", "POST"]


def test_an_answer_without_end_is_cut_off(psa):
    with pytest.raises(AnswerLost):
        HttpWire(psa.url, {}, most=10).ask("GET", "/api/v1/tickets/7")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(PSAS)),
    faults=st.lists(st.sampled_from(FAULTS), max_size=6),
    blind=st.lists(st.sampled_from(["", "", "vanish", "500"]), max_size=12),
)
def test_however_often_it_is_tried_there_is_never_a_second_entry(name, faults, blind):
    with stand_in() as server:
        server.faults, server.blind = list(faults), list(blind)
        kinds = [send(name, server).kind for _ in range(len(faults) + len(blind) + 2)]
        assert len(server.entries) == 1
        assert kinds[-1] == "found"
