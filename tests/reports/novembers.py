"""What happened in November, in full: good days, a bad night, a machine that vanished."""

from datetime import datetime, timedelta
from decimal import Decimal

from msp_ops.billing.comparisons import Comparison
from msp_ops.domain.finding import Finding
from msp_ops.domain.outcome import Outcome
from msp_ops.reports.maintenance import summarise_run
from msp_ops.reports.money import Otherwise
from msp_ops.reports.month import summarise_month
from tests.reports.cast import (
    ACME,
    BERLIN,
    BOREALIS,
    NORTHWIND,
    NOVEMBER,
    PREPARED_AT,
    RUNBOOKS,
    answered,
    covered,
    fixed,
    in_berlin,
    in_new_york,
    measured,
    occurrence,
    run_of,
    silent,
    tracked,
    work_of,
)

SECOND = [
    "openssl 3.0.15-1~deb12u1 -> 3.0.16-1~deb12u1",
    "libssl3 3.0.15-1~deb12u1 -> 3.0.16-1~deb12u1",
    "nginx 1.22.1-9 -> 1.22.1-9+deb12u2",
    "curl 7.88.1-10+deb12u8 -> 7.88.1-10+deb12u12",
    "libcurl4 7.88.1-10+deb12u8 -> 7.88.1-10+deb12u12",
    "tzdata 2026b-0+deb12u1 -> 2026c-0+deb12u1",
]
HELD = Finding(
    check="patch-state",
    subject="held packages",
    severity="info",
    message="postgresql-15: a person holds them back at an old version",
)
PATCH_CHECKS = ("pending-reboot", "package-health", "patch-state")
HEALTH_CHECKS = ("clock", "memory", "disk", "failed-units", "certificates")


def patched(host_id, at, changed, *findings):
    left = (measured("updates_security", 0, "packages", at), measured("updates_other", 0, "packages", at))
    return answered(host_id, at, changed=tuple(changed), checks=PATCH_CHECKS, findings=findings, measurements=left)


def backed_up(runbook_id, host_id, at, level=1, message=""):
    check = runbook_id.removeprefix("check-")
    failure = (Finding(check=check, subject="repository", severity="critical", message=message),) if message else ()
    figures = () if message else (measured("backup_level", level, "level", at),)
    outcome = Outcome.FAILED if message else Outcome.SUCCEEDED
    state = answered(host_id, at, outcome, checks=(check,), findings=failure, measurements=figures)
    return run_of(ACME, runbook_id, at, state)


def audited(host_id, at, used):
    return answered(
        host_id, at, checks=HEALTH_CHECKS, measurements=(measured("disk_used_percent:/srv", used, "percent", at),)
    )


FIRST_ROUND = run_of(
    ACME,
    "patch-linux",
    in_berlin(14, 22),
    *(
        patched(host_id, in_berlin(14, 22, 4), SECOND[:4], *((HELD,) if host_id == "db1" else ()))
        for host_id in ("web1", "db1", "fs1", "mail1")
    ),
)
SECOND_ROUND = run_of(
    ACME,
    "patch-linux",
    in_berlin(28, 22),
    patched("web1", in_berlin(28, 22, 4), SECOND),
    silent("db1"),
    patched(
        "fs1",
        in_berlin(28, 22, 8),
        SECOND[1:],
        Finding(check="pending-reboot", subject="reboot", severity="warning", message="a reboot is pending"),
    ),
    patched("mail1", in_berlin(28, 22, 12), SECOND[4:]),
)


def acme_runs():
    """Two rounds of updates, daily backup checks of two machines, weekly audits, one call."""
    files = [
        backed_up("check-backup-restic", "fs1", in_berlin(day, 6, 30), 2 if day % 7 == 1 else 1)
        for day in range(1, 31)
        if day != 17
    ]
    old = "the newest backup is 51 hours old, allowed are 26 hours"
    night = backed_up("check-backup-restic", "fs1", in_berlin(17, 6, 30), message=old)
    morning = backed_up("check-backup-restic", "fs1", in_berlin(17, 9, 10))
    dumps = [
        backed_up("check-backup-postgres", "db1", in_berlin(day, 6, 40), 2 if day == 12 else 1) for day in range(1, 28)
    ]
    gone = [run_of(ACME, "check-backup-postgres", in_berlin(day, 6, 40), silent("db1")) for day in (28, 29, 30)]
    return [*files, night, morning, *dumps, *gone, FIRST_ROUND, SECOND_ROUND, *_audits(), CALL]


