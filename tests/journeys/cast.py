"""Parts with a real store and hosts that answer from what they were given."""

from dataclasses import replace
from pathlib import Path

from msp_ops.domain.actor import Actor
from msp_ops.domain.clock import Stopwatch
from msp_ops.domain.msp import Msp
from msp_ops.domain.trigger import OnDemand
from msp_ops.files.workspace import Workspace
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.run_runbook import Asked
from msp_ops.transports.fake import FakeTransport
from tests.engine.parts import ACME, CHECKS, HOSTS, IMPATIENT, runbook
from tests.store.books import KEY, WITNESS

KIM = Actor(kind="person", name="kim", authenticated_by="a test")
TICKET = OnDemand(ticket="T-1", reason="it hurts")


class Keys:
    """The ledger's keys of tests."""

    def signer(self):
        return KEY

    def witness(self):
        return WITNESS


def parts_with(store, clock, hosts, client=ACME, books=(), root=Path("/nowhere")):
    workspace = Workspace(
        root=root,
        msp=Msp(name="Northwind IT", contact="desk@northwind.example"),
        clients={client.id: client},
        library={book.id: book for book in books},
        mistakes={},
    )
    return Parts(
        workspace=workspace,
        store=store,
        wire=FakeTransport(hosts),
        resolve=lambda reference: reference,
        checks=CHECKS,
        clock=clock,
        summaries=root / "summaries",
        patience=IMPATIENT,
    )


def asked(clock, book=None, **changes):
    whole = Asked(
        client=ACME,
        runbook=book or runbook(),
        hosts=HOSTS,
        parameters={},
        trigger=TICKET,
        actor=KIM,
        attended=Stopwatch.start(clock),
    )
    return replace(whole, **changes)
