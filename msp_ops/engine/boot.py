"""Which boot a host is in, and whether that boot has come to its end."""

import re
from datetime import timedelta

from msp_ops.domain.errors import LinkLost
from msp_ops.engine import boot_windows
from msp_ops.engine.powershell import is_windows
from msp_ops.transports.base import Session

BRIEF = timedelta(seconds=20)
BOOT_ID = b"cat /proc/sys/kernel/random/boot_id\n"
# `degraded` is up: which unit failed is the verification's matter
IS_UP = b"""[ -d /run/systemd/system ] || exit 0
case $(systemctl is-system-running) in running|degraded) exit 0 ;; *) exit 1 ;; esac
"""
# later than the end of its own parcel, so that the host has written down that the order was given, and in which boot
RESTART = b"""echo "from boot $(cat /proc/sys/kernel/random/boot_id)"
if [ -d /run/systemd/system ]; then
  systemd-run --quiet --on-active=3 --timer-property=AccuracySec=1s systemctl reboot || exit 1
else
  (sleep 3; reboot) </dev/null >/dev/null 2>&1 &
fi
echo 'msp: changed the host was restarted'
"""
_UUID = rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def boot_of(session: Session) -> str:
    """Raises LinkLost when the host cannot say it: one that goes down says anything."""
    answer = session.ask(boot_windows.BOOT_ID if is_windows(session) else BOOT_ID, "login", BRIEF)
    found = re.fullmatch(_UUID, answer.output.strip())
    if answer.exit_code != 0 or found is None:
        raise LinkLost("the host cannot say which boot it is in")
    return found[0].decode()


def ordered_in(output: bytes) -> str | None:
    """The boot in which RESTART was carried out, as it said itself."""
    found = re.search(rb"^from boot (%b)\r?$" % _UUID, output, re.MULTILINE)
    return found[1].decode() if found else None


def is_up(session: Session) -> bool:
    """Whether everything that starts with the host has been started."""
    return session.ask(boot_windows.IS_UP if is_windows(session) else IS_UP, "login", BRIEF).exit_code == 0


def order_for(session: Session) -> bytes:
    """What restarts this host, and says in which boot it was told to."""
    return boot_windows.RESTART if is_windows(session) else RESTART
