"""Whether each rollout of a client can be carried out."""

from collections.abc import Collection, Mapping

from msp_ops.domain.client import Client
from msp_ops.domain.errors import PlanError
from msp_ops.domain.rollout import Rollout
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.schedule import Schedule
from msp_ops.domain.selection import select_hosts
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.document import Document, Where

Library = Mapping[str, Runbook | None]


def check_rollouts(document: Document, client: Client, library: Library | None) -> None:
    """Complains of what cannot be meant; without a library it is not looked at what the runbooks do."""
    _check_rollout(document, ["rollout"], client.rollout, [host.id for host in client.hosts()], "")
    for number, schedule in enumerate(client.schedules):
        where: list[str | int] = ["schedules", number, "rollout"]
        if schedule.rollout is not None:
            taking_part = f" among those of {schedule.id}"
            _check_rollout(document, where, schedule.rollout, _hosts_of(client, schedule), taking_part)
            runbook = library.get(schedule.runbook) if library else None
            if runbook and not runbook.changes:
                document.complain_of_key(where, f"{runbook.id} only looks, everywhere at once; remove rollout")


def _hosts_of(client: Client, schedule: Schedule) -> list[str]:
    """All when the pattern names none: that is told where it stands."""
    try:
        return [host.id for host in select_hosts(client, schedule.hosts)]
    except PlanError:
        return [host.id for host in client.hosts()]


def _check_rollout(document: Document, where: Where, rollout: Rollout, hosts: Collection[str], among: str) -> None:
    canary = document.node([*where, "canary"])
    if canary is not None and canary.value == []:
        document.complain([*where, "canary"], "the list of canaries is empty; name hosts, or write yes or no")
    for number, host in enumerate(rollout.canary or ()):
        if host not in hosts:
            hint = did_you_mean(host, hosts)
            document.complain(
                [*where, "canary", number], f"there is no host '{host}'{among}; hosts: {listed(hosts)}{hint}"
            )
    if rollout.soak and rollout.canary is None:
        document.complain([*where, "soak"], "soak counts from the canary's end and there is none; add canary: yes")
