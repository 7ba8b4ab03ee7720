"""A client's file: what a sound one means, and what is said when one word of it is wrong."""

from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from msp_ops.domain.client import Client
from msp_ops.domain.contract import BlockHours, Rounding, Scope
from msp_ops.domain.errors import FileError
from msp_ops.domain.rollout import Rollout, Share
from msp_ops.domain.schedule import Schedule
from msp_ops.files.client_file import load_client
from msp_ops.files.runbook_file import load_runbook
from tests.files.cast import CLIENT, LOOK, PATCH, heads, spoil, write, write_runbook

DURATIONS = "write for example 90s, 15m, 1h30m, 26h or 14d"
MISTAKES = [  # what is spoilt, into what, what the caret stands under, what is said
    ("timezone:", "timzone:", "timzone: Europe/Lisbon", "did you mean 'timezone'?"),
    ("timezone:", "timzone:", "name: Cobalt Print", "timezone is missing; add it"),
    (
        "timezone: Europe/Lisbon\ncurrency: EUR\n",
        "",
        "name: Cobalt Print",
        "timezone and currency are missing; add them",
    ),
    ("Europe/Lisbon", "Europe/Lisbn", "Europe/Lisbn", "did you mean 'Europe/Lisbon'?"),
    ("Europe/Lisbon", "lisbon", "lisbon", "did you mean 'Europe/Lisbon'?"),
    ("Europe/Lisbon", "+01:00", "+01:00", "there is no time zone '+01:00'"),
    ("EUR", "eur", "eur", "'eur' is not a currency; write its three capitals"),
    ("name: Cobalt Print", "name: ''", "''", "name: the text is empty"),
    ("name: Cobalt Print", 'name: "a\\nb"', '"a\\nb"', "on one line"),
    ("name: Cobalt Print", "name: [a]", "[a]", "name: a list stands here; right is a single text"),
    ("name: Cobalt Print", "id: cobalt\nname: Cobalt Print", "id: cobalt", "the client's id is the name of its file"),
    ("id: lisbon", "id: Lisbon", "Lisbon", "such as 'lisbon'"),
    ("id: porto", "id: lisbon", "lisbon", "'lisbon' is taken in line 5"),
    ("id: press2", "id: press1", "press1, address: 192.0", "host id 'press1' is taken in line 9"),
    ("id: files1", "id: press", "press, address: files.", "'press' already names a site, a role or all hosts"),
    ("id: files1", "id: all", "all, address: files.co", "already names"),
    ("roles: [press, spare]", "roles: [press, porto]", "porto]}", "'porto' already names a site"),
    ("192.0.2.11", "-oProxyCommand=x", "-oProxyCommand=x, role", "neither an IP address nor a host name"),
    ("192.0.2.11", "192.0.2.300", "192.0.2.300, roles: [p", "neither an IP address nor a host name"),
    ("192.0.2.11", "web_1", "web_1, roles: [press], ", "neither an IP address nor a host name"),
    ("192.0.2.11", "'fe80::1%eth0'", "'fe80::1%eth0', roles:", "neither an IP address nor a host name"),
    ("files.cobalt.example", "192.0.2.11", "192.0.2.11}", "the address '192.0.2.11 port 22' is taken in line 9"),
    ("port: 2222", "port: 022", "022, roles: [press, sp", "without a leading zero"),
    ("port: 2222", "port: 65536", "65536, roles: [press, ", "right is 1 to 65535"),
    ("port: 2222", "port: 22, host_keys: [x]", "host_keys: [x], roles:", "msp-ops hosts trust"),
    ("credential: default}", "credential: defualt}", "defualt}", "did you mean 'default'?"),
    ("  default:\n    user", "  other:\n    user", "{id: press1, address: ", "there is none called 'default'"),
    ("  default:\n    user", "  Default:\n    user", "Default:", "'Default' is not an id"),
    ("user: ops", "user: -l", "-l", "is not a user name"),
    ("    key: file:keys/ops\n    passphrase: env:OPS_PASSPHRASE\n", "", "user: ops", "cannot log in"),
    ("    key: file:keys/ops\n", "    agent: yes\n", "env:OPS_PASSPHRASE", "a passphrase opens a key"),
    ("file:keys/ops", "hunter2", "hunter2", "secrets are not kept in files"),
    ("env:OPS_PASSPHRASE", "env:OPS PASS", "env:OPS PASS", "write env:NAME"),
    ("kind: block-hours", "kind: block", "block", "did you mean 'block-hours'?"),
    (
        "kind: block-hours",
        "knd: block-hours",
        "knd: block-hours",
        "kind is missing; add kind: and one of managed, block-hours",
    ),
    ("hours: 20", "hours: 1e3", "1e3", "'1e3' is not an amount"),
    ("110.50", "110,50", "110,50", "such as 450 or 95.50"),
    ("110.50", "-1", "-1", "is not an amount"),
    ("2026-01-01", "2026-02-30", "2026-02-30", "there is no day 2026-02-30"),
    ("2026-01-01", "1767225600", "1767225600", "such as 2026-01-31"),
    ("2026-12-31", "2025-12-31", "2025-12-31", "until lies before since 2026-01-01"),
    ("[patching]", "[patchng]", "patchng], hosts: [pres", "did you mean 'patching'?"),
    ("hosts: [press1]", "hosts: [press9]", "press9]}", "there is no host 'press9'; hosts: press1, files1, press2"),
    ("increment: 30m", "increment: 0m", "0m, grace: 10m}", "no time at all"),
    ("grace: 10m", "grace: 30m", "30m}", "grace must be shorter than increment"),
    ("duration: 4h", "duration: 4 hours", "4 hours", "write for example 90s, 15m, 1h30m"),
    ("duration: 4h", "duration: PT4H", "PT4H", "is not a length of time"),
    ("start: 22:00", "start: 24:00", "24:00", "00:00 to 23:59"),
    ("start: 22:00", "start: 6:30", "6:30", "such as 06:30"),
    ("FREQ=MONTHLY;BYDAY=2SA", "FREQ=HOURLY", "FREQ=HOURLY", "FREQ"),
    ("FREQ=MONTHLY;BYDAY=2SA", "FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=3", "COUNT"),
    ("FREQ=MONTHLY;BYDAY=2SA", "DTSTART=20260101;FREQ=DAILY", "DTSTART=20260101;FREQ=", "DTSTART"),
    ("FREQ=MONTHLY;BYDAY=2SA", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;", "no day"),
    ("last_day: 2027-01-03", "last_day: 2026-12-01", "2026-12-01, reason: ye", "last_day lies before first_day"),
    ("window: nights", "window: night", "night}", "did you mean 'nights'?"),
    (", window: nights", "", "{id: patch, runbook: p", "patch has no time"),
    (", window: nights", ", start: 10:00", "{id: patch, runbook: p", "patch has no time"),
    ("window: nights", "window: nights, rrule: FREQ=DAILY", "rrule: FREQ=DAILY}", "exclude each other"),
    ("hosts: press,", "hosts: pres,", "pres, window: nights}", "did you mean 'press'?"),
    ("hosts: press,", "hosts: '',", "'', window: nights}", "the text is empty"),
    ("hosts: press,", "hosts: '!press',", "'!press', window: nigh", "does not say which hosts"),
    ("hosts: press,", "hosts: 'press:!press',", "'press:!press', window", "leaves no host"),
    ("hosts: press,", "hosts: !press,", "!press, window: nights", "the tag"),
    ("id: look", "id: patch", "patch, runbook: look, ", "schedule id 'patch' is taken in line 37"),
    ("ana@cobalt.example", "ana", "ana}", "is not a mail address"),
    ("disk_warning_percent: 80", "disk_warning_percent: 95", "{disk_warning_percent:", "must be above"),
    ("ticket_required: no", "ticket_required: nope", "nope}", "neither yes nor no"),
    (
        "canary: [press2]",
        "canary: [press2, pres1]",
        "pres1], soak",
        "there is no host 'pres1'; hosts: press1, files1, p",
    ),
    ("canary: [press2]", "canary: press2", "press2, soak", "neither yes nor no; a list is written [press2]"),
    ("canary: [press2]", "canary: {press2: x}", "{press2", "a mapping stands here; right is a single text"),
    ("canary: [press2]", "canary: []", "[], soak", "the list of canaries is empty"),
    ("canary: [press2], ", "", "30m, batch", "soak counts from the canary's end and there is none; add canary: yes"),
    ("canary: [press2]", "canary: no", "30m, batch", "soak counts from the canary's end and there is none"),
    ("canary:", "canaries:", "canaries: [press2]", "did you mean 'canary'?"),
    ("soak: 30m", "soak: 30", "30, batch", "is not a length of time"),
    ("batch: 25%", "batch: 0", "0, stop", "right is 1 host or more, or 1% to 100%"),
    ("batch: 25%", "batch: 0%", "0%, stop", "right is 1 host or more, or 1% to 100%"),
    ("batch: 25%", "batch: 101%", "101%, stop", "right is 1 host or more, or 1% to 100%"),
    ("batch: 25%", "batch: half", "half, stop", "neither a number of hosts nor a share of them; write 5 or 25%"),
    ("batch: 25%", "batch: 2.5%", "2.5%, stop", "neither a number of hosts nor a share"),
    ("stop_after: 2", "stop_after: 0", "0}", "right is 1 to 10000"),
    ("ring: 2", "ring: 0", "0, group", "right is 1 to 99"),
    ("group: presses", "group: The presses", "The presses}", "such as 'the-presses'"),
    (
        "window: nights",
        "window: nights, rollout: {canary: [files1]}",
        "files1]",
        "no host 'files1' among those of patch",
    ),
    ("schedules:", "schedules: all\nx:", "all", "right is a list"),
    ("credentials:\n  default:", "credentials:\n  - default:", "- default:", "right is a mapping"),
]


def shown(text: str, head: str) -> str:
    """What the caret of a mistake stands under, to the end of the line."""
    line, column = (int(number) for number in head.split(": ", maxsplit=1)[0].split(":")[-2:])
    return text.splitlines()[line - 1][column - 1 :]


def told(folder: Path, text: str) -> str:
    with pytest.raises(FileError) as caught:
        load_client(write(folder / "cobalt.yaml", text))
    return str(caught.value)


@pytest.mark.parametrize(("old", "new", "at", "says"), MISTAKES)
def test_a_wrong_word_is_shown_where_it_stands(tmp_path: Path, old: str, new: str, at: str, says: str) -> None:
    text = spoil(CLIENT, old, new)
    found = told(tmp_path, text)
    places = [shown(text, line) for line in found.splitlines() if line.startswith("/") and says in line]
    assert any(place.startswith(at) for place in places), found
    assert not any(word in found for word in ("pydantic", "Input", "http", "validat"))


def test_all_mistakes_of_a_file_are_told_together_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = spoil(spoil(spoil(CLIENT, "EUR", "euro"), "port: 2222", "port: x"), "duration: 4h", "duration:")
    found = told(tmp_path, text)
    assert [line.split(": ")[0] for line in found.splitlines() if line.startswith("/")] == [
        f"{tmp_path}/cobalt.yaml:3:11",
        f"{tmp_path}/cobalt.yaml:14:49",
        f"{tmp_path}/cobalt.yaml:33:14",
    ]


def test_the_mistake_is_shown_with_its_line_and_a_caret(tmp_path: Path) -> None:
    assert told(tmp_path, spoil(CLIENT, "duration: 4h", "duration: 4x")).splitlines() == [
        f"{tmp_path}/cobalt.yaml:33:15: duration: '4x' is not a length of time; {DURATIONS}",
        "  33 |     duration: 4x",
        "     |               ^",
    ]


def test_what_a_file_says_never_steers_the_terminal_nor_floods_it(tmp_path: Path) -> None:
    found = told(tmp_path, spoil(spoil(CLIENT, "Europe/Lisbon", '"\\e[2J"'), "id: lisbon", f"id: {'A' * 100_000}"))
    assert "\x1b" not in found
    assert len(found) < 5000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("file:keys/ops", "hunter2"),
        ("file:keys/ops", "\n      hunter2"),
        ("env:OPS_PASSPHRASE", "hunter2"),
        ("key: file:keys/ops", "pasword: hunter2"),
        ("user: ops", "user: ops\n    api_token: hunter2"),
    ],
)
def test_a_secret_in_clear_is_refused_and_not_repeated(tmp_path: Path, old: str, new: str) -> None:
    assert "hunter2" not in told(tmp_path, spoil(CLIENT, old, new))


