"""How the fields of the domain are written, where their type alone does not say it."""

from msp_ops.domain.client import Client, Credential, Gateway, Host, Policy, Recipient, Site
from msp_ops.domain.contract import BlockHours, BreakFix, Managed, OnSite, Rounding, Scope
from msp_ops.domain.endpoint import Endpoint
from msp_ops.domain.expiry import ExpiryDate
from msp_ops.domain.export_map import AutotaskApi, ConnectWise, ConnectWiseApi, Kimai, TokenApi, Xero
from msp_ops.domain.hours import Holidays
from msp_ops.domain.msp import Mail
from msp_ops.domain.parameters import LONGEST, Choice, OtherHost, Size, Text
from msp_ops.domain.record import record
from msp_ops.domain.rehearsal import Rehearsal, Spoken, StandIn
from msp_ops.domain.rollout import Rollout
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.schedule import Schedule, Window
from msp_ops.domain.step import (
    ApproveStep,
    CheckStep,
    Circumstances,
    Condition,
    ModuleStep,
    PlaybookStep,
    RebootStep,
    ScriptStep,
    WaitStep,
)
from msp_ops.files import spelling
from msp_ops.files.spelling import Spelling

PINS = "host keys are not written here but pinned in the client's .pins file; do: msp-ops hosts trust"
PERCENT = spelling.between(1, 100)
PORT = spelling.between(1, 65535)


@record
class NotWritten:
    """The file does not hold this field; `instead` says where it comes from."""

    instead: str
    value: object = ""


@record
class LeftOut:
    """May be left out here, though the domain wants it; the loader fills it in."""

    value: object


@record
class Named:
    """Written under another key."""

    key: str


@record
class OneWord:
    """Written as a single text, whatever its type is."""

    spelling: Spelling


@record
class AlsoYesNo:
    """Yes or no may stand here too, for these values."""

    yes: object
    no: object


@record
class OneForMany:
    """In this mapping, which may be left out, one value may stand in place of a list of one."""


@record
class Lines:
    """A list may stand here, or in each place of this mapping: its items become the lines of one text."""


Rule = Spelling | NotWritten | LeftOut | Named | OneWord | AlsoYesNo | OneForMany | Lines

WHEN = Named(key="when")

