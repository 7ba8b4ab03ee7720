"""What `ansible-inventory --list` says, as drafts: nothing is lost in silence, and no secret comes through."""

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.files.import_ansible import is_listing, read_listing, top_groups
from msp_ops.files.import_draft import Found, HostDraft, Jump, Login
from msp_ops.files.import_places import Places

SECRET = "hunter2-in-clear"


def listing(groups=None, **hosts):
    return {"_meta": {"hostvars": hosts}, "all": {"children": ["ungrouped", *(groups or {})]}, **(groups or {})}


def found(variables=None, name="web1", places=None) -> Found:
    groups = {"ungrouped": {"hosts": [name]}}
    value = {"_meta": {"hostvars": {name: variables or {}}}, "all": {"children": ["ungrouped"]}, **groups}
    return read_listing(value, Places(places or {}))


def the_host(variables=None, name="web1") -> HostDraft:
    return found(variables, name).hosts[0]


def told(variables, name="web1", places=None) -> list[tuple[str, str]]:
    return [(each.verdict, each.what) for each in found(variables, name, places).remarks]


def test_a_host_is_called_and_reached_as_the_inventory_says():
    host = the_host({"ansible_host": "10.0.0.5", "ansible_port": 2222, "ansible_user": "deploy"})
    assert (host.name, host.address, host.port, host.login.user) == ("web1", "10.0.0.5", 2222, "deploy")


def test_of_two_names_of_a_setting_the_one_of_ssh_wins_as_in_ansible():
    host = the_host({"ansible_host": "10.0.0.5", "ansible_ssh_host": "10.0.0.6", "ansible_ssh_port": "22022"})
    assert (host.address, host.port) == ("10.0.0.6", 22022)


def test_without_an_address_the_name_is_one():
    assert the_host(name="2001:db8::1").address == "2001:db8::1"
    assert the_host(name="Web1.Example.com").address == "Web1.Example.com"


def test_a_host_has_its_groups_and_those_around_them_once():
    value = listing(
        {
            "prod": {"children": ["web", "db"]},
            "web": {"hosts": ["a", "b"]},
            "db": {"hosts": ["b"], "children": ["prod"]},
        }
    )
    groups = {host.name: host.groups for host in read_listing(value, Places({})).hosts}
    assert groups == {"a": ("prod", "web", "db"), "b": ("prod", "web", "db")}


def test_groups_of_an_older_answer_are_plain_lists():
    assert [host.groups for host in read_listing({"web": ["a"]}, Places({})).hosts] == [("web",)]


def test_the_groups_below_all_are_those_that_no_other_group_holds():
    value = listing({"acme": {"children": ["web"]}, "web": {"hosts": ["a"]}})
    assert top_groups(value) == ("acme",)


@pytest.mark.parametrize(
    ("args", "jump"),
    [
        ("-o ProxyJump=root@10.0.0.1:2222", Jump(address="10.0.0.1", port=2222, login=Login(user="root"))),
        ("-J bastion.example.com", Jump(address="bastion.example.com")),
        ("-oProxyJump=ops@[2001:db8::9]:22", Jump(address="2001:db8::9", login=Login(user="ops"))),
        ("-o ProxyCommand='ssh -W %h:%p -q ops@gw'", Jump(address="gw", login=Login(user="ops"))),
        ('-o ProxyCommand="ssh -i ~/k -p 23 gw -W %h:%p"', Jump(address="gw", port=23, login=Login(key="~/k"))),
        ('-o ProxyCommand="ssh -A -o Port=22 -l ops gw nc -w 1 %h %p"', Jump(address="gw", login=Login(user="ops"))),
    ],
)
def test_the_machine_in_front_is_read_from_the_arguments_of_ssh(args, jump):
    assert the_host({"ansible_ssh_common_args": args}).gateway == jump


@pytest.mark.parametrize(
    "args",
    [
        "-J a,b",
        "-o ProxyCommand='nc -x proxy:1080 %h %p'",
        "-o ProxyCommand='ssh -J a -W %h:%p b'",
        "-o ProxyCommand='aws ssm start-session --target %h'",
        "-J -oProxyCommand=touch",
        "-o 'ProxyCommand=ssh",
    ],
)
def test_a_way_that_cannot_be_written_leaves_the_host_out(args):
    assert found({"ansible_ssh_common_args": args}).hosts == ()
    assert told({"ansible_ssh_common_args": args}) == [("left out", "ansible_ssh_common_args")]


def test_a_host_key_that_is_not_checked_there_is_told_and_not_taken_over():
    args = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LocalCommand=x"
    assert told({"ansible_ssh_extra_args": args, "ansible_host_key_checking": False}) == [
        ("not taken over", "ssh's arguments"),
        ("not taken over", "localcommand in ssh's arguments"),
        ("not taken over", "ansible_host_key_checking"),
    ]


@pytest.mark.parametrize("value", [SECRET, {"__ansible_vault": SECRET}, "{{ vault_" + SECRET + " }}"])
@pytest.mark.parametrize("key", ["ansible_password", "ansible_ssh_pass", "ansible_become_pass", "ansible_sudo_pass"])
def test_no_secret_comes_through(key, value):
    everything = found({key: value, "db_password": SECRET})
    assert SECRET not in repr(everything)
    assert ("secret", key) in [(each.verdict, each.what) for each in everything.remarks]
    assert everything.hosts[0].login != Login()


def test_the_same_secret_is_known_as_the_same():
    first, second = (the_host({"ansible_password": SECRET}, name).login for name in ("a", "b"))
    assert first == second
    assert first != the_host({"ansible_password": f"{SECRET}!"}).login