def test_a_sound_file_means_what_it_says(tmp_path: Path) -> None:
    client = load_client(write(tmp_path / "cobalt.yaml", CLIENT))
    assert (client.id, client.name, client.timezone) == ("cobalt", "Cobalt Print", "Europe/Lisbon")
    assert [(host.id, host.address, host.port) for host in client.hosts()] == [
        ("press1", "192.0.2.11", 22),
        ("files1", "files.cobalt.example", 22),
        ("press2", "192.0.2.12", 2222),
    ]
    assert client.contracts == (
        BlockHours(
            kind="block-hours",
            id="block",
            hours=Decimal(20),
            overage_rate=Decimal("110.50"),
            since=date(2026, 1, 1),
            until=date(2026, 12, 31),
            scope=Scope(activities=("patching",), hosts=("press1",)),
            rounding=Rounding(increment=timedelta(minutes=30), grace=timedelta(minutes=10)),
        ),
    )
    assert client.window("nights").start == time(22)
    assert client.window("nights").duration == timedelta(hours=4)
    assert [(host.ring, host.group) for host in client.hosts()] == [(2, "presses"), (1, None), (1, None)]
    assert client.rollout == Rollout(
        canary=("press2",), soak=timedelta(minutes=30), batch=Share(percent=25), stop_after=2
    )
    assert client.schedules[0].rollout is None
    assert client.schedules[1] == Schedule(
        id="look",
        runbook="look",
        rrule="FREQ=DAILY",
        start=time(6, 30),
        latest_start=timedelta(minutes=90),
        parameters={"max-age": "26h"},
    )
    assert (client.policy.disk_warning_percent, client.policy.ticket_required) == (80, False)


