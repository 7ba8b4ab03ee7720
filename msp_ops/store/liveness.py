"""Is the process that opened a run still at work? Judged by whoever reads; nobody has to be alive to write it."""

from datetime import timedelta

from msp_ops.domain.record import record
from msp_ops.store.machine import Machine

BEAT_EVERY = timedelta(seconds=10)
DEAD_AFTER = timedelta(seconds=45)


@record
class ProcessRecord:
    """What a process left in the store. `silent_for` None: its clock ended with an earlier boot."""

    id: str
    pid: int
    start_ticks: int
    pid_namespace: int
    boot_id: str
    silent_for: timedelta | None


def is_alive(process: ProcessRecord, machine: Machine, boot_id: str) -> bool:
    """Its heart beats, and where we can see it (same boot, same namespace) that very process is there."""
    if process.silent_for is None or process.silent_for > DEAD_AFTER:
        return False
    in_sight = process.boot_id == boot_id and process.pid_namespace == machine.this_process().pid_namespace
    return not in_sight or machine.is_there(process.pid, process.start_ticks)
