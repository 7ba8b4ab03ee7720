"""The rules that Xero and Intuit publish, written down apart from the code that must keep them.

Xero: Xero Central "Import a sales invoice" with the template's own head (columns with a star are mandatory; 500
invoices; one contact, dates and currency an invoice; dates as the region has them; four decimals; 4,000 letters).
QuickBooks Online: the TimeActivity entity (NameOf with EmployeeRef or VendorRef; Hours and Minutes or start and end;
BillableStatus; CustomerRef and ItemRef when billable; Description up to 4,000 letters).
"""

import csv
import io
import re
from datetime import datetime

MANDATORY = (
    *("*ContactName", "*InvoiceNumber", "*InvoiceDate", "*DueDate", "*Description", "*Quantity", "*UnitAmount"),
    *("*AccountCode", "*TaxType"),
)
TEMPLATE = (
    "*ContactName,EmailAddress,POAddressLine1,POAddressLine2,POAddressLine3,POAddressLine4,POCity,PORegion,POPostalCode,"
    "POCountry,*InvoiceNumber,Reference,*InvoiceDate,*DueDate,Total,InventoryItemCode,*Description,*Quantity,*UnitAmount,"
    "Discount,*AccountCode,*TaxType,TaxAmount,TrackingName1,TrackingOption1,TrackingName2,TrackingOption2,Currency,"
    "BrandingTheme"
)
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]{1,4})?")
LAYOUTS = {"DD/MM/YYYY": "%d/%m/%Y", "MM/DD/YYYY": "%m/%d/%Y"}


def xero_mistakes(content, dates="DD/MM/YYYY", tax_rates=("20% (VAT on Income)", "No VAT")):
    """Everything for which Xero would refuse the file, or import something else than is meant."""
    mistakes = []
    text = content.decode("utf-8")
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    mistakes += [] if ",".join(head) == TEMPLATE else ["the head is not the template's"]
    mistakes += [] if not content.startswith(b"\xef\xbb\xbf") else ["a byte order mark before the first column"]
    invoices, last = {}, None
    for number, cells in enumerate(rows, 2):
        if len(cells) != len(head):
            mistakes.append(f"line {number} has {len(cells)} cells")
            continue
        row = dict(zip(head, cells, strict=True))
        mistakes += [f"line {number}: {name} is empty" for name in MANDATORY if not row[name]]
        mistakes += [
            f"line {number}: {name} is no number"
            for name in ("*Quantity", "*UnitAmount")
            if not NUMBER.fullmatch(row[name])
        ]
        for name in ("*InvoiceDate", "*DueDate"):
            try:
                day = datetime.strptime(f"{row[name]} +0000", f"{LAYOUTS[dates]} %z")
                assert day.strftime(LAYOUTS[dates]) == row[name]
            except (ValueError, AssertionError):
                mistakes.append(f"line {number}: {name} {row[name]}")
        mistakes += [] if row["*TaxType"] in tax_rates else [f"line {number}: there is no tax rate {row['*TaxType']}"]
        mistakes += [] if len(row["*Description"]) <= 4000 else [f"line {number}: the description is too long"]
        mistakes += [] if len(row["*InvoiceNumber"]) <= 255 else [f"line {number}: the invoice number is too long"]
        same = tuple(row[name] for name in ("*ContactName", "*InvoiceDate", "*DueDate", "Currency", "Reference"))
        if invoices.setdefault(row["*InvoiceNumber"], same) != same:
            mistakes.append(f"line {number}: the invoice has another contact, reference, date or currency above")
        if row["*InvoiceNumber"] != last and list(invoices)[-1] != row["*InvoiceNumber"]:
            mistakes.append(f"line {number}: lines of one invoice do not stand together")
        last = row["*InvoiceNumber"]
        mistakes += [f"line {number}: {name} is filled" for name in ("Total", "TaxAmount", "Discount") if row[name]]
    mistakes += [] if len(invoices) <= 500 else [f"{len(invoices)} invoices in one file"]
    return mistakes


def quickbooks_mistakes(body):
    """Everything for which Intuit's API answers 400."""
    mistakes = []
    known = {
        "TxnDate",
        "NameOf",
        "EmployeeRef",
        "VendorRef",
        "CustomerRef",
        "ItemRef",
        "Hours",
        "Minutes",
        "BreakHours",
    }
    known |= {"BreakMinutes", "HourlyRate", "BillableStatus", "Taxable", "Description", "StartTime", "EndTime"}
    mistakes += [f"unknown field {name}" for name in body.keys() - known]
    who = {"Employee": "EmployeeRef", "Vendor": "VendorRef"}.get(body.get("NameOf"))
    mistakes += [] if who and set(body.get(who, ())) == {"value"} else ["NameOf without its reference"]
    mistakes += [] if len({"EmployeeRef", "VendorRef"} & body.keys()) == 1 else ["two kinds of people"]
    hours, minutes = body.get("Hours"), body.get("Minutes")
    whole = type(hours) is int and type(minutes) is int
    mistakes += [] if whole and 0 <= hours <= 8760 and 0 <= minutes <= 59 and hours + minutes > 0 else ["no length"]
    mistakes += [] if body.get("BillableStatus") in {"Billable", "NotBillable", "HasBeenBilled"} else ["no status"]
    if body.get("BillableStatus") == "Billable":
        mistakes += [
            f"billable without {name}" for name in ("CustomerRef", "ItemRef", "HourlyRate") if name not in body
        ]
    mistakes += [] if re.fullmatch(r"\d{4}-\d{2}-\d{2}", body.get("TxnDate", "")) else ["TxnDate is no day"]
    mistakes += [] if len(body.get("Description", "")) <= 4000 else ["the description is too long"]
    return mistakes