@pytest.mark.parametrize("name", ["Cobalt.yaml", "cobalt_print.yaml", "cobalt.yml"])
def test_the_name_of_the_file_is_held_to_the_rules_of_an_id(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match=r"client's (id|file)"):
        load_client(write(tmp_path / name, CLIENT))


def test_two_sites_may_have_the_same_addresses_behind_gateways_of_their_own(tmp_path: Path) -> None:
    text = spoil(
        CLIENT,
        "    name: Porto\n",
        "    name: Porto\n    gateway: {address: jump2.cobalt.example, credential: default}\n",
    )
    text = spoil(text, "192.0.2.12, port: 2222", "192.0.2.11")
    assert load_client(write(tmp_path / "cobalt.yaml", text)).sites[1].hosts[0].address == "192.0.2.11"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{}", Rollout()),
        ("{canary: yes, batch: 5}", Rollout(canary=(), batch=5)),
        ("{canary: no}", Rollout()),
        ("{canary: [press1, press2]}", Rollout(canary=("press1", "press2"))),
    ],
)
def test_a_schedule_may_have_a_rollout_of_its_own(tmp_path: Path, written: str, meant: Rollout) -> None:
    text = spoil(CLIENT, "window: nights", f"window: nights, rollout: {written}")
    assert load_client(write(tmp_path / "cobalt.yaml", text)).schedules[0].rollout == meant


