"""Host patterns: Ansible's words, and never every host by accident."""

import pytest

from msp_ops.domain.client import Client, Credential, Host, Site
from msp_ops.domain.errors import PlanError
from msp_ops.domain.selection import select_hosts


def host(name: str, *roles: str) -> Host:
    return Host(id=name, address=f"{name}.example", roles=roles)


CLIENT = Client(
    id="acme",
    name="Acme Dental",
    timezone="Europe/Berlin",
    currency="EUR",
    sites=(
        Site(
            id="praxis", name="Practice", hosts=(host("web1", "web"), host("web2", "web"), host("db1", "db", "backup"))
        ),
        Site(id="cellar", name="Cellar", hosts=(host("web3", "web"), host("nas", "backup"))),
    ),
    contracts=(),
    credentials={"default": Credential(user="ops", agent=True)},
)


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("all", "web1 web2 db1 web3 nas"),
        ("web1", "web1"),
        ("praxis", "web1 web2 db1"),
        ("backup", "db1 nas"),
        ("web*", "web1 web2 web3"),
        ("web?", "web1 web2 web3"),
        ("*", "web1 web2 db1 web3 nas"),
        ("nas:web1", "web1 nas"),
        ("nas,web1", "web1 nas"),
        ("nas, web1", "web1 nas"),
        ("web:&praxis", "web1 web2"),
        ("all:!web", "db1 nas"),
        ("!web:all", "db1 nas"),
        ("&praxis:web:!web1", "web2"),
        ("web:!web1:web1", "web2 web3"),
        ("cel*:!w*", "nas"),
        ("web1:web1", "web1"),
    ],
)
def test_a_pattern_names_these_hosts_in_the_order_of_the_file(pattern: str, chosen: str) -> None:
    assert " ".join(one.id for one in select_hosts(CLIENT, pattern)) == chosen


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "'' does not say which hosts of acme"),
        (" ", "does not say which hosts"),
        (":", "does not say which hosts"),
        ("web1:", "does not say which hosts"),
        ("!web", "does not say which hosts of acme"),
        ("&web", "for every host write all"),
        ("web:!", "does not say which hosts"),
        (
            "web9",
            "acme has no host 'web9'; hosts: web1, web2, db1, web3, nas; sites: praxis, cellar; roles: web, db, backup",
        ),
        ("prxis", "did you mean 'praxis'?"),
        ("web:!web9", "acme has no host 'web9'"),
        ("web:&dbs", "did you mean 'db'?"),
        ("x*", "acme has no host 'x*'"),
        ("WEB1", "did you mean 'web1'?"),
        ("web:!web", "'web:!web' leaves no host of acme"),
        ("db:&nas", "leaves no host"),
    ],
)
def test_what_names_no_host_is_refused_and_never_means_all(pattern: str, says: str) -> None:
    with pytest.raises(PlanError) as caught:
        select_hosts(CLIENT, pattern)
    assert says in str(caught.value)