RULES: dict[tuple[type, str], Rule] = {
    (Client, "id"): NotWritten(instead="the client's id is the name of its file"),
    (Client, "timezone"): spelling.ZONE,
    (Client, "currency"): spelling.CURRENCY,
    (Client, "credentials"): spelling.ID,  # their names
    (Credential, "key"): spelling.REFERENCE_TO_SECRET,
    (Credential, "password"): spelling.REFERENCE_TO_SECRET,
    (Credential, "passphrase"): spelling.REFERENCE_TO_SECRET,
    (Credential, "sudo_password"): spelling.REFERENCE_TO_SECRET,
    (Credential, "user"): spelling.USER,
    (Gateway, "address"): spelling.ADDRESS,
    (Gateway, "port"): PORT,
    (Gateway, "host_keys"): NotWritten(instead=PINS, value=()),
    (Host, "id"): spelling.ID,
    (Host, "address"): spelling.ADDRESS,
    (Host, "port"): PORT,
    (Host, "roles"): spelling.ID,
    (Host, "ring"): spelling.between(1, 99),
    (Host, "group"): spelling.ID,
    (Host, "host_keys"): NotWritten(instead=PINS, value=()),
    (Endpoint, "url"): spelling.ENDPOINT,
    (Endpoint, "at"): spelling.ADDRESS,
    (Endpoint, "status"): spelling.between(200, 599),
    (Endpoint, "addresses"): spelling.IP,
    (Endpoint, "servers"): spelling.IP,
    (ConnectWise, "custom_field"): spelling.between(1, 999_999_999),
    (Kimai, "timezone"): spelling.ZONE,
    (ConnectWiseApi, "url"): spelling.API_ADDRESS,
    (ConnectWiseApi, "busy_for"): spelling.POSITIVE,
    (ConnectWiseApi, "public_key"): spelling.REFERENCE_TO_SECRET,
    (ConnectWiseApi, "private_key"): spelling.REFERENCE_TO_SECRET,
    (AutotaskApi, "url"): spelling.API_ADDRESS,
    (AutotaskApi, "busy_for"): spelling.POSITIVE,
    (AutotaskApi, "secret"): spelling.REFERENCE_TO_SECRET,
    (AutotaskApi, "integration_code"): spelling.REFERENCE_TO_SECRET,
    (TokenApi, "url"): spelling.API_ADDRESS,
    (TokenApi, "busy_for"): spelling.POSITIVE,
    (TokenApi, "token"): spelling.REFERENCE_TO_SECRET,
    (Xero, "payment_days"): spelling.between(0, 365),
    (Mail, "server"): spelling.ADDRESS,
    (Mail, "sender"): spelling.EMAIL,
    (Mail, "seals_to"): spelling.EMAIL,
    (Mail, "port"): PORT,
    (Mail, "password"): spelling.REFERENCE_TO_SECRET,
    (ExpiryDate, "host"): spelling.ID,
    (ExpiryDate, "warn"): spelling.POSITIVE,
    (Site, "id"): spelling.ID,
    (Recipient, "email"): spelling.EMAIL,
    (Policy, "disk_warning_percent"): PERCENT,
    (Policy, "disk_critical_percent"): PERCENT,
    (Rollout, "canary"): AlsoYesNo(yes=(), no=None),
    (Rollout, "batch"): OneWord(spelling=spelling.BATCH),
    (Rollout, "stop_after"): spelling.between(1, 10_000),
    (Rounding, "increment"): spelling.POSITIVE,
    (OnSite, "increment"): spelling.POSITIVE,
    (Holidays, "country"): spelling.COUNTRY,
    (Managed, "id"): spelling.ID,
    (BlockHours, "id"): spelling.ID,
    (BreakFix, "id"): spelling.ID,
    (Scope, "hosts"): spelling.ID,
    (Window, "id"): spelling.ID,
    (Window, "rrule"): spelling.RULE,
    (Window, "duration"): spelling.POSITIVE,
    (Schedule, "id"): spelling.ID,
    (Schedule, "rrule"): spelling.RULE,
    (Schedule, "latest_start"): spelling.POSITIVE,
    (Schedule, "parameters"): Lines(),
    (Runbook, "id"): NotWritten(instead="the runbook's id is the name of its folder"),
    (Runbook, "digest"): NotWritten(instead="it is worked out from the files of the folder"),
    (Runbook, "scripts"): NotWritten(instead="name the file in a step: script: fix.sh", value={}),
    (Runbook, "folder"): NotWritten(instead="it is where the file lies", value=""),
    (Runbook, "parameters"): LeftOut(value={}),
    (Runbook, "expected"): spelling.POSITIVE,
    (Text, "pattern"): spelling.PATTERN,
    (Text, "default"): Lines(),
    (Text, "minimum"): spelling.between(0, LONGEST),
    (Text, "maximum"): spelling.between(1, LONGEST),
    (Choice, "default"): Lines(),
    (CheckStep, "kind"): NotWritten(instead="write the check's name: check: disk", value="check"),
    (CheckStep, "name"): LeftOut(value=""),
    (CheckStep, "timeout"): spelling.POSITIVE,
    (CheckStep, "condition"): WHEN,
    (ScriptStep, "kind"): NotWritten(instead="write the script's file: script: fix.sh", value="script"),
    (ScriptStep, "name"): LeftOut(value=""),
    (ScriptStep, "file"): Named(key="script"),
    (ScriptStep, "tries"): spelling.between(2, 10),
    (ScriptStep, "timeout"): spelling.POSITIVE,
    (ScriptStep, "condition"): WHEN,
    (RebootStep, "kind"): NotWritten(instead="write when it reboots: reboot: if-needed", value="reboot"),
    (RebootStep, "name"): LeftOut(value=""),
    (RebootStep, "when"): Named(key="reboot"),
    (RebootStep, "timeout"): spelling.POSITIVE,
    (RebootStep, "condition"): WHEN,
    (WaitStep, "kind"): NotWritten(instead="write the script that is asked: wait: is-it-there.sh", value="wait"),
    (WaitStep, "name"): LeftOut(value=""),
    (WaitStep, "file"): Named(key="wait"),
    (WaitStep, "every"): spelling.POSITIVE,
    (WaitStep, "timeout"): spelling.POSITIVE,
    (WaitStep, "condition"): WHEN,
    (PlaybookStep, "kind"): NotWritten(instead="write the playbook's file: playbook: site.yml", value="playbook"),
    (PlaybookStep, "name"): LeftOut(value=""),
    (PlaybookStep, "file"): Named(key="playbook"),
    (PlaybookStep, "groups"): OneForMany(),
    (PlaybookStep, "tags"): spelling.TAG,
    (PlaybookStep, "skip_tags"): spelling.TAG,
    (PlaybookStep, "vault_password"): spelling.REFERENCE_TO_SECRET,
    (PlaybookStep, "timeout"): spelling.POSITIVE,
    (PlaybookStep, "condition"): WHEN,
    (ModuleStep, "kind"): NotWritten(
        instead="write the module's full name: module: ansible.builtin.lineinfile", value="module"
    ),
    (ModuleStep, "name"): LeftOut(value=""),
    (ModuleStep, "arguments"): LeftOut(value={}),
    (ModuleStep, "timeout"): spelling.POSITIVE,
    (ModuleStep, "condition"): WHEN,
    (ApproveStep, "kind"): NotWritten(
        instead="write the question: approve: Is the backup of today good?", value="approve"
    ),
    (ApproveStep, "name"): LeftOut(value=""),
    (ApproveStep, "question"): Named(key="approve"),
    (ApproveStep, "timeout"): spelling.POSITIVE,
    (ApproveStep, "condition"): WHEN,
    (Circumstances, "role"): spelling.ID,
    (Circumstances, "parameter"): LeftOut(value={}),
    (Circumstances, "after"): LeftOut(value={}),
    (Condition, "role"): spelling.ID,
    (Condition, "parameter"): LeftOut(value={}),
    (Condition, "after"): LeftOut(value={}),
    (Size, "default"): spelling.SIZE,
    (Size, "minimum"): spelling.SIZE,
    (Size, "maximum"): spelling.SIZE,
    (OtherHost, "default"): spelling.ID,
    (Rehearsal, "name"): NotWritten(instead="a rehearsal is called as its file"),
    (Rehearsal, "parameters"): Lines(),
    (Rehearsal, "at"): OneWord(spelling=spelling.MOMENT),
    (Rehearsal, "says"): OneForMany(),
    (StandIn, "platform"): spelling.ID,
    (StandIn, "roles"): spelling.ID,
    (Spoken, "exit"): spelling.between(0, 255),
    (Spoken, "output"): spelling.ANY_TEXT,
}
TOLD_BY_KEY: dict[type, str] = {
    CheckStep: "check",
    ScriptStep: "script",
    RebootStep: "reboot",
    WaitStep: "wait",
    PlaybookStep: "playbook",
    ModuleStep: "module",
    ApproveStep: "approve",
}
"""Members of a union that are told apart by a key they have; all others by the word under `kind`."""
