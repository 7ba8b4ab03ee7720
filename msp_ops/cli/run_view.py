"""Runs as a person reads them: one in a line, or one with every host and step."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msp_ops.cli.talk import next_step, out, say, shown
from msp_ops.domain.duration import spell_duration
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.parcel import Intent
from msp_ops.domain.run import HostState, Run, StepResult
from msp_ops.domain.trigger import OnDemand


def brief(run: Run) -> dict[str, object]:
    """For programs, without its plan and steps."""
    return {
        "id": run.id,
        "client": run.plan.client_id,
        "runbook": run.plan.runbook_id,
        "trigger": run.trigger,
        "actor": run.actor,
        "opened_at": run.opened_at,
        "ended_at": run.ended_at,
        "outcome": run.outcome,
        "hosts": {host.host_id: host.outcome for host in run.hosts},
    }


def line(run: Run) -> tuple[str, ...]:
    """One row of the list."""
    why = run.trigger.ticket or "on demand" if isinstance(run.trigger, OnDemand) else "scheduled"
    good = sum(1 for host in run.hosts if host.outcome is not None and host.outcome.is_good)
    return (
        run.id,
        run.plan.client_id,
        run.plan.runbook_id,
        why,
        f"{run.opened_at:%Y-%m-%d %H:%M}Z",
        f"{good} of {len(run.hosts)} good",
        run.outcome.word if run.outcome is not None else "going on",
    )


def show(run: Run, told: Mapping[str, Intent], asks: Sequence[str], now: datetime, *, output: bool) -> None:
    """`told`: the step a host was told last. `asks`: steps that wait for a word. `output`: what hosts said too."""
    out.print(f"[bold]{run.id}[/bold]  {shown(' · '.join(line(run)[1:]))}")
    out.print(f"Plan {run.plan.digest[:16]}, runbook {run.plan.runbook_digest[:16]}, by {shown(run.actor.name)}")
    if run.outcome is None:
        out.print(_standing(run))
    for step in asks:
        say(f"A person's word is wanted: {step}", "yellow")
        next_step(f"msp-ops runs approve {run.id}")
    for host in run.hosts:
        _show_host(run, host, output=output)
        if host.host_id in told:
            out.print(f"  {shown(_told_words(told[host.host_id], now))}")
    if run.unresolved:
        next_step(f"msp-ops recover {run.id}")
    for host in run.unresolved:
        next_step(f"msp-ops runs resolve {run.id} {host.host_id} --as done|not-done|written-off --because '...'")


def told_last(run: Run, intents: Mapping[str, Intent]) -> dict[str, Intent]:
    """The steps that hosts were told last, of those whose end nobody knows."""
    open_ends = {host.host_id for host in run.hosts if host.outcome in {None, Outcome.UNKNOWN}}
    return {host_id: intent for host_id, intent in intents.items() if host_id in open_ends}


def _told_words(intent: Intent, now: datetime) -> str:
    """Also where the clocks of two machines differ a little."""
    ago = spell_duration(max(now - intent.at, timedelta(0)))
    allowed = spell_duration(intent.parcel.timeout)
    return f"told last: {intent.parcel.step!r}, {ago} ago ({intent.at:%H:%M:%S}Z); it may take {allowed}"


def _standing(run: Run) -> str:
    at_work = sum(host.at_work for host in run.hosts)
    ended = sum(host.outcome is not None for host in run.hosts)
    others = len(run.hosts) - ended - at_work
    return f"Hosts that ended: {ended}, at work: {at_work}, waiting or being looked at: {others}"


def _show_host(run: Run, host: HostState, *, output: bool) -> None:
    where = shown(f"{run.plan.client_id}/{host.host_id}")
    if host.outcome is None:
        out.print(f"\n{where}: [bold]{_going_on(host)}[/bold]")
    else:
        out.print(f"\n{where}: [bold]{host.outcome.word}[/bold]  {shown(host.reason)}")
    for step in host.result.steps if host.result else ():
        _show_step(step, output=output)
    if host.result and host.result.defect:
        for each in host.result.defect.splitlines():
            out.print(f"  ! {shown(each)}")


def _going_on(host: HostState) -> str:
    """The store knows of changes before they happen, and of looks when they are over."""
    return "at work" if host.at_work else "waiting, or being looked at"


def _show_step(step: StepResult, *, output: bool) -> None:
    seconds = step.interval.duration.total_seconds()
    out.print(f"  {step.outcome.word:<11} {shown(step.name)}  {seconds:.1f} s  {shown(step.reason)}")
    for each in step.changed:
        out.print(f"      changed   {shown(each)}")
    for finding in step.findings:
        out.print(f"      {finding.severity:<9} {shown(f'{finding.subject}: {finding.message}')}")
    if output and step.evidence:
        for each in step.evidence.body.decode(errors="replace").removesuffix("\n").split("\n"):
            out.print(f"      | {shown(each)}")
        if step.evidence.cut:
            out.print(f"      ({step.evidence.cut} more bytes were not kept)")
