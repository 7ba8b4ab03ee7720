"""What a check is."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

from msp_ops.domain.client import Policy
from msp_ops.domain.finding import Reading
from msp_ops.domain.record import record


class UnreadableError(Exception):
    """The answer is not what the command prints when it works: nothing was checked. Says what was found."""


@record
class Seen:
    """A host's answer to a check's command: standard output and error as they came, mixed."""

    output: str
    exit_code: int
    parameters: Mapping[str, str]
    policy: Policy
    at: datetime


@record
class Check:
    """`command` is POSIX sh that changes nothing; the runbook's parameters are shell variables in it.

    Without a command nothing is asked of the host: this machine looks, see `outside`.
    """

    name: str
    title: str
    command: str = ""
    read: Callable[[Seen], Reading]
    run_as: Literal["root", "login"] = "login"
