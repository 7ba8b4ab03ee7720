from datetime import timedelta

from msp_ops.engine.stopping import Stopping
from msp_ops.journeys.finish import to_the_end
from msp_ops.journeys.run_runbook import run_runbook
from msp_ops.transports.fake import FakeHost
from tests.engine.parts import audit, disk_answer
from tests.journeys.cast import asked, parts_with


def test_who_works_at_the_clients_place_says_so(store, clock):
    parts = parts_with(store, clock, {"a": FakeHost(looked=disk_answer("40%"))})
    there = asked(clock, audit(), hosts=asked(clock).hosts[:1], place="on-site")
    to_the_end(run_runbook(parts, there, Stopping()))
    assert [work.place for work, _ in store.work.list("acme")] == ["on-site"]


def test_the_hosts_own_time_is_told_apart_from_that_of_the_run(store, clock):
    hosts = {name: FakeHost(looked=disk_answer("40%")) for name in ("a", "b", "c")}
    parts = parts_with(store, clock, hosts)
    run = store.runs.read(to_the_end(run_runbook(parts, asked(clock, audit()), Stopping())).id)
    ((work, _),) = store.work.list("acme")
    alone = [host.result.interval.duration for host in run.hosts if host.result]
    assert len(alone) == len(run.hosts) > 1
    assert work.hosts_time == sum(alone, timedelta(0))
