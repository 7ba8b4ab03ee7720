"""A plan, its permit and its preview, as a person reads them before saying yes."""

from collections import Counter
from collections.abc import Iterator

from msp_ops.cli.talk import err, say, shown
from msp_ops.domain.duration import spell_duration
from msp_ops.domain.plan import Permit, Plan, Preview
from msp_ops.domain.rollout import Rollout, Share
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.step import RebootStep

MANY = 8


def show_plan(plan: Plan, runbook: Runbook) -> None:
    """What would run, on what, with what."""
    hosts = ", ".join(plan.host_ids()[:MANY])
    more = f" and {len(plan.hosts) - MANY} more" if len(plan.hosts) > MANY else ""
    err.print(f"[bold]{shown(runbook.title)}[/bold]  ({plan.impact})")
    err.print(f"  on    {plan.client_id}: {shown(hosts)}{more}")
    for line in parameter_lines(plan):
        err.print(f"  with  {shown(line)}")
    for line in rollout_lines(plan):
        err.print(f"  order {shown(line)}")
    for step in (*runbook.steps, *runbook.verify):
        if not (isinstance(step, RebootStep) and step.chosen(plan.parameters) == "never"):
            err.print(f"  then  {shown(step.name)}")
    err.print(f"  plan  {plan.digest[:16]}, runbook {plan.runbook_digest[:16]}", style="dim")


def parameter_lines(plan: Plan) -> Iterator[str]:
    """With what; of many values each, of a secret where it lies, of a file what it held."""
    held = {each.parameter: f" (sha256 {each.sha256[:16]})" for each in plan.files}
    for name, text in plan.parameters.items():
        for value in text.split("\n"):
            yield f"{name} = {value}{held.get(name, '')}"


def rollout_lines(plan: Plan) -> Iterator[str]:
    """In which order the hosts have their turn, where it is not all of them at once."""
    rollout = plan.rollout
    if rollout is None or len(plan.hosts) == 1:
        return
    if rollout.canary:
        soak = f", then watched for {spell_duration(rollout.soak)}" if rollout.soak else ""
        yield f"{', '.join(rollout.canary)} first, alone{soak}"
    yield from _stage_lines(rollout, plan)
    groups = Counter(host.group for host in plan.hosts if host.group)
    for group, members in groups.items():
        if members > 1:
            yield f"of {group} never two at the same time"
    yield f"no further host after {rollout.stop_after} that did not end well"


def _stage_lines(rollout: Rollout, plan: Plan) -> Iterator[str]:
    rings = sorted({host.ring for host in plan.hosts})
    if len(rings) > 1:
        yield f"rings {', '.join(map(str, rings))}, one after the other"
    match rollout.batch:
        case Share(percent=percent):
            yield f"in batches of {percent} % of a ring"
        case int(batch):
            yield f"in batches of {batch}"
        case None:
            pass


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
