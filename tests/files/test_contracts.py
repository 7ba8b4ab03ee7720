"""Contracts, offers, hours and people as they are written: what they mean, and what is said of a mistake."""

import subprocess
import sys
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from msp_ops.domain.contract import BlockHours, Managed, OnSite, Rounding
from msp_ops.domain.errors import FileError
from msp_ops.domain.hours import Holidays, Hours, OpenHours
from msp_ops.domain.msp import Msp, Person
from msp_ops.files.client_file import load_client
from msp_ops.files.people_rules import remarks_on_roles
from msp_ops.files.workspace import load_msp
from tests.files.cast import spoil, write

CLIENT = """\
name: Cobalt Print
timezone: Europe/Lisbon
currency: EUR
sites:
  - {id: lisbon, name: Lisbon, hosts: [{id: press1, address: 192.0.2.11}]}
credentials:
  default: {user: ops, agent: yes}
hours:
  open:
    - {days: [mon, tue, wed, thu, fri], start: 08:00, end: 18:00}
    - {days: [sun], start: 22:00, end: 00:00}
  holidays: {country: PT, region: "11", also: [2026-12-24], worked: [2026-12-08]}
contracts:
  - kind: block-hours
    id: block
    hours: 20
    per: month
    rollover_cap: 5
    price: 1800
    overage_rate: 110.50
    since: 2026-01-01
    multipliers: {after-hours: 1.5, holiday: 2.5}
    role_rates: {senior: 140}
    on_site: {hourly_rate: 150, minimum: 2h, increment: 1h, grace: 15m}
    tax: IVA 23%
    rounding: {increment: 15m, scope: ticket}
offers:
  - kind: managed
    id: plan
    monthly_fee: 600
    since: 2026-01-01
    covered_hours: [business]
    included_hours: 7.5
    overage_rate: 99
"""
MISTAKES = [  # what is spoilt, into what, what the caret stands under, what is said
    ("country: PT", "country: Portugal", "Portugal", "no holidays are known of 'Portugal'; write one of 250 ISO 3166"),
    ("country: PT", "country: XX", "XX", "codes such as DE"),
    ('region: "11"', "region: BE", "BE, also", "PT has no region 'BE' with holidays of its own; regions: 01, 02, 03"),
    ("country: PT, ", "", '"11"', "a region belongs to a country; add country"),
    ("worked: [2026-12-08]", "worked: [2026-12-24]", "2026-12-24]}", "2026-12-24 stands under also too"),
    ("end: 18:00", "end: 08:00", "08:00}", "end must lie behind start 08:00; over midnight write two"),
    ("days: [sun]", "days: []", "[], start", "no day is named"),
    ("days: [sun]", "days: [sunday]", "sunday]", "did you mean 'sun'?"),
    ("holiday: 2.5", "holidy: 2.5", "holidy: 2.5", "did you mean 'holiday'?"),
    ("hours: 20", "hours: 0", "0", "a block of no hours"),
    ("per: month", "per: once", "5", "only of hours by the month some expire"),
    ("per: month", "per: year", "year", "right is once, month"),
    ("scope: ticket", "scope: job", "job", "right is entry, ticket, day"),
    (
        "increment: 1h, grace: 15m",
        "increment: 10m, grace: 15m",
        "{hourly_rate: 150",
        "grace must be shorter than increm",
    ),
    (
        "increment: 15m, scope",
        "increment: 15m, grace: 20m, scope",
        "20m, scope",
        "grace must be shorter than increment",
    ),
    ("    overage_rate: 99\n", "", "[business]", "what lies beyond covered_hours costs the overage_rate; add it"),
    ("id: plan", "id: Plan", "Plan", "such as 'plan'"),
    ("role_rates: {senior: 140}", "role_rates: {senior: much}", "much}", "is not an amount"),
]


@pytest.mark.parametrize(("old", "new", "at", "says"), MISTAKES)
def test_a_wrong_word_is_shown_where_it_stands(tmp_path: Path, old: str, new: str, at: str, says: str) -> None:
    text = spoil(CLIENT, old, new)
    with pytest.raises(FileError) as caught:
        load_client(write(tmp_path / "cobalt.yaml", text))
    found = str(caught.value).splitlines()
    places = [line.split(": ", maxsplit=1)[0].split(":")[-2:] for line in found if says in line]
    assert any(text.splitlines()[int(line) - 1][int(column) - 1 :].startswith(at) for line, column in places), found


