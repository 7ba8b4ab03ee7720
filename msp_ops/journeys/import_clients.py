"""Hosts of another program's inventory, taken into clients' files: first what would be; done when a person says so."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msp_ops.domain.client import Client
from msp_ops.domain.errors import FileError, PlanError
from msp_ops.domain.record import record
from msp_ops.domain.wording import listed
from msp_ops.files.client_file import load_client
from msp_ops.files.edit_client import Addition, load_text, with_addition
from msp_ops.files.folder import create_file, locked, make_folder, replace_file
from msp_ops.files.import_draft import Found, HostDraft, Remark, gathered
from msp_ops.files.import_fitting import Wishes, fit
from msp_ops.files.import_names import slug
from msp_ops.files.scaffold import new_client_text
from msp_ops.files.spelling import read_id
from msp_ops.files.text_file import read_text
from msp_ops.files.workspace import Workspace, client_path


@record
class Order:
    """Whose hosts they are, and what a client that is new needs. `by_group`: client by group."""

    client: str | None = None
    by_group: Mapping[str, str]
    each_group: bool = False
    name: str | None = None
    zone: str | None = None
    currency: str | None = None
    site: str | None = None
    short: bool = False


@record
class ClientChange:
    """What happens to one client's file; `before` is None for a new one."""

    client: str
    path: Path
    before: str | None
    after: str
    addition: Addition
    known: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        return self.addition.is_nothing


@record
class ImportPlan:
    """All that would be written, and what a person must know before it is."""

    changes: tuple[ClientChange, ...]
    remarks: tuple[Remark, ...]

    @property
    def is_nothing(self) -> bool:
        return all(change.is_nothing for change in self.changes)

    @property
    def is_empty(self) -> bool:
        """Whether there was not one host, known or new."""
        return not any(change.addition.sites or change.known for change in self.changes)

    @property
    def leaves_out(self) -> bool:
        """Whether a host is not, or not so, in a client's file."""
        return any(remark.verdict in {"left out", "contradicts"} for remark in self.remarks)


def plan_import(workspace: Workspace, found: Found, tops: Sequence[str], order: Order) -> ImportPlan:
    """Writes nothing. PlanError when nobody said whose hosts they are, or what a new client needs is missing."""
    by_client, remarks = _by_client(workspace, found.hosts, tops, order)
    if order.name and len(new := [each for each in by_client if each not in workspace.clients]) > 1:
        raise PlanError(
            f"--name: one name for several new clients: {listed(new)}; leave it out and correct their files"
        )
    not_roles = frozenset({*order.by_group, *(tops if order.each_group else ())})
    wishes = Wishes(site=order.site and read_site(order.site), short=order.short, not_roles=not_roles)
    changes = []
    for client_id, (name, drafts) in by_client.items():
        path = client_path(workspace.root, client_id)
        before = read_text(path) if client_id in workspace.clients or path.exists() else None
        first = before if before is not None else _first_text(client_id, name, order)
        client = load_client(path) if before is not None else load_text(first, client_id)
        fitted = fit(client, drafts, wishes, is_new=before is None)
        after = with_addition(first, client_id, fitted.addition)
        remarks += fitted.remarks
        changes.append(
            ClientChange(
                client=client_id, path=path, before=before, after=after, addition=fitted.addition, known=fitted.known
            )
        )
    return ImportPlan(changes=tuple(changes), remarks=gathered([*found.remarks, *remarks]))


def carry_out(plan: ImportPlan) -> tuple[Path, ...]:
    """The files that were written. FileError when one was changed since it was looked at; nothing is overwritten."""
    written = []
    for change in plan.changes:
        if change.is_nothing:
            continue
        make_folder(change.path.parent)
        if change.before is None:
            create_file(change.path, change.after)
        else:
            with locked(change.path.parent):
                if read_text(change.path) != change.before:
                    raise FileError(f"{change.path} was changed meanwhile and is left as it is; import again")
                replace_file(change.path, change.after)
        written.append(change.path)
    return tuple(written)


def read_site(text: str) -> str:
    """PlanError when it is no id."""
    try:
        return read_id(text)
    except ValueError as error:
        raise PlanError(f"--site: {error}") from error


def _first_text(client_id: str, name: str, order: Order) -> str:
    missing = [f"--{what}" for what in ("zone", "currency") if not getattr(order, what)]
    if missing:
        raise PlanError(
            f"{client_id} is a new client: add {' and '.join(missing)}, such as --zone Europe/Berlin --currency EUR"
        )
    return new_client_text(name, str(order.zone), str(order.currency))


def _by_client(
    workspace: Workspace, hosts: Sequence[HostDraft], tops: Sequence[str], order: Order
) -> tuple[dict[str, tuple[str, list[HostDraft]]], list[Remark]]:
    groups = {group: _client_id(client, "--by-group") for group, client in order.by_group.items()}
    if unknown := [group for group in groups if not any(group in host.groups for host in hosts)]:
        raise PlanError(f"--by-group: no host is in the group {unknown[0]}; groups: {', '.join(_groups(hosts))}")
    if order.each_group:
        groups = {group: slug(group) for group in tops} | groups
    found: dict[str, tuple[str, list[HostDraft]]] = {}
    remarks = []
    for host in hosts:
        client, name = _client_of(workspace, host, groups, order)
        if isinstance(client, Remark):
            remarks.append(client)
        else:
            found.setdefault(client, (name, []))[1].append(host)
    if remarks and not found:
        raise PlanError(
            "nothing says whose hosts these are: add --client ID, or --by-group GROUP=ID, or --each-group; "
            f"groups: {', '.join(_groups(hosts)) or 'none'}"
        )
    return found, remarks


def _client_of(
    workspace: Workspace, host: HostDraft, groups: Mapping[str, str], order: Order
) -> tuple[str | Remark, str]:
    owners = {groups[group]: group for group in host.groups if group in groups}
    if len(owners) > 1:
        why = f"it is in groups of several clients: {', '.join(owners)}; a host belongs to one"
        return _nobody(host, why), ""
    for client, group in owners.items():
        return client, order.name or group.replace("_", " ").replace("-", " ").title()
    if order.client:
        return _client_id(order.client, "--client"), order.name or order.client.replace("-", " ").title()
    if host.client:
        named = {client.name.lower(): client.id for client in workspace.clients.values()}
        said = named.get(host.client.lower()) or slug(host.client)
        return (said, host.client) if said else (_nobody(host, f"'{host.client}' gives no client's id"), "")
    return _nobody(host, "nothing says whose it is; add --client for hosts in none of the groups"), ""


def _nobody(host: HostDraft, why: str) -> Remark:
    return Remark(verdict="left out", what="host", why=why, where=host.where, hosts=(host.name,))


def _client_id(text: str, option: str) -> str:
    try:
        return read_id(text)
    except ValueError as error:
        raise PlanError(f"{option}: {error}") from error


def _groups(hosts: Sequence[HostDraft]) -> Iterator[str]:
    yield from list(dict.fromkeys(group for host in hosts for group in host.groups))[:20]


def client_of(change: ClientChange) -> Client:
    """The client as it would be."""
    return load_text(change.after, change.client)
