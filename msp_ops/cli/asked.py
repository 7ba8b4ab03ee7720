"""What is about to happen, shown to the person who says yes."""

from typing import TYPE_CHECKING

from msp_ops.cli.carry_out import carry_out
from msp_ops.cli.plan_view import show_permit, show_plan
from msp_ops.cli.talk import confirm, confirm_by_name
from msp_ops.journeys.run_runbook import Asked, permit_now

if TYPE_CHECKING:
    from msp_ops.journeys.parts import Parts


def show_asked(parts: "Parts", asked: Asked) -> None:
    """The plan, and whether it may happen now."""
    show_plan(asked.plan(), asked.runbook)
    show_permit(permit_now(parts, asked))


def confirm_asked(asked: Asked, where: str, *, yes: bool) -> None:
    """NotPermitted when the person says no. What puts data or the next boot at risk wants the hosts' name typed."""
    if not asked.runbook.changes:
        return
    question = f"{asked.runbook.title} on {where}?"
    if asked.runbook.risk == "R3":
        confirm_by_name(f"{question} Data or the next boot are at stake.", where, yes=yes)
    else:
        confirm(question, yes=yes)


def show_and_carry_out(parts: "Parts", asked: Asked, *, yes: bool, as_json: bool) -> None:
    """Ends the program with the run's exit code when that is not 0."""
    if not as_json:
        show_asked(parts, asked)
    confirm_asked(asked, f"{asked.client.id}/{','.join(host.id for host in asked.hosts)}", yes=yes)
    carry_out(parts, asked, as_json=as_json)
