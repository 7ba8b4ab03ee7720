"""`contracts show` and `contracts explain`: what was agreed, and why a run costs what it costs."""

import json

COBALT = """\
name: Cobalt Print
timezone: Europe/Lisbon
currency: EUR
sites: [{id: lisbon, name: Lisbon, hosts: [{id: press1, address: 192.0.2.11}]}]
credentials: {default: {user: ops, agent: yes}}
hours:
  open: [{days: [mon, tue, wed, thu, fri], start: 08:00, end: 18:00}]
  holidays: {country: PT}
contracts:
  - kind: block-hours
    id: block
    hours: 20
    per: month
    rollover_cap: 5
    price: 1800
    overage_rate: 110.50
    since: 2020-01-01
    multipliers: {after-hours: 1.5}
    role_rates: {senior: 140}
    on_site: {hourly_rate: 150, minimum: 2h}
    tax: IVA 23%
    rounding: {increment: 15m, scope: ticket}
"""


def test_a_contract_is_told_in_words(msp_ops, sample):
    (sample / "clients" / "cobalt.yaml").write_text(COBALT)
    done = msp_ops("contracts", "show", "cobalt")
    assert done.returncode == 0, done.stderr
    expires = ", of which 20 h expire at the month's end"
    assert done.stdout.splitlines() == [
        "Hours of Cobalt Print in Europe/Lisbon: mon, tue, wed, thu, fri 08:00-18:00; holidays of PT",
        "1. block (block-hours)",
        "   in force from 2020-01-01",
        "   covers everything on all hosts",
        "   20 h paid ahead each month for EUR 1,800.00, at most 5 h go into the next; then overage",
        "   an hour: 110.50 EUR/h in business hours, 165.75 EUR/h after hours",
        "   senior: 140.00 EUR/h in business hours, 210.00 EUR/h after hours",
        "   an hour draws 1 h in business hours, 1.5 h after hours",
        "   counted in 15-minute steps, by ticket",
        "   on site: 150.00 EUR/h, 2 h at least",
        "   amounts are before IVA 23%",
        f"   this month: 20 h bought, 5 h carried over, 0 min drawn: 25 h at hand{expires}",
    ]


def test_contracts_are_told_to_scripts_too(msp_ops):
    done = msp_ops("contracts", "show", "acme", "--json")
    assert [each["id"] for each in json.loads(done.stdout)["contracts"]] == ["care", "repairs"]


def test_a_runs_price_is_explained_step_by_step(msp_ops, past_run):
    run = past_run()
    done = msp_ops("contracts", "explain", run.id)
    assert done.returncode == 0, done.stderr
    assert f"w-{run.id}, priced in" in done.stdout
    assert "contract care prices it: in force on" in done.stdout
    assert "managed.covered" in done.stdout


def test_an_explanation_is_told_to_scripts_too(msp_ops, past_run):
    run = past_run()
    told = json.loads(msp_ops("contracts", "explain", run.id, "--json").stdout)
    assert told["explanation"]["charges"][0]["rule"] == "managed.covered"


def test_a_run_that_is_not_there_is_told_in_one_line(msp_ops):
    done = msp_ops("contracts", "explain", "nosuch")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
