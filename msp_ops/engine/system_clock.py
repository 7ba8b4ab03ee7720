"""The clock of the machine that we run on."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SystemClock:
    """See `domain.clock.Clock`. Linux only: CLOCK_BOOTTIME counts the time that the machine slept."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  # the one place where the wall clock is read

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))

    def boot_id(self) -> str:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
