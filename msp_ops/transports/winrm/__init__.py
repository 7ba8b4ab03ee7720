"""WinRM by pywinrm, as a client only. Nothing here was run against a real Windows yet: docs/windows.md."""

import logging

# its debugging lines hold the messages of a login, from which a weak password can be guessed
logging.getLogger("spnego").setLevel(logging.WARNING)
