"""Drafts fitted into a client: nothing is overwritten, the same again is nothing new, every id means one thing."""

from dataclasses import replace

import pytest

from msp_ops.files.edit_client import load_text, with_addition
from msp_ops.files.import_draft import HostDraft, Jump, Login
from msp_ops.files.import_fitting import Wishes, fit
from msp_ops.files.scaffold import new_client_text
from tests.files.cast import CLIENT

FIRST = new_client_text("Acme", "Europe/Berlin", "EUR")
GATE = Jump(address="203.0.113.1", login=Login(user="jump"))


def draft(name="web1", address="10.0.0.1", **more):
    return HostDraft(name=name, address=address, **more)


def fitted(*drafts, text=None, wishes=None):
    """What fits, and the client as it then is."""
    client = load_text(text or FIRST, "acme")
    result = fit(client, drafts, wishes or Wishes(), is_new=text is None)
    return result, load_text(with_addition(text or FIRST, "acme", result.addition), "acme")


def told(result):
    return [(each.verdict, each.what) for each in result.remarks if each.verdict not in {"note", "secret"}]


def test_hosts_come_to_the_first_site_in_their_order():
    _, client = fitted(draft("b", "10.0.0.2"), draft("a", "10.0.0.1", port=2222))
    assert [(host.id, host.address, host.port) for host in client.sites[0].hosts] == [
        ("b", "10.0.0.2", 22),
        ("a", "10.0.0.1", 2222),
    ]


def test_the_same_import_again_is_nothing_new():
    drafts = (
        draft("web1", groups=("web",), login=Login(user="root", password="token")),
        draft("db_1", "10.0.0.2", gateway=GATE),
        draft("win", "10.0.0.3", winrm=(("tls", "no"), ("auth", "ntlm"))),
    )
    client = load_text(FIRST, "acme")
    text = with_addition(FIRST, "acme", fit(client, drafts, Wishes(), is_new=True).addition)
    again = fit(load_text(text, "acme"), drafts, Wishes(), is_new=False)
    assert again.addition.is_nothing
    assert sorted(again.known) == ["db-1", "web1", "win"]
    assert told(again) == []
    assert with_addition(text, "acme", again.addition) == text


def test_a_host_that_the_file_has_otherwise_is_left_alone_and_told():
    result, client = fitted(draft("press1", "10.9.9.9"), text=CLIENT)
    assert told(result) == [("contradicts", "acme/press1")]
    assert client == load_text(CLIENT, "acme")


def test_a_host_that_somebody_renamed_here_is_known_by_its_way():
    result, client = fitted(draft("other-name", "192.0.2.12", port=2222), text=CLIENT)
    assert (result.known, told(result)) == (("press2",), [])
    assert client == load_text(CLIENT, "acme")


def test_what_the_inventory_says_otherwise_of_a_known_host_is_told_and_left_alone():
    seen = draft("press2", "192.0.2.12", port=2222, groups=("press", "new_group"), login=Login(user="root"))
    result, client = fitted(seen, text=CLIENT)
    assert [(one.verdict, one.what) for one in result.remarks] == [
        ("contradicts", "acme/press2"),
        ("note", "role new-group"),
    ]
    assert client == load_text(CLIENT, "acme")


def test_what_is_added_to_a_client_changes_none_of_its_hosts():
    before = load_text(CLIENT, "acme")
    _, after = fitted(draft("new1", "192.0.2.77"), text=CLIENT)
    assert [site.id for site in after.sites] == ["lisbon", "porto"]
    assert after.sites[0] == before.sites[0]
    assert after.sites[1].hosts[:-1] == before.sites[1].hosts
    assert (after.sites[1].hosts[-1].id, after.sites[1].hosts[-1].credential) == ("new1", "default")


