"""What can go wrong between us and Prefect; none of it touches a run or a record in our store."""

from msp_ops.domain.errors import MspOpsError


class PrefectError(MspOpsError):
    """Prefect did not do what it was asked."""


class PrefectUnreachable(PrefectError):  # noqa: N818  # reads as what it is
    """No Prefect server answers at the address."""


class PrefectRefused(PrefectError):  # noqa: N818  # reads as what it is
    """The server answered and said no: a wrong password, or a request it cannot accept."""


class ServiceError(MspOpsError):
    """The embedded service cannot start, or a part of it ended."""
