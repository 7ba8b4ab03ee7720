"""A host, a technician and a client who write what would take over a page that does not escape."""

from dataclasses import replace

from msp_ops.domain.client import Site
from msp_ops.domain.finding import Finding
from msp_ops.reports.money import Otherwise
from tests.reports.cast import ACME, fixed, host, in_berlin, measured, run_of, tracked
from tests.reports.novembers import acme_month, acme_run, answered

EVIL = "</style></script><script>document.title='taken'</script><img src=x onerror=alert(1)>\u202e\x1b[31m\x00\ud800"
LONG = "x" * 4000
CLIENT = replace(
    ACME,
    name=f"{EVIL} & Söhne",
    sites=(Site(id="s", name=EVIL, hosts=(host("web1", EVIL), host(f"{EVIL}"), host(LONG))),),
)


def _answers(at):
    finding = Finding(check=EVIL, subject=EVIL, severity="critical", message=EVIL + LONG)
    held = Finding(check="patch-state", subject="held packages", severity="info", message=f"{EVIL}: {EVIL}")
    return answered(
        "web1",
        at,
        changed=("<b>p</b> <i>1</i> -> \u202e2", EVIL, LONG),
        checks=(EVIL,),
        findings=(finding, held),
        measurements=(measured(f"disk_used_percent:{EVIL}", 99, "percent", at),),
    )


def _runs():
    at = in_berlin(14, 22)
    yield run_of(CLIENT, "patch-linux", at, _answers(at))
    yield run_of(CLIENT, "audit-health", in_berlin(16, 7), _answers(in_berlin(16, 7)))
    yield run_of(CLIENT, "check-backup-restic", in_berlin(17, 7), _answers(in_berlin(17, 7)))
    yield fixed(CLIENT, "fix-service", in_berlin(18, 9), EVIL, EVIL + LONG, _answers(in_berlin(18, 9)))


def hostile_month():
    finding = tracked(CLIENT, "web1", EVIL, EVIL, severity="critical", message=EVIL, opened_at=in_berlin(16, 7))
    return acme_month(client=CLIENT, runs=list(_runs()), findings=(finding,), work=(), otherwise=Otherwise())


def hostile_run():
    return acme_run(next(iter(_runs())), client=CLIENT)
