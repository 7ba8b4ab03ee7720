"""A client's file with hosts, sites and credentials added to it: comments, order and everything else stay."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from msp_ops.domain.client import Client
from msp_ops.domain.errors import FileError
from msp_ops.domain.record import record
from msp_ops.files.client_file import load_unpinned
from msp_ops.files.document import Plain
from msp_ops.files.edit_yaml import flow, with_entries, with_items
from msp_ops.files.strict_yaml import read_yaml

Entry = dict[str, Plain]
FIRST_DEFAULT = "default: {user: ops, key: file:keys/ops_ed25519}"  # of `scaffold.CLIENT`


@record
class SiteAddition:
    """Hosts that are new at a site; `site` has its id, and all of it when the site itself is new."""

    site: Entry
    is_new: bool
    hosts: tuple[Entry, ...]


@record
class Addition:
    """What is added to one client's file. `own_default`: takes the place of the first file's credential `default`."""

    sites: tuple[SiteAddition, ...] = ()
    credentials: Mapping[str, Entry]
    own_default: Entry | None = None

    @property
    def is_nothing(self) -> bool:
        return not self.sites


def with_addition(text: str, client_id: str, addition: Addition) -> str:
    """The new text. FileError when it would not load, or would say anything else than before with the addition."""
    if addition.own_default:
        text = text.replace(FIRST_DEFAULT, f"default: {flow(addition.own_default)}")
    before = _plain(text, client_id)
    after = _edited(text, before, addition)
    if _plain(after, client_id) != _expected(before, addition):
        raise FileError(
            f"{client_id}.yaml is written in a way in which nothing can be added without harm; nothing was written: "
            f"write its sites, hosts and credentials as lists with '- ', one a line, and repeat"
        )
    load_text(after, client_id)
    return after


def load_text(text: str, client_id: str) -> Client:
    """The client that a file of this text would be; FileError with its mistakes."""
    with tempfile.TemporaryDirectory(prefix="msp-ops-") as folder:
        path = Path(folder) / f"{client_id}.yaml"
        path.write_bytes(text.encode())
        try:
            return load_unpinned(path)
        except FileError as error:
            raise FileError(str(error).replace(f"{folder}/", "clients/")) from error


def _plain(text: str, client_id: str) -> Entry:
    with tempfile.TemporaryDirectory(prefix="msp-ops-") as folder:
        path = Path(folder) / f"{client_id}.yaml"
        path.write_bytes(text.encode())
        plain = read_yaml(path).root.plain()
    return plain if isinstance(plain, dict) else {}


def _edited(text: str, before: Entry, addition: Addition) -> str:
    places = {str(site["id"]): place for place, site in enumerate(_sites(before))}
    for each in addition.sites:
        if not each.is_new:
            text = with_items(text, ["sites", places[str(each.site["id"])], "hosts"], each.hosts)
    new: list[Plain] = [{**each.site, "hosts": list(each.hosts)} for each in addition.sites if each.is_new]
    text = with_items(text, ["sites"], new)
    return with_entries(text, ["credentials"], addition.credentials)


def _expected(before: Entry, addition: Addition) -> Entry:
    added = {str(each.site["id"]): list(each.hosts) for each in addition.sites if not each.is_new}
    sites: list[Plain] = []
    for site in _sites(before):
        new, old = added.get(str(site["id"]), []), site.get("hosts", [])
        sites.append({**site, "hosts": [*old, *new]} if new and isinstance(old, list) else site)
    sites += [{**each.site, "hosts": list(each.hosts)} for each in addition.sites if each.is_new]
    old_credentials = before.get("credentials")
    credentials = {**(old_credentials if isinstance(old_credentials, dict) else {}), **addition.credentials}
    return {**before, "sites": sites, "credentials": credentials}


def _sites(plain: Entry) -> list[Entry]:
    sites = plain.get("sites")
    return [site for site in sites if isinstance(site, dict)] if isinstance(sites, list) else []
