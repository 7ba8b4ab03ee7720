from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from msp_ops.domain.finding import Measurement
from msp_ops.store import Store
from tests.store.cast import KIM, NOON, TICKET, looked, plan, result

DAY = timedelta(days=1)


def note(store: Store, run_id: str, host: str, *figures: Measurement, client: str = "acme") -> None:
    store.journal.open_run(run_id, plan(host, client=client), TICKET, KIM)
    store.journal.record(run_id, result(host, result("x").outcome, replace(looked("disk"), measurements=figures)))


def free(place: str, value: int, at: datetime = NOON) -> Measurement:
    return Measurement(name=f"disk_free:{place}", value=Decimal(value), unit="bytes", at=at)


def values(store: Store) -> dict[str, dict[str, list[int]]]:
    found = store.measurements.series("acme", "disk_free", NOON - DAY, NOON + 9 * DAY)
    return {host: {place: [int(each.value) for each in few] for place, few in of.items()} for host, of in found.items()}


def test_the_figures_of_a_kind_come_by_host_and_subject_the_oldest_first(store: Store) -> None:
    note(store, "r1", "web1", free("/var", 2, NOON + DAY), free("/", 7))
    note(store, "r2", "web1", free("/var", 1))
    note(store, "r3", "db1", free("/srv/a:b", 3))
    assert values(store) == {"web1": {"/var": [1, 2], "/": [7]}, "db1": {"/srv/a:b": [3]}}


def test_other_kinds_other_clients_and_other_times_are_left_out(store: Store) -> None:
    other = replace(free("/", 5), name="disk_freed:/")
    wild = replace(free("/", 6), name="diskXfree:/")
    note(store, "r1", "web1", free("/", 1), other, wild, free("/", 9, NOON + 9 * DAY), free("/", 8, NOON - 2 * DAY))
    note(store, "r2", "web1", free("/", 4), client="borealis")
    assert values(store) == {"web1": {"/": [1]}}
