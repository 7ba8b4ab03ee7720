"""A Windows host that answers at once, so that the client is measured. Prints its port, and counts when asked."""

import sys

from msp_ops.lab.winrm.command import Command
from msp_ops.lab.winrm.endpoint import WinRmEndpoint
from msp_ops.lab.winrm.played import frame, read_question
from msp_ops.lab.winrm.shells import Quotas
from msp_ops.transports.winrm.onwindows import COMMAND

USER, PASSWORD, SAID = "ACME\\svc", "practice", b"fine"


def answer(command: Command) -> int:
    """Ours asks behind the launcher, anybody else by the command line."""
    if command.line != COMMAND:
        command.write(SAID)
        return 0
    question = read_question(command.read_input() or b"")
    if question is None:
        return 97
    command.write(frame(question.asked, {"exit": 0, "cut": 0}, SAID))
    return 0


def main() -> None:
    with WinRmEndpoint(answer, {USER: PASSWORD}, quotas=Quotas(shells=1000, operations=10**9)) as endpoint:
        print(endpoint.port, flush=True)
        for _ in sys.stdin:
            print(endpoint.counters["http"], endpoint.counters["login"], len(endpoint.shells.open), flush=True)


if __name__ == "__main__":
    main()
