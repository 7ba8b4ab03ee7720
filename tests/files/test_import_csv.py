"""A table of hosts: columns by many names, errors by line, no secrets."""

import pytest

from msp_ops.domain.errors import FileError
from msp_ops.files.import_csv import looks_like_table, read_table
from msp_ops.files.import_draft import Jump, Login


def test_a_table_of_a_spreadsheet_is_read():
    text = (
        "Host Name;IP-Address;SSH Port;Username;Customer;Location;Tags;Jump Host\r\n"
        "web1;10.0.0.1;2222;ops;Acme Dental;Berlin;web, prod;root@gw.example:23\r\n\r\n"
        '"db 1";10.0.0.2;;;;;"db|prod";\r\n'
    )
    first, second = read_table(text, "hosts.csv").hosts
    assert (first.name, first.address, first.port, first.client, first.site) == (
        "web1", "10.0.0.1", 2222, "Acme Dental", "Berlin",
    )  # fmt: skip
    assert (first.groups, first.login) == (("web", "prod"), Login(user="ops"))
    assert first.gateway == Jump(address="gw.example", port=23, login=Login(user="root"))
    assert (second.name, second.port, second.client, second.groups) == ("db 1", None, None, ("db", "prod"))
    assert second.where == ("hosts.csv:4",)


def test_a_line_that_cannot_be_meant_is_left_out_with_its_place():
    text = "name,ip,port,gateway\na,999.1.1.1,,\nb,10.0.0.1,x,\nc,10.0.0.2,,a>b\n=cmd|x,,,\nd,10.0.0.3,,\n"
    found = read_table(text, "hosts.csv")
    assert [host.name for host in found.hosts] == ["d"]
    assert [(one.hosts, one.where) for one in found.remarks] == [
        (("a",), ("hosts.csv:2",)),
        (("b",), ("hosts.csv:3",)),
        (("c",), ("hosts.csv:4",)),
        (("=cmd|x",), ("hosts.csv:5",)),
    ]


def test_a_column_of_secrets_is_named_and_not_read():
    found = read_table("name,Root Password,Serial\nweb1,hunter2,123\n", "hosts.csv")
    assert "hunter2" not in repr(found)
    assert [(one.verdict, one.what) for one in found.remarks] == [
        ("not taken over", "column Serial"),
        ("secret", "column Root Password"),
    ]


@pytest.mark.parametrize("text", ["", "\n", "a,b\n1,2\n", "serial\nx\n"])
def test_a_table_without_a_column_for_hosts_is_one_error(text):
    with pytest.raises(FileError, match=r"hosts\.csv:1:1: the first line names no column for the host"):
        read_table(text, "hosts.csv")


@pytest.mark.parametrize(
    "text", ['name,ip\n"web1,10.0.0.1\n', 'name,ip\n"a"b,c\n', "name,ip\n" + "x" * 200_000 + ",1\n"]
)
def test_quotes_that_do_not_close_and_endless_cells_are_one_error(text):
    with pytest.raises(FileError, match=r"hosts\.csv"):
        read_table(text, "hosts.csv")


def test_a_table_is_known_by_its_first_line():
    assert looks_like_table("Name,Address\n")
    assert not looks_like_table("[web]\nweb1\n")
    assert not looks_like_table("Host web1\n  Port 22, 23\n")
