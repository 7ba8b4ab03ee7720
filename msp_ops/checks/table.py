"""Every check there is, by the name that a runbook's step gives."""

from msp_ops.checks import (
    backup_postgres,
    backup_restic,
    certificates,
    clock,
    dates,
    disk,
    dns,
    failed_units,
    http,
    load,
    memory,
    package_health,
    patch_managers,
    patch_state,
    pending_reboot,
    service,
    tcp,
    tls,
)
from msp_ops.checks.base import Check

CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        backup_postgres.CHECK,
        backup_restic.CHECK,
        certificates.CHECK,
        clock.CHECK,
        dates.CHECK,
        disk.CHECK,
        dns.CHECK,
        failed_units.CHECK,
        http.CHECK,
        load.CHECK,
        memory.CHECK,
        package_health.CHECK,
        patch_managers.CHECK,
        patch_state.CHECK,
        pending_reboot.CHECK,
        service.CHECK,
        tcp.CHECK,
        tls.CHECK,
    )
}