@pytest.mark.parametrize("connection", ["local", "ansible.builtin.local"])
def test_the_machine_that_ansible_runs_on_is_no_host(connection):
    assert told({"ansible_connection": connection}) == [("note", "ansible_connection")]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_localhost_is_no_host_unless_a_port_leads_elsewhere(name):
    assert told({}, name) == [("note", "host")]
    assert the_host({"ansible_port": 2222}, name).port == 2222


@pytest.mark.parametrize(
    "connection", ["docker", "community.docker.docker", "network_cli", "ansible.netcommon.httpapi"]
)
def test_containers_and_network_devices_are_left_out(connection):
    assert told({"ansible_connection": connection}) == [("left out", "ansible_connection")]


@pytest.mark.parametrize(
    ("variables", "winrm", "port"),
    [
        ({"ansible_connection": "winrm"}, (("tls", "yes"), ("auth", "ntlm")), None),
        ({"ansible_connection": "winrm", "ansible_port": 5985}, (("tls", "no"), ("auth", "ntlm")), 5985),
        ({"ansible_port": 5986, "ansible_winrm_transport": "kerberos"}, (("tls", "yes"), ("auth", "kerberos")), 5986),
        ({"ansible_connection": "winrm", "ansible_winrm_scheme": "http"}, (("tls", "no"), ("auth", "ntlm")), None),
        ({"ansible_connection": "psrp", "ansible_psrp_auth": "basic"}, (("tls", "yes"), ("auth", "basic")), None),
    ],
)
def test_a_windows_host_is_reached_by_winrm(variables, winrm, port):
    host = the_host({**variables, "ansible_user": "ACME\\ops"})
    assert (host.winrm, host.port, host.login.user) == (winrm, port, "ACME\\ops")


@pytest.mark.parametrize("transport", ["credssp", "certificate"])
def test_a_login_of_winrm_that_we_lack_is_told(transport):
    variables = {"ansible_connection": "winrm", "ansible_winrm_transport": transport}
    assert the_host(variables).winrm == (("tls", "yes"), ("auth", "ntlm"))
    assert told(variables) == [("not taken over", f"WinRM's login '{transport}'")]


def test_basic_without_tls_would_show_the_password_and_is_not_taken_over():
    variables = {"ansible_port": 5985, "ansible_winrm_transport": "basic"}
    assert the_host(variables).winrm == (("tls", "no"), ("auth", "ntlm"))


def test_names_of_plain_variables_are_filled_in():
    variables = {"ansible_host": "{{ short }}.{{domain}}", "short": "{{ inventory_hostname_short }}", "domain": "lan"}
    assert the_host(variables, "web1.example.com").address == "web1.lan"


def test_other_templates_are_not_worked_out():
    assert told({"ansible_host": "{{ lookup('env', 'X') }}"}) == [("left out", "ansible_host")]
    assert told({"ansible_host": "{{ a }}", "a": "{{ a }}"}) == [
        ("left out", "ansible_host"),
        ("note", "1 variable of playbooks"),
    ]
    assert the_host({"ansible_user": "{{ lookup('env', 'X') }}"}).login.user is None


@pytest.mark.parametrize(
    "name", ["-oProxyCommand=touch", "../etc", "a\x1b[31mb", "a b", "root@web1", "{}", "10.0.0.999", "ü.example"]
)
def test_a_name_that_is_no_address_leaves_the_host_out(name):
    assert found({}, name).hosts == ()
    assert told({}, name) == [("left out", "host")]


@pytest.mark.parametrize("port", ["abc", 0, 70000, -1, "22; rm", True])
def test_a_port_that_is_none_leaves_the_host_out(port):
    assert told({"ansible_port": port}) == [("left out", "ansible_port")]


def test_a_misspelt_setting_is_told_with_the_one_that_was_meant():
    (remark,) = found({"ansible_ssh_private_key": "~/.ssh/id"}).remarks
    assert (remark.what, "did you mean 'ansible_ssh_private_key_file'?" in remark.why) == (
        "ansible_ssh_private_key",
        True,
    )


def test_a_remark_says_where_its_key_stands_for_this_host():
    places = {
        "hosts.ini": "# ansible_port=1\nweb1 ansible_port=x\nweb12 ansible_port=2\n",
        "host_vars/db1.yml": "ansible_port: x\n",
    }
    (remark,) = found({"ansible_port": "x"}, "web1", places).remarks
    assert remark.where == ("hosts.ini:2",)
    (remark,) = found({"ansible_port": "x"}, "db1", places).remarks
    assert remark.where == ("host_vars/db1.yml:1",)


def test_variables_of_playbooks_are_named_and_their_values_are_not():
    (remark,) = found({"http_port": 80, "db_password": SECRET}).remarks
    assert (remark.verdict, remark.what) == ("note", "2 variables of playbooks")
    assert "http_port" in remark.why


@pytest.mark.parametrize("value", [[], "x", 3, None])
def test_what_is_no_answer_of_ansible_is_one_error(value):
    assert not is_listing(value)
    with pytest.raises(FileError, match="no answer of ansible-inventory"):
        read_listing(value, Places({}))


@pytest.mark.parametrize("value", [{"_meta": 3}, {"web": 3}, {"web": {"hosts": 3}}, {"_meta": {"hostvars": {"a": 3}}}])
def test_an_answer_of_odd_shape_is_read_without_falling_over(value):
    read_listing(value, Places({}))