def test_a_client_that_says_nothing_has_the_usual_rollout(tmp_path: Path) -> None:
    text = CLIENT.partition("rollout:")[0]
    assert load_client(write(tmp_path / "cobalt.yaml", text)).rollout == Rollout(stop_after=1)


class TestASchedule:
    def load(self, folder: Path, text: str) -> Client:
        library = {
            "patch": load_runbook(write_runbook(folder / "patch", PATCH)),
            "look": load_runbook(write_runbook(folder / "look", LOOK)),
            "broken": None,
        }
        return load_client(write(folder / "cobalt.yaml", text), library)

    def refusal(self, folder: Path, old: str, new: str) -> list[str]:
        with pytest.raises(FileError) as caught:
            self.load(folder, spoil(CLIENT, old, new))
        return heads(caught.value)

    def test_is_sound_when_its_runbook_and_parameters_are(self, tmp_path: Path) -> None:
        assert self.load(tmp_path, CLIENT).schedules[0].runbook == "patch"

    def test_of_an_unknown_runbook_is_refused(self, tmp_path: Path) -> None:
        assert self.refusal(tmp_path, "runbook: look", "runbook: lok") == [
            "cobalt.yaml:38:25: there is no runbook 'lok'; runbooks: patch, look, broken; did you mean 'look'?"
        ]

    def test_of_a_runbook_with_mistakes_is_left_to_the_runbook_file(self, tmp_path: Path) -> None:
        self.load(tmp_path, spoil(CLIENT, "runbook: look", "runbook: broken"))

    def test_that_only_looks_has_no_rollout(self, tmp_path: Path) -> None:
        (said,) = self.refusal(tmp_path, "start: 06:30,", "start: 06:30, rollout: {batch: 5},")
        assert said == "cobalt.yaml:38:64: look only looks, everywhere at once; remove rollout"

    def test_with_parameters_that_do_not_fit_is_refused(self, tmp_path: Path) -> None:
        assert self.refusal(tmp_path, "max-age: 26h", "max-age: old") == [
            "cobalt.yaml:38:95: max-age: 'old' is not a length of time; write for example 90s, 15m, 1h30m, 26h or 14d"
        ]
        assert "did you mean 'max-age'?" in self.refusal(tmp_path, "max-age: 26h", "maxage: 26h")[0]
        assert "a value is missing: How old" in self.refusal(tmp_path, ", parameters: {max-age: 26h}", "")[0]
