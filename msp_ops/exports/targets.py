"""Which programs there are, and what each takes."""

from collections.abc import Callable, Sequence

from msp_ops.domain.errors import PlanError
from msp_ops.domain.export_map import ExportMap
from msp_ops.domain.record import record
from msp_ops.domain.time_entry import Export, TimeEntry
from msp_ops.domain.wording import did_you_mean, listed
from msp_ops.exports.autotask import export_autotask
from msp_ops.exports.connectwise import export_connectwise
from msp_ops.exports.generic import export_csv, export_json, export_xlsx
from msp_ops.exports.halopsa import export_halopsa
from msp_ops.exports.invoice_ninja import export_invoice_ninja
from msp_ops.exports.kimai import export_kimai
from msp_ops.exports.quickbooks import export_quickbooks
from msp_ops.exports.syncro import export_syncro
from msp_ops.exports.xero import export_xero


@record
class Target:
    """`write` makes the same bytes of the same entries, in whatever order they come."""

    title: str
    takes: str
    write: Callable[[Sequence[TimeEntry], ExportMap], Export]


TARGETS: dict[str, Target] = {
    "csv": Target(title="CSV", takes="all columns, UTF-8", write=lambda entries, _: export_csv(entries)),
    "csv-excel": Target(
        title="CSV for Excel",
        takes="all columns, UTF-8 with a byte order mark",
        write=lambda entries, _: export_csv(entries, bom=True),
    ),
    "xlsx": Target(title="XLSX", takes="all columns, as a workbook", write=lambda entries, _: export_xlsx(entries)),
    "json": Target(title="JSON", takes="all columns, with a schema", write=lambda entries, _: export_json(entries)),
    "connectwise": Target(
        title="ConnectWise PSA",
        takes="bodies of POST /time/entries",
        write=lambda entries, ids: export_connectwise(entries, ids.connectwise),
    ),
    "autotask": Target(
        title="Autotask PSA",
        takes="bodies of POST /V1.0/TimeEntries",
        write=lambda entries, ids: export_autotask(entries, ids.autotask),
    ),
    "halopsa": Target(
        title="HaloPSA",
        takes="bodies of POST /api/Actions",
        write=lambda entries, ids: export_halopsa(entries, ids.halopsa),
    ),
    "syncro": Target(
        title="Syncro",
        takes="bodies of POST /api/v1/tickets/ID/timer_entry",
        write=lambda entries, ids: export_syncro(entries, ids.syncro),
    ),
    "kimai": Target(
        title="Kimai",
        takes="bodies of POST /api/timesheets",
        write=lambda entries, ids: export_kimai(entries, ids.kimai),
    ),
    "invoiceninja": Target(
        title="Invoice Ninja",
        takes="bodies of POST /api/v1/tasks",
        write=lambda entries, ids: export_invoice_ninja(entries, ids.invoiceninja),
    ),
    "quickbooks": Target(
        title="QuickBooks Online",
        takes="bodies of POST /v3/company/ID/timeactivity",
        write=lambda entries, ids: export_quickbooks(entries, ids.quickbooks),
    ),
    "xero": Target(
        title="Xero",
        takes="sales invoices as CSV, 500 a file",
        write=lambda entries, ids: export_xero(entries, ids.xero),
    ),
}


def target_named(name: str) -> Target:
    """PlanError when there is none of that name."""
    if name not in TARGETS:
        raise PlanError(f"there is no target '{name}'; targets: {listed(TARGETS)}{did_you_mean(name, TARGETS)}")
    return TARGETS[name]
