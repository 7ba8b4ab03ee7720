"""Drafts of hosts, fitted into one client: what is added to its file, what is there already, what speaks against it.

Nothing that stands in the file is changed: a host of the same id, or one reached the same way, is left as it is.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from msp_ops.domain.client import Client, Gateway, Host, Site
from msp_ops.domain.record import record
from msp_ops.files.document import Plain
from msp_ops.files.edit_client import Addition, SiteAddition
from msp_ops.files.import_draft import HostDraft, Jump, Login, Remark, gathered
from msp_ops.files.import_logins import Credentials
from msp_ops.files.import_names import host_ids, remarks_on_names, role_names, slug

Entry = dict[str, Plain]
Way = tuple[str, str, int]
Known = tuple[HostDraft, Host]


@record
class Fitted:
    """`known`: ids of hosts that the file has already, just so."""

    addition: Addition
    known: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


@record
class Wishes:
    """`site`: where hosts go that are reached directly. `not_roles`: groups that say something else."""

    site: str | None = None
    short: bool = False
    not_roles: frozenset[str] = frozenset()


def fit(client: Client, drafts: Sequence[HostDraft], wishes: Wishes, *, is_new: bool) -> Fitted:
    """`is_new`: `client` is a first file that nobody has written to yet."""
    return _Fitting(client, wishes, is_new=is_new).fit(drafts)


class _Fitting:
    def __init__(self, client: Client, wishes: Wishes, *, is_new: bool) -> None:
        self.client, self.wishes = client, wishes
        self.credentials = Credentials(client, is_new=is_new)
        self.sites: dict[str, Site | Entry] = {site.id: site for site in client.sites}
        self.doors = {_door(site.gateway): site.id for site in client.sites if site.gateway}
        self.hosts: dict[str, list[Entry]] = {}
        self.remarks: list[Remark] = []

    def fit(self, drafts: Sequence[HostDraft]) -> Fitted:
        named = {draft.name: draft for draft in drafts}
        drafts = list(self._each_once([self._with_known_gateway(draft, named) for draft in drafts]))
        site_ids = frozenset({"all", *self.sites, *(self._site_id(draft) for draft in drafts)})
        roles_there = frozenset(role for host in self.client.hosts() for role in host.roles)
        ids = host_ids(drafts, site_ids | roles_there, short=self.wishes.short)
        new, there = self._new_ones(drafts, ids)
        self._choose_default(new)
        roles = self._roles(drafts, ids, site_ids)
        for draft in new:
            self._place(draft, ids[draft.name], self._roles_of(draft, roles, ids))
        for draft, host in there:
            self._compare(draft, host, self._roles_of(draft, roles, ids))
        known = tuple(host.id for _, host in there)
        mine = {draft.name: ids[draft.name] for draft in new}
        used = {group: role for group, role in roles.items() if any(group in draft.groups for draft in new)}
        told = [*self.remarks, *remarks_on_names(mine, used), *self.credentials.remarks()]
        return Fitted(addition=self._addition(), known=known, remarks=gathered(told))

    def _each_once(self, drafts: Sequence[HostDraft]) -> Iterator[HostDraft]:
        """Names of one machine become one host with all their groups."""
        ways: dict[Way, HostDraft] = {}
        for draft in drafts:
            way = _way(draft)
            if first := ways.get(way):
                ways[way] = replace(first, groups=tuple(dict.fromkeys((*first.groups, *draft.groups))))
                why = f"the same machine as {first.name}: {draft.address}; its groups became roles of that one"
                self._tell(Remark(verdict="renamed", what=draft.name, why=why, where=draft.where))
            else:
                ways[way] = draft
        yield from ways.values()

    def _with_known_gateway(self, draft: HostDraft, named: Mapping[str, HostDraft]) -> HostDraft:
        """A machine in front that is in the inventory is reached as it says there; none lies in front of itself."""
        jump = draft.gateway
        if jump and (known := named.get(jump.address)):
            login = Login(user=jump.login.user or known.login.user, key=jump.login.key or known.login.key)
            jump = Jump(address=known.address, port=known.port or jump.port, login=login)
        is_itself = jump is not None and _door(jump) == (draft.address.lower(), _port(draft))
        return replace(draft, gateway=None if is_itself else jump)

    def _new_ones(self, drafts: Sequence[HostDraft], ids: Mapping[str, str]) -> tuple[list[HostDraft], list[Known]]:
        there = {host.id: (site, host) for site in self.client.sites for host in site.hosts}
        ways = {_way_there(site, host): host for site, host in there.values()}
        new, known, taken = [], list[Known](), dict[str, str]()
        for draft in drafts:
            host_id = ids[draft.name]
            same = ways.get(_way(draft))
            if host_id in there and same is not there[host_id][1]:
                self._contradict(draft, *there[host_id])
            elif same:
                known.append((draft, same))
                self.credentials.keep(draft.login, same.credential, windows=draft.winrm is not None)
            elif not host_id:
                self._leave_out(draft, "no letter of its name can be in an id; give it a name with letters or digits")
            elif host_id in taken:
                self._leave_out(draft, f"{taken[host_id]} has the id {host_id} already; give one of them another name")
            else:
                taken[host_id] = draft.name
                new.append(draft)
        return new, known

    def _contradict(self, draft: HostDraft, site: Site, host: Host) -> None:
        gateway, address, port = _way(draft)
        said = f"{address} port {port}{_behind(gateway)}"
        other, there, number = _way_there(site, host)
        why = f"the file says {there} port {number}{_behind(other)}, the inventory {said}; the file was left as it is"
        name, todo = f"{self.client.id}/{host.id}", "correct one of them"
        self._tell(Remark(verdict="contradicts", what=name, why=why, todo=todo, where=draft.where))

    def _compare(self, draft: HostDraft, host: Host, roles: Sequence[Plain]) -> None:
        """Of a host that is there just so: who logs in, and in which groups it came to be since."""
        name, user = f"{self.client.id}/{host.id}", self.client.credentials[host.credential].user
        if draft.login.user and draft.login.user != user:
            why = f"the file logs in as {user}, the inventory as {draft.login.user}; the file was left as it is"
            self._tell(Remark(verdict="contradicts", what=name, why=why, todo="correct one of them", where=draft.where))
        for role in roles:
            if role not in host.roles:
                why = "the inventory has it for hosts that lack it in the file, which was left as it is"
                self._tell(Remark(verdict="note", what=f"role {role}", why=why, hosts=(host.id,)))

    def _leave_out(self, draft: HostDraft, why: str) -> None:
        self._tell(Remark(verdict="left out", what="host", why=why, where=draft.where, hosts=(draft.name,)))

    def _choose_default(self, drafts: Sequence[HostDraft]) -> None:
        logins = Counter((draft.login, draft.winrm is not None) for draft in drafts)
        if logins:
            (login, windows), _ = logins.most_common(1)[0]
            self.credentials.most_use(login, windows=windows)

    def _roles(self, drafts: Sequence[HostDraft], ids: Mapping[str, str], sites: frozenset[str]) -> Mapping[str, str]:
        members: dict[str, set[str]] = {}
        for draft in drafts:
            for group in draft.groups:
                if group not in self.wishes.not_roles:
                    members.setdefault(group, set()).add(ids[draft.name])
        all_ids = frozenset({*ids.values(), *(host.id for host in self.client.hosts())})
        return role_names({group: frozenset(hosts) for group, hosts in members.items()}, all_ids, sites)

    def _roles_of(self, draft: HostDraft, roles: Mapping[str, str], ids: Mapping[str, str]) -> list[Plain]:
        found = dict.fromkeys(roles[group] for group in draft.groups if group in roles)
        return [role for role in found if role != ids[draft.name]]

    def _site_id(self, draft: HostDraft) -> str:
        """Where the host belongs: a site is what lies behind one gateway."""
        wanted = slug(draft.site or "")
        if draft.gateway is None:
            direct = next((site.id for site in self.client.sites if site.gateway is None), "main")
            return wanted or self.wishes.site or direct
        door = _door(draft.gateway)
        if door not in self.doors:
            port = "" if draft.gateway.port == 22 else f"-{draft.gateway.port}"
            name = f"via-{slug(draft.gateway.address)[:50]}{port}"
            ids = [wanted, name, *(f"{name}-{number}" for number in range(2, len(self.doors) + 3))]
            used = {*self.sites, *self.doors.values()}
            self.doors[door] = next(each for each in ids if each and each not in used)
        return self.doors[door]

    def _place(self, draft: HostDraft, host_id: str, roles: list[Plain]) -> None:
        site_id = self._site_id(draft)
        if draft.gateway is None and site_id in self.doors.values():
            there = f"the site {site_id} lies behind a gateway, this host is reached directly"
            self._leave_out(draft, f"{there}; name another site with --site")
            return
        if site_id not in self.sites:
            self.sites[site_id] = self._new_site(site_id, draft)
        self.hosts.setdefault(site_id, []).append(self._host(draft, host_id, roles))

    def _new_site(self, site_id: str, draft: HostDraft) -> Entry:
        jump = draft.gateway
        if jump is None:
            return {"id": site_id, "name": draft.site or site_id.replace("-", " ").capitalize()}
        login = jump.login
        if not login.user and not login.key:
            login = draft.login
            why = f"nothing says who logs in on {jump.address}: the same as on {draft.name} is written"
            self._tell(Remark(verdict="note", what=f"gateway of {site_id}", why=why, todo="correct it in the file"))
        gateway: Entry = {"address": jump.address}
        if jump.port != 22:
            gateway["port"] = str(jump.port)
        gateway["credential"] = self.credentials.name_for(login, slug(jump.address))
        return {"id": site_id, "name": draft.site or f"Behind {jump.address}", "gateway": gateway}

    def _host(self, draft: HostDraft, host_id: str, roles: list[Plain]) -> Entry:
        windows = draft.winrm is not None
        entry: Entry = {"id": host_id, "address": draft.address}
        if draft.winrm:
            entry["transport"] = "winrm"
            said: Entry = {key: value for key, value in draft.winrm if (key, value) not in USUAL_WINRM}
            if said:
                entry["winrm"] = said
        if _port(draft) != (_usual_winrm_port(draft) if windows else 22):
            entry["port"] = str(_port(draft))
        credential = self.credentials.name_for(draft.login, host_id, windows=windows)
        if credential != "default":
            entry["credential"] = credential
        if roles:
            entry["roles"] = roles
        return entry

    def _addition(self) -> Addition:
        sites = []
        for site_id, hosts in self.hosts.items():
            site = self.sites[site_id]
            entry: Entry = {"id": site_id} if isinstance(site, Site) else site
            sites.append(SiteAddition(site=entry, is_new=not isinstance(site, Site), hosts=tuple(hosts)))
        return Addition(sites=tuple(sites), credentials=self.credentials.new, own_default=self.credentials.own_default)

    def _tell(self, remark: Remark) -> None:
        self.remarks.append(remark)


USUAL_WINRM = {("tls", "yes"), ("auth", "ntlm")}


def _usual_winrm_port(draft: HostDraft) -> int:
    return 5985 if draft.winrm and ("tls", "no") in draft.winrm else 5986


def _port(draft: HostDraft) -> int:
    return draft.port or (22 if draft.winrm is None else _usual_winrm_port(draft))


def _door(gateway: Gateway | Jump) -> tuple[str, int]:
    return gateway.address.lower(), gateway.port


def _way(draft: HostDraft) -> Way:
    gateway = f"{draft.gateway.address.lower()} port {draft.gateway.port}" if draft.gateway else ""
    return gateway, draft.address.lower(), _port(draft)


def _way_there(site: Site, host: Host) -> Way:
    gateway = f"{site.gateway.address.lower()} port {site.gateway.port}" if site.gateway else ""
    return gateway, host.address.lower(), host.port


def _behind(gateway: str) -> str:
    return f" behind {gateway}" if gateway else ""
