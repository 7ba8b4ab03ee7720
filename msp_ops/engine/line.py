"""The way to one host while a run is at work on it: opened when something is to be said, let go while nothing is."""

from msp_ops.transports.base import Session, Target, Transport


class Line:
    """At most one open session. Used by one thread at a time."""

    def __init__(self, transport: Transport, target: Target) -> None:
        self._transport = transport
        self._target = target
        self._session: Session | None = None

    def session(self) -> Session:
        """The open one, else a new one. Raises NotReached."""
        if self._session is None:
            self._session = self._transport.connect(self._target).__enter__()
        return self._session

    def drop(self) -> None:
        """Let it go; what is committed on the host goes on there."""
        session, self._session = self._session, None
        if session is not None:
            session.__exit__(None, None, None)
