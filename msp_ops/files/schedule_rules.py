"""Whether each schedule of a client can be carried out: its time, its hosts, its runbook."""

from collections.abc import Mapping

from msp_ops.domain.binding import bind
from msp_ops.domain.client import Client
from msp_ops.domain.contract import MAINTENANCE
from msp_ops.domain.errors import PlanError
from msp_ops.domain.parameters import Secret
from msp_ops.domain.reference import is_reference
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.schedule import Schedule
from msp_ops.domain.selection import select_hosts
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.files.document import Document

Library = Mapping[str, Runbook | None]


def check_schedules(document: Document, client: Client, library: Library | None) -> None:
    """Complains of what cannot be meant; without a library the runbooks' names and parameters are not looked at."""
    for number, schedule in enumerate(client.schedules):
        where: list[str | int] = ["schedules", number]
        _check_time(document, where, schedule, [window.id for window in client.windows])
        try:
            select_hosts(client, schedule.hosts)
        except PlanError as error:
            document.complain([*where, "hosts"], str(error))
        if library is not None:
            _check_runbook(document, where, client, schedule, library)


def _check_time(document: Document, where: list[str | int], schedule: Schedule, windows: list[str]) -> None:
    own = [key for key in ("rrule", "start") if getattr(schedule, key) is not None]
    if schedule.window is None and len(own) < 2:
        document.complain(
            where, f"{schedule.id} has no time; add window, or both rrule and start; windows: {listed(windows)}"
        )
    elif schedule.window is not None and own:
        document.complain_of_key(
            [*where, own[0]], f"{own[0]} and window exclude each other; keep the window, or rrule and start"
        )
    elif schedule.window is not None and schedule.window not in windows:
        hint = did_you_mean(schedule.window, windows)
        document.complain(
            [*where, "window"], f"there is no window '{schedule.window}'; windows: {listed(windows)}{hint}"
        )


def _check_runbook(
    document: Document, where: list[str | int], client: Client, schedule: Schedule, library: Library
) -> None:
    if schedule.runbook not in library:
        hint = did_you_mean(schedule.runbook, library)
        found = f"there is no runbook '{schedule.runbook}'; runbooks: {listed(library)}{hint}"
        document.complain([*where, "runbook"], found)
    elif runbook := library[schedule.runbook]:
        if runbook.activity not in MAINTENANCE:
            found = f"{runbook.id} is {runbook.activity}: a person starts it; on a schedule run {listed(MAINTENANCE)}"
            document.complain([*where, "runbook"], found)
        for name, parameter in runbook.parameters.items():
            given = schedule.parameters.get(name, "")
            document.conceal(
                [*where, "parameters", name], really=isinstance(parameter, Secret) and not is_reference(given)
            )
        try:
            bind(runbook, schedule.parameters, client)
        except PlanError as error:
            document.complain([*where, "parameters"], str(error))
