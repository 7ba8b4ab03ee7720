"""A disk that will be full is something that the client decides about, while there is time."""

from datetime import date

from msp_ops.domain.growth import Growth
from tests.reports.novembers import acme_month


def growing(host: str, full_on: date | None, place: str = "/var") -> dict[str, tuple[Growth, ...]]:
    late = Growth(place="/srv", points=20, days=30, free=10**9, per_day=10**7, full_on=date(2027, 2, 27))
    return {host: (late, Growth(place=place, points=20, days=30, free=10**9, per_day=10**8, full_on=full_on))}


def asked(**given: object) -> dict[str, str]:
    return {decision.title: decision.words for decision in acme_month(**given).decisions}  # type: ignore[no-untyped-call]


def test_the_place_that_will_be_full_first_is_named_with_its_day() -> None:
    told = asked(growing=growing("web1", date(2027, 1, 10)))
    assert told["Plan more storage for web1"].startswith(
        "At the present rate /var will be full around 10 January 2027."
    )
    assert "/srv" not in told["Plan more storage for web1"]


def test_what_is_far_off_or_unknown_is_no_decision() -> None:
    before = asked()
    assert asked(growing={"web1": growing("web1", None)["web1"][1:]}) == before
    assert asked(growing=growing("web1", date(2027, 4, 1), "/a")) != before, "the other place is soon enough"
    assert asked(growing={"web1": growing("web1", date(2027, 4, 1))["web1"][1:]}) == before


def test_a_machine_whose_storage_is_full_already_is_asked_about_once() -> None:
    full = [title for title in asked() if "storage of" in title]
    machine = full[0].removeprefix("Decide about the storage of ")
    assert asked(growing=growing(machine, date(2027, 1, 10))) == asked()
