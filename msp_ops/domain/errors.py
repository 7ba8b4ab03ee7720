"""The errors of the house. Anything else that is raised is a defect and ends the program loudly.

MspOpsError
├── FileError        what somebody wrote in a file cannot be meant: file, line and column are in the text
├── PlanError        what somebody asked for makes no sense: no such host, a parameter that does not fit
├── NotPermitted     it makes sense, but not now or not by this actor: window, freeze, unresolved host
│   ├── HostBusy     another run is changing the host: it may be free again in a while
│   └── Stopped      a person stopped this run, or all of them
├── StoreError       the store cannot be used: missing, locked, full, from another version
│   └── NotSaved     hosts were worked on, and how they ended could not be written down
└── TransportError   the world: no connection, login refused, link lost
    ├── NotReached   before anything was committed on the host: nothing was changed
    └── LinkLost     after a commit: what the host did is not known
"""


class MspOpsError(Exception):
    """Something a person can act on; its text says who, what was found, what would be right, what to do."""


class FileError(MspOpsError):
    """One or more mistakes in files that people wrote."""


class PlanError(MspOpsError):
    """The request does not fit the inventory or the runbook."""


class NotPermitted(MspOpsError):  # noqa: N818  # reads as what it is
    """The request is sound but must not run now."""


class HostBusy(NotPermitted):
    """Another run holds the host: waiting may help."""


class Stopped(NotPermitted):
    """A person stopped this run or every run: nothing new begins."""


class StoreError(MspOpsError):
    """The store is missing, locked, full, damaged or of another version."""


class Overtaken(StoreError):  # noqa: N818  # reads as what it is
    """What was read has changed before it could be written: look again."""


class NotSaved(StoreError):  # noqa: N818  # reads as what it is
    """Results that the store did not take, although it was tried again and again."""


class TransportError(MspOpsError):
    """The wire to a host failed."""


class NotReached(TransportError):  # noqa: N818  # reads as what it is
    """No session on the host; nothing was changed there.

    `credential_refused`: the login was refused. `again`: another try may help, as with a dead line or a dropped banner;
    with a refused login, another host key or an unknown name it cannot.
    """

    def __init__(self, message: str, *, credential_refused: bool = False, again: bool = False) -> None:
        super().__init__(message)
        self.credential_refused = credential_refused
        self.again = again


class LinkLost(TransportError):  # noqa: N818  # reads as what it is
    """The link broke after a commit; only the host knows what happened."""