def test_hosts_behind_one_gateway_are_a_site():
    _, client = fitted(
        draft("a", "10.0.0.1", gateway=GATE), draft("b", "10.0.0.2", gateway=GATE), draft("c", "10.0.0.1")
    )
    sites = {site.id: [host.id for host in site.hosts] for site in client.sites}
    assert sites == {"main": ["c"], "via-203-0-113-1": ["a", "b"]}
    gateway = client.sites[1].gateway
    assert gateway is not None
    assert (gateway.address, client.credentials[gateway.credential].user) == ("203.0.113.1", "jump")


def test_ports_of_one_address_that_lead_to_several_gateways_are_several_sites():
    doors = [Jump(address="gw.example", port=port) for port in (22, 824, 825, 824)]
    drafts = [draft(f"h{n}", f"10.0.0.{n}", gateway=door) for n, door in enumerate(doors, start=1)]
    _, client = fitted(*drafts, draft("d", "10.0.0.9", gateway=Jump(address="gw-example")))
    assert {site.id: [host.id for host in site.hosts] for site in client.sites if site.gateway} == {
        "via-gw-example": ["h1"],
        "via-gw-example-824": ["h2", "h4"],
        "via-gw-example-825": ["h3"],
        "via-gw-example-2": ["d"],
    }
    assert [(site.gateway.address, site.gateway.port) for site in client.sites if site.gateway] == [
        ("gw.example", 22),
        ("gw.example", 824),
        ("gw.example", 825),
        ("gw-example", 22),
    ]


def test_a_gateway_that_the_client_has_is_used():
    jump = Jump(address="jump.cobalt.example")
    _, client = fitted(draft("new1", "192.0.2.77", gateway=jump), text=CLIENT)
    assert [host.id for host in client.sites[0].hosts] == ["press1", "files1", "new1"]


def test_a_gateway_named_as_a_host_is_reached_as_that_host_and_not_through_itself():
    jump = Jump(address="bastion")
    drafts = (
        draft("bastion", "203.0.113.1", port=2222, login=Login(user="root"), gateway=jump),
        draft("web1", gateway=jump),
    )
    _, client = fitted(*drafts)
    assert [host.id for host in client.sites[0].hosts] == ["bastion"]
    gateway = client.sites[1].gateway
    assert gateway is not None
    assert (gateway.address, gateway.port, client.credentials[gateway.credential].user) == ("203.0.113.1", 2222, "root")


def test_groups_are_roles_and_a_group_of_one_host_of_its_name_is_none():
    _, client = fitted(
        draft("web_1", groups=("Web Servers", "web_1", "main", "all")), draft("db", "10.0.0.2", groups=("db", "web_1"))
    )
    assert [(host.id, host.roles) for host in client.hosts()] == [
        ("web-1", ("web-servers", "web-1-group", "main-group", "all-group")),
        ("db", ("web-1-group",)),
    ]


def test_names_that_are_no_ids_are_told():
    result, client = fitted(draft("Web_1.Example.com"), draft("10.0.0.7", "10.0.0.7"), draft("main", "10.0.0.8"))
    assert [host.id for host in client.hosts()] == ["web-1-example-com", "10-0-0-7", "main-host"]
    (renamed,) = [each for each in result.remarks if each.verdict == "renamed"]
    assert "Web_1.Example.com -> web-1-example-com" in renamed.todo


def test_short_names_are_taken_where_only_one_host_has_them():
    _, client = fitted(
        draft("web1.acme.example"),
        draft("db.a.example", "10.0.0.2"),
        draft("db.b.example", "10.0.0.3"),
        draft("10.0.0.9", "10.0.0.9"),
        wishes=Wishes(short=True),
    )
    assert [host.id for host in client.hosts()] == ["web1", "db-a-example", "db-b-example", "10-0-0-9"]


def test_two_names_of_one_machine_are_one_host_with_the_roles_of_both():
    result, client = fitted(draft("etcd1", groups=("etcd",)), draft("master", groups=("k8s",)))
    assert [(host.id, host.roles) for host in client.hosts()] == [("etcd1", ("etcd", "k8s"))]
    assert told(result) == [("renamed", "master")]


