"""Why a playbook was not begun. Whenever one of these is raised, no host was touched."""

from msp_ops.domain.errors import MspOpsError


class PlaybookError(MspOpsError):
    """The playbook does not fit its hosts, or Ansible cannot be used here."""


class NotInstalled(PlaybookError):  # noqa: N818  # reads as what it is
    """ansible-runner or ansible-core is missing."""
