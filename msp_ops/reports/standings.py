"""What an outcome means to a client: only a proved success is good, everything unproved is `unknown`."""

from collections.abc import Mapping

from msp_ops.domain.outcome import Outcome
from msp_ops.reports.sections import Standing

NOT_KNOWN = "not known"
STANDINGS: Mapping[Outcome | None, Standing] = {
    Outcome.SKIPPED: Standing(mark="none", state="Not needed", why="It does not apply to this machine."),
    Outcome.SUCCEEDED: Standing(mark="good", state="Done and checked"),
    Outcome.DEFERRED: Standing(
        mark="unknown",
        state="Put off",
        why="It had to wait; nothing was changed.",
        what_next="We do it in the next window.",
    ),
    Outcome.UNVERIFIED: Standing(
        mark="unknown",
        state="Not checked",
        why="The work was done, but its result could not be checked.",
        what_next="We check it by hand.",
        without_changes="no change was recorded",
    ),
    Outcome.BLOCKED: Standing(
        mark="unknown",
        state="Not started",
        why="Something else was in the way; nothing was changed.",
        what_next="We clear the way and try again.",
    ),
    Outcome.NOT_REACHED: Standing(
        mark="unknown",
        state="Not reached",
        why="We could not connect to it; nothing was changed.",
        what_next="We try again as soon as it answers.",
    ),
    Outcome.FAILED: Standing(
        mark="bad",
        state="Not finished",
        why="The work did not reach its aim.",
        what_next="A technician looks into it.",
        without_changes="no change was recorded",
    ),
    Outcome.UNKNOWN: Standing(
        mark="unknown",
        state="Not known",
        why="The connection was lost during the work; how it ended is not proved yet.",
        what_next="A technician looks at the machine before anything else is changed there.",
        without_changes=NOT_KNOWN,
    ),
    None: Standing(
        mark="unknown",
        state="Going on",
        why="It was still going on when this was written.",
        what_next="We report how it ended.",
        without_changes=NOT_KNOWN,
    ),
}
