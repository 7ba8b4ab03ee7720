"""Every check there is, by the name that a runbook's step gives."""

from msp_ops.checks import (
    backup_postgres,
    backup_restic,
    certificates,
    clock,
    disk,
    failed_units,
    load,
    memory,
    package_health,
    patch_managers,
    patch_state,
    pending_reboot,
    service,
)
from msp_ops.checks.base import Check

CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        backup_postgres.CHECK,
        backup_restic.CHECK,
        certificates.CHECK,
        clock.CHECK,
        disk.CHECK,
        failed_units.CHECK,
        load.CHECK,
        memory.CHECK,
        package_health.CHECK,
        patch_managers.CHECK,
        patch_state.CHECK,
        pending_reboot.CHECK,
        service.CHECK,
    )
}
