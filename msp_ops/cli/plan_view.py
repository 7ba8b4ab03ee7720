"""A plan, its permit and its preview, as a person reads them before saying yes."""

from msp_ops.cli.talk import err, say, shown
from msp_ops.domain.plan import Permit, Plan, Preview
from msp_ops.domain.runbook import Runbook

MANY = 8


def show_plan(plan: Plan, runbook: Runbook) -> None:
    """What would run, on what, with what."""
    hosts = ", ".join(plan.host_ids()[:MANY])
    more = f" and {len(plan.hosts) - MANY} more" if len(plan.hosts) > MANY else ""
    err.print(f"[bold]{shown(runbook.title)}[/bold]  ({plan.impact})")
    err.print(f"  on    {plan.client_id}: {shown(hosts)}{more}")
    for name, value in plan.parameters.items():
        err.print(f"  with  {name} = {shown(value)}")
    for step in (*runbook.steps, *runbook.verify):
        err.print(f"  then  {shown(step.name)}")
    err.print(f"  plan  {plan.digest[:16]}, runbook {plan.runbook_digest[:16]}", style="dim")


def show_permit(permit: Permit) -> None:
    """Whether it may happen now, and why not."""
    for refusal in permit.refusals:
        say(f"Not now: {refusal.host_id + ': ' if refusal.host_id else ''}{refusal.reason}", "red")
    for remark in permit.remarks:
        say(f"Note: {remark}", "yellow")


def show_preview(client_id: str, preview: Preview) -> None:
    """What one host says would change."""
    style = "" if preview.reached else "red"
    say(f"{client_id}/{preview.host_id}{'' if preview.reached else ' could not be asked'}:", style)
    for line in preview.lines:
        say(f"  {line.removeprefix('msp: ')}", style)
