"""Adding to a file that people wrote: every letter of it stays, and what comes out says what it said and the new."""

import re
from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from msp_ops.domain.errors import FileError
from msp_ops.files.edit_client import Addition, SiteAddition, load_text, with_addition
from msp_ops.files.edit_yaml import flow, with_entries, with_items
from msp_ops.files.scaffold import new_client_text
from tests.files.cast import CLIENT

WEB9 = {"id": "web9", "address": "2001:db8::9", "port": "2222", "roles": ["web"]}
FAR1 = {"id": "far1", "address": "192.0.2.99", "credential": "far"}
FAR = {"id": "far", "name": "Far: away", "gateway": {"address": "gw.example", "credential": "far"}}
LOGIN = {"user": "root", "key": "file:keys/far"}
REST = "currency: EUR\ncontracts: []\n"
OWN = {"user": "root", "agent": "yes"}


def addition(site="lisbon"):
    known = SiteAddition(site={"id": site}, is_new=False, hosts=(WEB9,))
    new = SiteAddition(site=FAR, is_new=True, hosts=(FAR1,))
    return Addition(sites=(known, new), credentials={"far": LOGIN})


def added(before, after):
    """The text that came in, when every letter of `before` is still there in its order."""
    assert re.sub(r"\r", "", before)
    left = iter(after)
    assert all(letter in left for letter in before)
    return after


STYLES = {
    "as the house writes": CLIENT,
    "with comments everywhere": """\
# who
name: Cobalt  # Print
timezone: Europe/Lisbon
currency: EUR
sites:  # all of them
  # the first
  - id: lisbon  # id
    name: Lisbon
    hosts:  # machines
      # the press
      - {id: press1, address: 192.0.2.11}  # old one
        # it is loud

      # no more

credentials:  # never secrets
  default: {user: ops, agent: yes}  # agent
  # done
contracts: []  # none
# the end
""",
    "dashes at the margin": f"""\
name: C
timezone: Europe/Lisbon
sites:
- id: lisbon
  name: |
    Lisbon

  hosts:
  - id: press1
    address: 192.0.2.11
    roles:
    - press


credentials:
    default:
        user: ops
        agent: yes
{REST}""",
    "all in one line": f"""\
name: C
timezone: Europe/Lisbon
sites: [{{id: lisbon, name: "L, ]", hosts: [{{id: press1, address: 192.0.2.11}}]}}]  # sites
credentials: {{default: {{user: ops, agent: yes}}}}
{REST}""",
    "a flow over lines, with a comma at its end": f"""\
name: C
timezone: Europe/Lisbon
sites:
  - id: lisbon
    name: L
    hosts: [
      {{id: press1, address: 192.0.2.11}},  # one
    ]
credentials: {{
  default: {{user: ops, agent: yes}},
}}
{REST}""",
    "without hosts": f"""\
name: C
timezone: Europe/Lisbon
sites:
  - {{id: lisbon, name: "Lüneburg ☂"}}
credentials:
  default: {{user: ops, agent: yes}}
{REST}""",
    "no line break at the end": f"""\
{REST}name: C
timezone: Europe/Lisbon
credentials: {{default: {{user: ops, agent: yes}}}}
sites:
  - id: lisbon
    name: L
    hosts:
      - {{id: press1, address: 192.0.2.11}}""",
}


@pytest.mark.parametrize("text", STYLES.values(), ids=list(STYLES))
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_whatever_style_a_file_has_it_stays_and_the_new_is_there(text, ends):
    before = text.replace("\n", ends)
    after = with_addition(before, "cobalt", addition())
    added(before, after)
    was, is_now = load_text(before, "cobalt"), load_text(after, "cobalt")
    assert [host.id for host in is_now.sites[0].hosts] == [*(host.id for host in was.sites[0].hosts), "web9"]
    assert (is_now.sites[-1].id, is_now.sites[-1].hosts[0].id) == ("far", "far1")
    assert [*is_now.credentials] == [*was.credentials, "far"]
    assert replace(is_now, sites=was.sites, credentials=was.credentials) == was
    assert ("\n" in after.replace("\r\n", "")) == (ends == "\n")