@pytest.mark.parametrize(
    ("cut", "says"),
    [
        (("hours:\n", "contracts:"), "after-hours never comes: the client has no business hours"),
        (("  holidays:", "contracts:"), "holiday never comes: the client has no holidays"),
    ],
)
def test_a_price_for_hours_that_never_come_is_a_mistake(tmp_path: Path, cut: tuple[str, str], says: str) -> None:
    begin, end = CLIENT.index(cut[0]), CLIENT.index(cut[1])
    with pytest.raises(FileError, match=says):
        load_client(write(tmp_path / "cobalt.yaml", CLIENT[:begin] + CLIENT[end:]))


def test_a_sound_file_means_what_it_says(tmp_path: Path) -> None:
    client = load_client(write(tmp_path / "cobalt.yaml", CLIENT))
    assert client.hours == Hours(
        open=(
            OpenHours(days=("mon", "tue", "wed", "thu", "fri"), start=time(8), end=time(18)),
            OpenHours(days=("sun",), start=time(22), end=time()),
        ),
        holidays=Holidays(country="PT", region="11", also=(date(2026, 12, 24),), worked=(date(2026, 12, 8),)),
    )
    (block,), (offer,) = client.contracts, client.offers
    assert isinstance(block, BlockHours)
    assert isinstance(offer, Managed)
    assert (block.per, block.rollover_cap, block.price, block.tax) == ("month", Decimal(5), Decimal(1800), "IVA 23%")
    assert block.multipliers == {"after-hours": Decimal("1.5"), "holiday": Decimal("2.5")}
    assert block.role_rates == {"senior": Decimal(140)}
    hour, quarter = timedelta(hours=1), timedelta(minutes=15)
    assert block.on_site == OnSite(hourly_rate=Decimal(150), minimum=2 * hour, increment=hour, grace=quarter)
    assert block.rounding == Rounding(increment=quarter, scope="ticket")
    assert (offer.covered_hours, offer.included_hours, offer.overage_rate) == (
        ("business",),
        Decimal("7.5"),
        Decimal(99),
    )


def test_msp_yaml_says_who_works_here_in_which_role(tmp_path: Path) -> None:
    text = "name: Northwind\ncontact: desk@northwind.example\npeople:\n  - {name: kim, role: senior}\n"
    write(tmp_path / "msp.yaml", text)
    msp = load_msp(tmp_path)
    assert msp.people == (Person(name="kim", role="senior"),)
    assert (msp.role_of("kim"), msp.role_of("root"), msp.role_of(None)) == ("senior", None, None)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("role: senior", "rolle: senior", "did you mean 'role'?"),
        ("{name: kim, ", "{name: sam, role: x}, {name: sam, ", "the login 'sam' is taken in line 3"),
    ],
)
def test_a_mistake_about_people_is_shown(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = "name: Northwind\ncontact: desk@northwind.example\npeople: [{name: kim, role: senior}]\n"
    write(tmp_path / "msp.yaml", spoil(text, old, new))
    with pytest.raises(FileError, match=says.replace("?", r"\?")):
        load_msp(tmp_path)


def test_a_rate_for_a_role_that_nobody_has_is_remarked(tmp_path: Path) -> None:
    client = load_client(write(tmp_path / "cobalt.yaml", CLIENT))
    nobody, kim = (Msp(name="N", contact="c", people=(Person(name="kim", role=role),)) for role in ("snior", "senior"))
    assert list(remarks_on_roles(kim, [client])) == []
    (said,) = remarks_on_roles(nobody, [client])
    assert said.startswith("cobalt: contract 'block' has a rate for 'senior', which is nobody's role;")
    assert said.endswith("roles in msp.yaml: snior; did you mean 'snior'?")


def test_holidays_of_a_country_are_read_without_loading_all_countries(tmp_path: Path) -> None:
    """`holidays` takes 0.4 s, and who lists hosts asks for no holiday."""
    path = write(tmp_path / "cobalt.yaml", CLIENT)
    program = f"""
import sys
from pathlib import Path
from msp_ops.files.client_file import load_client
assert load_client(Path({str(path)!r})).hours.holidays.country == "PT"
print("holidays" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"
