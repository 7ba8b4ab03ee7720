import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from msp_ops.domain.finding import Measurement
from msp_ops.domain.outcome import Outcome
from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import open_store
from tests.store.cast import KIM, TICKET, looked, plan, result

GIB = 1024**3


@pytest.fixture
def measured(sample):
    """web1's disk lost half a gibibyte a day for two weeks, db1 was looked at once."""
    now = SystemClock().now()

    def free(host, days_ago, gib):
        at = now - timedelta(days=days_ago, minutes=1)
        return host, Measurement(name="disk_free:/var", value=Decimal(int(gib * GIB)), unit="bytes", at=at)

    looks = [*(free("web1", ago, 10 + ago / 2) for ago in range(14, -1, -1)), free("db1", 0, 3)]
    with open_store(f"sqlite:///{sample}/.state/store.db", SystemClock()) as store:
        for number, (host, figure) in enumerate(looks):
            step = replace(looked("disk"), measurements=(figure,))
            store.journal.open_run(f"r{number}", plan(host), TICKET, KIM)
            store.journal.record(f"r{number}", result(host, Outcome.SUCCEEDED, step))
    return (now + timedelta(days=20)).date()


def test_when_a_disk_will_be_full_is_told_and_what_is_not_known_is_told_too(msp_ops, measured):
    done = msp_ops("hosts", "forecast", "acme/all")
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert f"about {measured.isoformat()}" in rows["acme/web1"]
    assert "10.0 GiB" in rows["acme/web1"]
    assert "-0.50 GiB" in rows["acme/web1"]
    assert "cannot tell yet: measured on 1 of 1 days" in rows["acme/db1"]
    assert "unknown: nobody measured its disks" in rows["acme/web2"]


def test_a_program_reads_the_same(msp_ops, measured):
    done = msp_ops("hosts", "forecast", "acme/web1", "--json")
    (host,) = json.loads(done.stdout)
    (place,) = host["places"]
    assert (host["client"], host["host"], place["place"]) == ("acme", "web1", "/var")
    assert place["full_on"] == measured.isoformat()


def test_a_host_that_is_not_there_is_named(msp_ops):
    done = msp_ops("hosts", "forecast", "acme/web9")
    assert done.returncode != 0
    assert "web9" in done.stderr
