from dataclasses import replace
from datetime import timedelta

from msp_ops.domain.outcome import Outcome
from msp_ops.store import Store
from tests.store.cast import KIM, NOON, TICKET, begin, interval, plan, result, work


class Past:
    """Runs that changed a host, one a day; each takes as many seconds as it is told."""

    def __init__(self, store: Store, clock) -> None:
        self.store = store
        self.clock = clock
        self.number = 0

    def __call__(self, host: str, seconds: int, outcome: Outcome = Outcome.SUCCEEDED, **planned: str) -> None:
        run_id = self.open(host, **planned)
        begin(self.store, run_id, host)
        self.end(run_id, host, seconds, outcome)

    def open(self, host: str, **planned: str) -> str:
        self.number += 1
        self.clock.move(timedelta(days=1))
        self.store.journal.open_run(f"r{self.number}", plan(host, **planned), TICKET, KIM)
        return f"r{self.number}"

    def end(self, run_id: str, host: str, seconds: int, outcome: Outcome = Outcome.SUCCEEDED) -> None:
        self.store.journal.record(run_id, replace(result(host, outcome), interval=interval(NOON, seconds)))


def seconds(store: Store, client: str = "acme", runbook: str = "fix-service") -> dict[str, list[int]]:
    past = store.durations.past(client, runbook)
    return {host: [span.seconds for span in spans] for host, spans in past.items()}


def test_the_last_ten_of_each_host_come_newest_first(store: Store, clock):
    past = Past(store, clock)
    for number in range(1, 13):
        past("web1", number)
    past("db1", 100)
    assert seconds(store) == {"web1": list(range(12, 2, -1)), "db1": [100]}


def test_only_good_ends_of_real_changes_by_that_runbook_at_that_client_count(store: Store, clock):
    past = Past(store, clock)
    past("web1", 10)
    past("web1", 20, Outcome.FAILED)
    past("web1", 30, client="borealis")
    past("web1", 40, runbook="patch-linux")
    past.end(past.open("web1"), "web1", 50)  # nothing was to do: no change was sent
    past.store.journal.close_run("r1", work("r1"), ())
    assert seconds(store) == {"web1": [10]}
    assert seconds(store, "borealis") == {"web1": [30]}
    assert seconds(store, runbook="patch-linux") == {"web1": [40]}
    assert seconds(store, "nobody") == {}
