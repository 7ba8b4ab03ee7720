"""Faults of backups: the night's is missing, or it is there and cannot be read back."""

from msp_ops.lab.fault import Fault, InHost

_EACH = "cd /srv/backup && for each in restic postgres; do"
_SOUND_AGAIN = f"""{_EACH}
  if [ -e ".sound-$each" ]; then rm -rf "$each"; mv ".sound-$each" "$each"; fi
done"""


def _instead(state: str) -> str:
    """Shell: what lies in the backups' place is in this state."""
    return f"""{_EACH}
  if [ -e ".sound-$each" ]; then rm -rf "$each"; else mv "$each" ".sound-$each"; fi
  cp -a "$each-{state}" "$each"
done"""


FAULTS = (
    Fault(
        kind="backup-stale",
        does="the newest backups, /srv/backup/restic and /srv/backup/postgres, were three days old at 'up'",
        how=InHost(make=_instead("stale"), undo=_SOUND_AGAIN),
    ),
    Fault(
        kind="backup-corrupt",
        does="the same backups are recent and damaged in the middle: only reading all of them shows it",
        how=InHost(make=_instead("corrupt"), undo=_SOUND_AGAIN),
    ),
)
