"""SSH by paramiko, as a client only."""

import logging

# what it would print of a host that does not speak SSH is told by us, in one sentence
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False
