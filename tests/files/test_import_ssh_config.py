"""The copy of a configuration that ssh may read: nothing in it runs, and what was taken out is told."""

import pytest

from msp_ops.files.import_draft import HostDraft, Jump, Login, Remark
from msp_ops.files.import_ssh_config import copy_without_commands, drafts_of, read_answer


def copied(text, included=None):
    return copy_without_commands(text, "config", included or (lambda _pattern, _includer: []))


def answer(**said):
    said = {"hostname": "10.0.0.1", "port": "22"} | said
    return read_answer("".join(f"{key} {value}\n" for key, value in said.items()))


@pytest.mark.parametrize(
    "line",
    [
        'Match exec "touch /tmp/x"',
        "match host web1 EXEC touch",
        'Match !exec "x"',
        'Match originalhost a exec="x"',
        "\tMatch\texec x",
        "Match=exec x",
    ],
)
def test_a_command_that_ssh_would_run_is_not_in_the_copy(line):
    copy = copied(f"Host a\n{line}\n  Port 23\n")
    assert "exec" not in copy.text.lower()
    assert "touch" not in copy.text
    assert [(each.what, each.where) for each in copy.remarks] == [("Match exec", ("config:2",))]


@pytest.mark.parametrize(
    "line",
    ["LocalCommand x", "KnownHostsCommand x", "PermitLocalCommand yes", "PKCS11Provider /x.so", '"Match" exec x'],
)
def test_only_settings_that_are_taken_over_are_in_the_copy(line):
    assert line.split()[0] not in copied(f"Host a\n  {line}\n").text


def test_names_are_those_without_a_pattern_and_each_knows_its_line():
    copy = copied('Host a b.example "c"\nHost *.x !d web?\nHost a\nHost -oProxyCommand=x ../e\n')
    assert copy.aliases == {"a": "config:1", "b.example": "config:1", "c": "config:1"}
    assert [(each.verdict, each.hosts) for each in copy.remarks] == [
        ("left out", ("-oProxyCommand=x",)),
        ("left out", ("../e",)),
    ]


def test_an_included_file_is_copied_in_its_place():
    copy = copied("Include more\nHost b\n", lambda pattern, _: [(pattern, "Host a\n  Port 23\n")])
    assert copy.aliases == {"a": "more:1", "b": "config:2"}
    assert copy.text.index("port 23") < copy.text.index("Host b")


def test_a_file_that_includes_itself_comes_to_an_end():
    copy = copied("Include config\nHost a\n", lambda _pattern, _: [("config", "Include config\n")])
    assert copy.remarks[0].why == "more than 8 files deep"


def test_an_include_for_some_hosts_only_is_told():
    copy = copied("Host a\n  Include more\n", lambda _pattern, _: [("more", "Host b\n")])
    assert copy.aliases == {"a": "config:1"}
    assert copy.remarks[0].what == "Include"


def test_settings_that_we_lack_are_told_once_with_their_places():
    copy = copied("Host a\n  Ciphers x\n  ProxyUseFdpass yes\n  LocalForward 1 b:2\nHost b\n  Ciphers y\n")
    (remark,) = copy.remarks
    assert (remark.what, remark.where) == ("ciphers, proxyusefdpass", ("config:2", "config:6", "config:3"))


def test_a_public_key_stands_for_its_private_one():
    host = next(drafts_of([("a", "config:1", answer(identityfile="~/.ssh/id.pub"))], {}.__getitem__))
    assert isinstance(host, HostDraft)
    assert host.login.key == "~/.ssh/id"


def test_every_line_of_the_copy_knows_where_it_came_from():
    copy = copied("# hi\nHost a\n\n  Port 23\n  Compression yes\n  User b\n")
    assert copy.places == ["config:2", "config:4", "config:6"]
    assert len(copy.places) == len(copy.lines)


def test_what_nobody_said_is_not_taken_for_said():
    said = answer(user="msp-ops-said-by-nobody", identityfile="/msp-ops/said/by/nobody")
    assert (said.user, said.keys) == (None, ())


def test_the_machine_in_front_is_asked_for_by_its_name():
    asked = {"jump": answer(hostname="203.0.113.9", port="2222", user="ops")}
    host = next(drafts_of([("a", "config:1", answer(proxyjump="jump"))], asked.__getitem__))
    assert isinstance(host, HostDraft)
    assert host.gateway == Jump(address="203.0.113.9", port=2222, login=Login(user="ops"))


@pytest.mark.parametrize(
    "said",
    [{"proxyjump": "x,y"}, {"proxycommand": "nc %h %p"}, {"proxyjump": "far"}, {"hostname": "-oX"}, {"user": "a b"}],
)
def test_what_cannot_be_written_leaves_the_host_out(said):
    asked = {"far": answer(proxyjump="further")}
    (remark,) = drafts_of([("a", "config:1", answer(**said))], asked.__getitem__)
    assert isinstance(remark, Remark)
    assert (remark.verdict, remark.where) == ("left out", ("config:1",))


def test_a_forge_for_code_is_no_host():
    (remark,) = drafts_of([("github.com", "config:1", answer(user="git"))], {}.__getitem__)
    assert isinstance(remark, Remark)
    assert remark.verdict == "note"