def _audits():
    used = {"web1": (41, 41, 42, 42), "db1": (60, 61, 61, None), "fs1": (84, 86, 87, 88), "mail1": (35, 35, 36, 36)}
    for week, day in enumerate((9, 16, 23, 30)):
        states = [
            silent(host_id) if percents[week] is None else audited(host_id, in_berlin(day, 7), percents[week])
            for host_id, percents in used.items()
        ]
        yield run_of(ACME, "audit-health", in_berlin(day, 7), *states)


CALL = fixed(
    ACME,
    "fix-service",
    in_berlin(18, 10, 12),
    "T-20611",
    "the booking page did not open",
    answered("web1", in_berlin(18, 10, 13), checks=("service",), changed=("nginx.service restarted",)),
)
FULL = tracked(
    ACME,
    "fs1",
    "disk",
    "/srv",
    severity="warning",
    message="88 % of the space is used, 24576 MiB left",
    opened_at=in_berlin(16, 7, 5),
)
RESTART = tracked(
    ACME,
    "fs1",
    "pending-reboot",
    "reboot",
    severity="warning",
    message="a reboot is pending: libssl3 asked for it",
    opened_at=in_berlin(28, 22, 9),
)


def acme_work():
    lines = [covered(run) for run in acme_runs() if run is not CALL]
    reason = "break/fix at 95.00 EUR/h: 6 min 20 s measured, 15 min billed (15-minute steps)"
    call = work_of(
        ACME,
        CALL,
        timedelta(minutes=6, seconds=20),
        "break-fix.hourly",
        reason,
        contract="hourly",
        billed=timedelta(minutes=15),
        rate="95.00",
        amount="23.75",
    )
    return (*lines, call)


def upcoming():
    december = [datetime(2026, 12, day, 6, 30, tzinfo=BERLIN) for day in range(2, 32)]
    return (
        occurrence("updates", datetime(2026, 12, 12, 22, tzinfo=BERLIN)),
        occurrence("updates", datetime(2026, 12, 26, 22, tzinfo=BERLIN)),
        *(occurrence("files", at) for at in december),
        occurrence("health", datetime(2026, 12, 7, 7, tzinfo=BERLIN)),
    )


def by_the_hour(amount, paid="480.00"):
    basis = "as break/fix by 'hourly' at 95.00 EUR/h (15-minute steps): 90 records, 9 h measured, 17 h billed"
    return Otherwise(by_the_hour=Comparison(amount=Decimal(amount), paid=Decimal(paid), basis=basis))


def acme_month(**changes):
    given = {
        "msp": NORTHWIND,
        "client": ACME,
        "month": NOVEMBER,
        "runs": acme_runs(),
        "runbooks": RUNBOOKS,
        "work": acme_work(),
        "findings": (FULL, RESTART),
        "upcoming": upcoming(),
        "prepared_at": PREPARED_AT,
        "otherwise": by_the_hour("1685.00"),
    }
    return summarise_month(**(given | changes))


def acme_run(run=SECOND_ROUND, **changes):
    given = {
        "msp": NORTHWIND,
        "client": ACME,
        "runbook": RUNBOOKS["patch-linux"],
        "run": run,
        "work": (covered(run, 25),),
        "next_occurrences": upcoming()[:2],
    }
    return summarise_run(**(given | changes))


TILL = fixed(
    BOREALIS,
    "fix-disk-full",
    in_new_york(3, 9, 30),
    "T-77",
    "the till could not save a sale",
    answered("pos1", in_new_york(3, 9, 31), checks=("disk",)),
)
PRINTER = fixed(
    BOREALIS,
    "fix-service",
    in_new_york(19, 16, 5),
    "T-81",
    "nothing was printed",
    silent("print1", Outcome.UNKNOWN, "the link was lost after the commit"),
)


def borealis_month(**changes):
    line = work_of(
        BOREALIS,
        TILL,
        timedelta(minutes=22, seconds=5),
        "break-fix.hourly",
        "break/fix at 120.00 USD/h: 22 min 5 s measured, 30 min billed (15-minute steps)",
        contract="hourly",
        billed=timedelta(minutes=30),
        rate="120.00",
        amount="60.00",
    )
    given = {
        "msp": NORTHWIND,
        "client": BOREALIS,
        "month": NOVEMBER,
        "runs": [TILL, PRINTER],
        "runbooks": RUNBOOKS,
        "work": (line,),
        "findings": (),
        "upcoming": (),
        "prepared_at": PREPARED_AT,
    }
    return summarise_month(**(given | changes))