def test_comments_stay_with_what_they_speak_of():
    after = with_addition(STYLES["with comments everywhere"], "cobalt", addition())
    lines = [line.strip() for line in after.split("\n")]
    assert lines.index("# it is loud") + 1 == lines.index(
        '- {id: web9, address: "2001:db8::9", port: 2222, roles: [web]}'
    )
    assert lines.index("# no more") < lines.index("- id: far")
    assert lines.index("# done") + 1 == lines.index("contracts: []  # none")


def test_a_first_file_keeps_its_examples_and_takes_the_login_of_most_hosts():
    text = new_client_text("Acme: Dental", "Europe/Berlin", "EUR")
    after = with_addition(text, "acme", replace(addition("main"), own_default=OWN))
    assert "# - {kind: managed, id: care" in after
    client = load_text(after, "acme")
    assert (client.credentials["default"].user, client.credentials["default"].agent) == ("root", True)


def test_an_addition_that_would_not_load_is_refused_with_its_place():
    twice = Addition(
        sites=(SiteAddition(site={"id": "lisbon"}, is_new=False, hosts=({"id": "press1", "address": "192.0.2.50"},)),),
        credentials={},
    )
    with pytest.raises(FileError, match=r"clients/cobalt\.yaml:\d+:\d+: host id 'press1' is taken"):
        with_addition(CLIENT, "cobalt", twice)


@pytest.mark.parametrize(
    "word",
    ["yes", "no", "1.10", "010", "1e3", "22:30", "a: b", "a #b", "[x", "ü", "-", "", " ", "null", "0x1f", "10", "a\\b"],
)
def test_a_word_is_read_again_as_it_was(word):
    text = with_entries("a: {}\nb: []\nc: x\n", ["a"], {"k": word} if word else {"k": "x"})
    text = with_items(text, ["b"], [word] if word else ["x"])
    if word:
        found = [event.value for event in yaml.parse(text) if isinstance(event, yaml.ScalarEvent)]
        assert found.count(word) == 2


NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True), unique=True, min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(NAMES, st.booleans(), st.booleans(), st.integers(0, 4), st.booleans())
def test_any_list_grows_by_exactly_what_was_added(names, in_flow, commented, indent, last):
    note = "  # c" if commented else ""
    if in_flow:
        body = f"list: [{', '.join(names)}]{note}\n"
    else:
        body = "list:" + note + "\n" + "".join(f"{' ' * indent}- {name}{note}\n" for name in names)
    text = body if last else f"{body}after: [x]\n"
    grown = with_items(text, ["list"], ["new", {"id": "x", "roles": ["a"]}])
    grown_list = yaml.load(grown, Loader=yaml.BaseLoader)  # noqa: S506  # it makes texts, lists and mappings only
    assert grown_list["list"] == [*names, "new", {"id": "x", "roles": ["a"]}]
    assert grown.count("# c") == text.count("# c")


def test_flow_is_one_line():
    assert flow({"id": "a", "roles": ["x", "y z"], "gateway": {"address": "fe80::"}}) == (
        '{id: a, roles: [x, y z], gateway: {address: "fe80::"}}'
    )


def test_an_addition_that_would_say_something_else_is_refused():
    other = replace(addition(), credentials={"default": LOGIN, "far": LOGIN})
    with pytest.raises(FileError, match="nothing can be added without harm"):
        with_addition(CLIENT, "cobalt", other)


def test_a_comment_within_an_empty_list_stays():
    text = STYLES["without hosts"].replace(
        '  - {id: lisbon, name: "Lüneburg ☂"}', "  - id: lisbon\n    name: L\n    hosts: [\n      # none yet\n    ]"
    )
    assert "# none yet" in with_addition(text, "cobalt", addition())
