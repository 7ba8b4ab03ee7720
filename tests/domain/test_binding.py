"""Parameters: what somebody gave becomes what a script reads, or is refused with what would be right."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msp_ops.domain.binding import bind, together
from msp_ops.domain.client import Client, Credential, Host, Site
from msp_ops.domain.errors import PlanError
from msp_ops.domain.parameters import Bool, Choice, GivenFile, Int, OtherHost, Secret, Size, Span, Text
from msp_ops.domain.runbook import Runbook

RUNBOOK = Runbook(
    id="fix",
    title="Fix",
    activity="break/fix",
    impact="changes",
    steps=(),
    client_sentence="Fixed.",
    parameters={
        "service": Text(kind="text", title="Name of the service", pattern="[a-z@.:-]+"),
        "note": Text(kind="text", title="Note", default=""),
        "how": Choice(kind="choice", title="How", options=("restart", "reload"), default="restart"),
        "port": Int(kind="int", title="Port", minimum=-1, maximum=65535, default=0),
        "force": Bool(kind="bool", title="Force"),
        "steady": Span(kind="duration", title="Steady", default=timedelta(minutes=1, seconds=30)),
        "room": Size(kind="size", title="Room", default="2MiB"),
        "twin": OtherHost(kind="host", title="The host beside it", default="web1"),
    },
    scripts={},
    digest="",
)
ACME = Client(
    id="acme",
    name="Acme",
    timezone="Europe/Berlin",
    currency="EUR",
    sites=(Site(id="office", name="Office", hosts=(Host(id="web1", address="10.0.0.1"),)),),
    contracts=(),
    credentials={"default": Credential(user="ops", agent=True)},
)


def refusal(**given: str) -> str:
    with pytest.raises(PlanError) as caught:
        bind(RUNBOOK, {"service": "nginx"} | given, ACME)
    return str(caught.value)


def test_what_is_not_given_is_the_default_as_a_script_reads_it() -> None:
    assert bind(RUNBOOK, {"service": "nginx"}, ACME) == {
        "service": "nginx",
        "note": "",
        "how": "restart",
        "port": "0",
        "force": "no",
        "steady": "90",
        "room": "2097152",
        "twin": "web1",
    }


@pytest.mark.parametrize(
    ("name", "written", "bound"),
    [
        ("force", "yes", "yes"),
        ("force", "true", "yes"),
        ("force", "false", "no"),
        ("steady", "1h30m", "5400"),
        ("steady", "14d", "1209600"),
        ("steady", "0s", "0"),
        ("port", "-1", "-1"),
        ("room", "20GiB", "21474836480"),
        ("twin", "web1", "web1"),
        ("port", "65535", "65535"),
        ("note", "", ""),
        ("note", "$(reboot); 'quoted' \"too\" ünï", "$(reboot); 'quoted' \"too\" ünï"),
        ("how", "reload", "reload"),
    ],
)
def test_what_fits_reaches_the_script(name: str, written: str, bound: str) -> None:
    assert bind(RUNBOOK, {"service": "nginx", name: written}, ACME)[name] == bound


@pytest.mark.parametrize(
    ("name", "written", "says"),
    [
        ("service", "Nginx", "service: 'Nginx' does not fit; right is text that matches [a-z@.:-]+"),
        ("service", "nginx\nx", "line break"),
        ("service", "nginx\n", "line break"),
        ("service", "nginx x", "does not fit"),
        ("service", "-rf", "begins with a dash"),
        ("service", "", "does not fit"),
        ("note", "-x", "begins with a dash"),
        ("note", "a\x00b", "invisible character"),
        ("note", "a\x1b[2Jb", "invisible character"),
        ("note", "a\x85b", "line break"),
        ("note", "a\u2028b", "line break"),
        ("note", "a\u2029b", "line break"),
        ("note", "a\udce9b", "invisible character"),
        ("service", "nginx\udcff", "invisible character"),
        ("note", "x" * 1001, "more than 1000 characters"),
        ("how", "relaod", "right is one of restart, reload; did you mean 'reload'?"),
        ("port", "-2", "a whole number from -1 to 65535"),
        ("port", "65536", "a whole number from -1 to 65535"),
        ("port", "022", "does not fit"),
        ("port", "1e3", "does not fit"),
        ("port", "1_0", "does not fit"),
        ("port", "\u0663", "does not fit"),
        ("force", "y", "yes or no"),
        ("force", "", "yes or no"),
        ("steady", "90", "not a length of time"),
        ("steady", "", "not a length of time"),
        ("steady", "-5m", "begins with a dash"),
        ("room", "20GB", "not a size"),
        ("room", "20", "not a size"),
        ("room", "0GiB", "not a size"),
        ("twin", "web2", "no host 'web2'; hosts: web1; did you mean 'web1'?"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, written: str, says: str) -> None:
    assert says in refusal(**{name: written})


def test_everything_that_does_not_fit_is_told_at_once() -> None:
    with pytest.raises(PlanError) as caught:
        bind(RUNBOOK, {"servce": "nginx", "port": "x"}, ACME)
    assert str(caught.value).splitlines() == [
        f"fix has no parameter 'servce'; parameters: {', '.join(RUNBOOK.parameters)}; did you mean 'service'?",
        "service: a value is missing: Name of the service; right is text that matches [a-z@.:-]+",
        "port: 'x' does not fit; right is a whole number from -1 to 65535",
    ]


LATE = replace(
    RUNBOOK,
    parameters={"key": Secret(kind="secret", title="The key"), "config": GivenFile(kind="file", title="The new one")},
)


MANY = replace(
    RUNBOOK,
    parameters={
        "exclude": Text(
            kind="text", title="Leave alone", pattern="[a-z-]+", minimum=2, maximum=5, many=True, default=""
        ),
        "only": Choice(kind="choice", title="Only these", options=("web", "db", "mail"), many=True, default="web\ndb"),
        "names": Text(kind="text", title="Whom", many=True),
    },
)


def test_many_values_reach_a_script_as_one_text_a_line_each() -> None:
    given = {"exclude": together(["nginx", "db-x"]), "names": "Ada Love; $(reboot)\n'x'"}
    assert bind(MANY, given, ACME) == given | {"only": "web\ndb"}
    assert bind(MANY, {"names": "x"}, ACME)["exclude"] == ""
    assert bind(MANY, {"names": "x", "exclude": ""}, ACME)["exclude"] == ""


@pytest.mark.parametrize(
    ("name", "written", "says"),
    [
        ("exclude", "nginx\n-rf", "'-rf' begins with a dash"),
        ("exclude", "nginx\n", "'' does not fit"),
        ("exclude", "\nnginx", "'' does not fit"),
        ("exclude", "nginx\nX", "'X' does not fit; right is text that matches [a-z-]+, of 2 to 5 characters"),
        ("exclude", "nginx\na", "'a' does not fit"),
        ("exclude", "nginx\nnginxx", "'nginxx' does not fit"),
        ("exclude", "nginx\ra", "line break"),
        ("names", "a\x00\nb", "invisible character"),
        ("names", "", "'' does not fit"),
        ("names", "\n".join("x" * 101), "101 values are too many; right are 100 at most"),
        ("only", "web\ndbx", "right is one of web, db, mail; did you mean 'db'?"),
        ("only", "", "'' does not fit"),
    ],
)
def test_each_of_many_values_must_fit(name: str, written: str, says: str) -> None:
    with pytest.raises(PlanError) as caught:
        bind(MANY, {"names": "x"} | {name: written}, ACME)
    assert f"{name}: " in str(caught.value)
    assert says in str(caught.value)


def test_a_value_cannot_pass_for_two() -> None:
    with pytest.raises(ValueError, match="one of the values has a line break"):
        together(["nginx", "db\n-rf"])


@given(values=st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_whatever_is_given_as_many_keeps_its_number_or_is_refused(values: list[str]) -> None:
    try:
        bound = bind(MANY, {"names": together(values)}, ACME)["names"]
    except (PlanError, ValueError):
        return
    assert bound.split("\n") == values
    assert not any(line.startswith("-") for line in bound.split("\n"))


BOUND = replace(
    RUNBOOK,
    parameters={
        "word": Text(kind="text", title="Word", minimum=3, default="abc"),
        "steady": Span(
            kind="duration",
            title="Steady",
            minimum=timedelta(minutes=1),
            maximum=timedelta(hours=2),
            default=timedelta(minutes=1),
        ),
        "room": Size(kind="size", title="Room", minimum="512MiB", maximum="1GiB", default="1GiB"),
    },
)


@pytest.mark.parametrize(
    ("name", "fitting", "wrong", "says"),
    [
        ("word", ("abc", "x" * 200), ("ab", "x" * 1001), "of 3 characters or more"),
        (
            "steady",
            ("1m", "60s", "2h"),
            ("59s", "0s", "2h1s"),
            "a length of time such as 90s, 26h or 14d, 1m or more, 2h",
        ),
        (
            "room",
            ("512MiB", "1024MiB"),
            ("511MiB", "2GiB"),
            "a size such as 512MiB or 20GiB, 512MiB or more, 1GiB at most",
        ),
    ],
)
def test_bounds_are_included(name: str, fitting: tuple[str, ...], wrong: tuple[str, ...], says: str) -> None:
    for each in fitting:
        assert bind(BOUND, {name: each}, ACME)[name]
    for each in wrong:
        with pytest.raises(PlanError) as caught:
            bind(BOUND, {name: each}, ACME)
        assert says in str(caught.value) or len(each) > 1000


@pytest.mark.parametrize("reference", ["env:KEY", "file:secrets/key", "file:/etc/key of ops"])
def test_of_a_secret_the_reference_is_bound_and_of_a_file_the_path(reference: str) -> None:
    assert bind(LATE, {"key": reference, "config": "a b.conf"}, ACME) == {"key": reference, "config": "a b.conf"}


@pytest.mark.parametrize(
    "written", ["s3cret", "-s3cret", "env:s3-cret", "file:s3\ncret", "s3cret" * 500, "http:s3cret", ""]
)
def test_a_secret_itself_is_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(PlanError) as caught:
        bind(LATE, {"key": written, "config": "x"}, ACME)
    assert str(caught.value).startswith(
        "key: what was given is no reference to a secret, and is not shown here; right is"
    )
    assert "s3" not in str(caught.value)


@pytest.mark.parametrize("written", ["-x", "", "a\nb", "a\x00b"])
def test_the_path_of_a_file_is_a_line_that_is_no_option(written: str) -> None:
    with pytest.raises(PlanError, match=r"^config: "):
        bind(LATE, {"key": "env:KEY", "config": written}, ACME)


def test_both_must_be_given() -> None:
    with pytest.raises(PlanError) as caught:
        bind(LATE, {}, ACME)
    assert str(caught.value).splitlines() == [
        "key: a value is missing: The key; right is a reference to it, env:NAME or file:PATH",
        "config: a value is missing: The new one; right is the path of a file, from the workspace or from the root",
    ]


@given(text=st.text())
def test_whatever_is_given_is_carried_unchanged_or_refused(text: str) -> None:
    try:
        assert bind(RUNBOOK, {"service": "nginx", "note": text}, ACME)["note"] == text
    except PlanError:
        assert text.startswith("-") or len(text) > 200 or not text.isprintable()
