"""Hosts from a table: a header line, then one host a line; `,`, `;` and tabs part the columns."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence

from msp_ops.domain.errors import FileError
from msp_ops.domain.wording import listed
from msp_ops.files.import_draft import Found, HostDraft, Login, Remark, gathered
from msp_ops.files.import_ssh_words import read_jump
from msp_ops.files.spelling import read_address, read_between, read_user

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "host", "hostname", "host name", "device", "device name", "computer", "computer name", "server"),
    "address": ("address", "ip", "ip address", "ipv4", "fqdn", "dns name", "primary ip"),
    "port": ("port", "ssh port"),
    "user": ("user", "username", "user name", "login", "ssh user"),
    "key": ("key", "key file", "identity file"),
    "client": ("client", "customer", "company", "organization", "organisation", "tenant"),
    "site": ("site", "location", "office"),
    "gateway": ("gateway", "jump host", "jump", "bastion", "proxyjump"),
    "roles": ("roles", "role", "groups", "group", "tags"),
}
SECRET = re.compile(r"pas+w|passphrase|secret|token|credential|pin\b", re.IGNORECASE)


def looks_like_table(text: str) -> bool:
    """Whether its first line is a header with a name or an address among others."""
    titles = [_plain(word) for word in re.split(r"[,;\t]", text.partition("\n")[0])]
    return len(titles) > 1 and any(title in COLUMNS["name"] + COLUMNS["address"] for title in titles)


def read_table(text: str, name: str) -> Found:
    """FileError with file:line when there is no header that can be meant."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(text.splitlines(), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise FileError(f"{name}: no table in CSV: {error}; look at its quotes") from error
    columns = _columns(rows[0] if rows else [], name)
    drafts, remarks = [], list(_other_columns(rows[0], columns, name))
    for number, row in enumerate(rows[1:], start=2):
        cells = {what: row[place].strip() for what, place in columns.items() if place < len(row)}
        if not any(cells.values()):
            continue
        try:
            drafts.append(_read_row(cells, f"{name}:{number}"))
        except ValueError as error:
            who = cells.get("name") or cells.get("address") or f"line {number}"
            remarks.append(
                Remark(verdict="left out", what="host", why=str(error), where=(f"{name}:{number}",), hosts=(who,))
            )
    return Found(hosts=tuple(drafts), remarks=gathered(remarks))


def _columns(titles: Sequence[str], name: str) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for place, title in enumerate(titles):
        for what, words in COLUMNS.items():
            if _plain(title) in words:
                found.setdefault(what, place)
    if "name" not in found and "address" not in found:
        known = "; ".join(f"{what}: {listed(words)}" for what, words in COLUMNS.items())
        raise FileError(f"{name}:1:1: the first line names no column for the host; right is a header with: {known}")
    return found


def _other_columns(titles: Sequence[str], columns: Mapping[str, int], name: str) -> Iterator[Remark]:
    for place, title in enumerate(titles):
        if place in columns.values() or not title.strip():
            continue
        if SECRET.search(title):
            why = "secrets are not taken from a table; it is not written and not shown"
            yield Remark(verdict="secret", what=f"column {title}", why=why, where=(f"{name}:1",))
        else:
            why = "nothing in a client's file stands for it"
            yield Remark(verdict="not taken over", what=f"column {title}", why=why, where=(f"{name}:1",))


def _read_row(cells: Mapping[str, str], where: str) -> HostDraft:
    host = cells.get("name") or cells["address"]
    port, gateway = cells.get("port"), cells.get("gateway")
    jump = read_jump(gateway) if gateway else None
    if isinstance(jump, str):
        raise ValueError(f"gateway: {jump}")  # noqa: TRY004  # what stands in the table is not a way
    return HostDraft(
        name=host,
        address=read_address(cells.get("address") or host),
        port=read_between(1, 65535)(port) if port else None,
        login=Login(user=read_user(cells["user"]) if cells.get("user") else None, key=cells.get("key") or None),
        gateway=jump,
        groups=tuple(re.findall(r"[^\s,;|]+", cells.get("roles", ""))),
        client=cells.get("client") or None,
        site=cells.get("site") or None,
        where=(where,),
    )


def _plain(title: str) -> str:
    return re.sub(r"[\s_-]+", " ", title.strip(" \ufeff\"'\r").lower())