@pytest.mark.parametrize("names", [("web_1", "web-1"), ("日本", "東京")])
def test_names_that_give_no_id_of_their_own_are_left_out(names):
    result, client = fitted(*(draft(name, f"10.0.0.{n}") for n, name in enumerate(names, start=1)))
    left = len(names) - len(list(client.hosts()))
    assert left == len([word for each in result.remarks if each.verdict == "left out" for word in each.hosts])
    assert left >= 1


def test_a_secret_becomes_a_reference_and_the_report_says_where_to_put_it():
    result, client = fitted(draft(login=Login(user="root", password="tok", sudo_password="tok2")))
    credential = client.credentials["default"]
    assert (credential.password, credential.sudo_password) == ("env:ACME_DEFAULT_PASSWORD", "env:ACME_DEFAULT_SUDO")
    assert any("ACME_DEFAULT_PASSWORD" in each.todo for each in result.remarks)


def test_a_key_is_named_in_the_workspace_and_told():
    result, client = fitted(draft(login=Login(user="root", key="~/.ssh/../x/id rsa")))
    assert client.credentials["default"].key == "file:keys/acme-id-rsa"
    assert any("copy it to keys/acme-id-rsa" in each.todo for each in result.remarks)


def test_the_login_of_most_hosts_is_a_new_clients_default():
    deploy = Login(user="deploy", key="k")
    _, client = fitted(draft("a"), draft("b", "10.0.0.2", login=deploy), draft("c", "10.0.0.3", login=deploy))
    assert client.credentials["default"].user == "deploy"
    assert [host.credential for host in client.hosts()] == ["ops", "default", "default"]


def test_two_secrets_of_one_user_are_two_credentials():
    logins = [Login(user="root", password=token) for token in ("t1", "t2", "t1")]
    _, client = fitted(*(draft(f"h{n}", f"10.0.0.{n}", login=login) for n, login in enumerate(logins)))
    used = [host.credential for host in client.hosts()]
    assert used[0] == used[2] != used[1]
    references = [client.credentials[name].password for name in used[:2]]
    assert references[0] != references[1]


def test_a_new_host_with_the_login_of_a_known_one_takes_its_credential():
    login = Login(user="root", password="t1")
    text = with_addition(
        FIRST, "acme", fit(load_text(FIRST, "acme"), [draft(login=login)], Wishes(), is_new=True).addition
    )
    same, other = draft("b", "10.0.0.2", login=login), draft("c", "10.0.0.3", login=Login(user="root", password="t2"))
    _, client = fitted(draft(login=login), same, other, text=text)
    assert [host.credential for host in client.hosts()] == ["default", "default", "root"]


def test_a_windows_host_has_its_wire_and_a_password():
    _, client = fitted(draft(winrm=(("tls", "no"), ("auth", "ntlm")), login=Login(user="ACME\\ops", password="t")))
    (host,) = client.hosts()
    assert (host.transport, host.port, host.winrm.tls) == ("winrm", 5985, False)
    assert client.credentials[host.credential].password == "env:ACME_DEFAULT_PASSWORD"


def test_a_site_that_was_wished_for_is_made():
    _, client = fitted(draft(), draft("b", "10.0.0.2", site="Büro Süd"), wishes=Wishes(site="hq"))
    assert {site.id: [host.id for host in site.hosts] for site in client.sites} == {
        "main": [], "hq": ["web1"], "b-ro-s-d": ["b"],
    }  # fmt: skip


def test_a_site_behind_a_gateway_takes_no_host_that_is_reached_directly():
    result, client = fitted(draft("new1", "192.0.2.77"), text=CLIENT, wishes=Wishes(site="lisbon"))
    assert told(result) == [("left out", "host")]
    assert replace(client) == load_text(CLIENT, "acme")


def test_two_thousand_hosts_fit_in_a_few_seconds():
    drafts = [draft(f"h{n}", f"10.{n // 250}.{n % 250}.1", groups=("web", f"g{n % 20}")) for n in range(2000)]
    _, client = fitted(*drafts)
    assert len(list(client.hosts())) == 2000
