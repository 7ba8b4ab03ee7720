"""Why a target does not take an entry, and what there is to do: an entry is written or listed, never dropped."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from msp_ops.domain.export_map import NOBODY, Named
from msp_ops.domain.time_entry import TimeEntry

K = TypeVar("K", bound=str)
_NOTHING = timedelta(0)


class Refused(Exception):  # noqa: N818  # reads as what it is
    """The entry cannot be written; the text is for the clerk."""


def mapped(words: Mapping[K, str], key: K, where: str) -> str:
    """The word of the other program; Refused says which line `exports.yaml` lacks."""
    if key not in words:
        raise Refused(f"'{key}' is not known there; add to exports.yaml under {where}: {key}: ...")
    return words[key]


def number(text: str, where: str) -> int:
    """An id that is a number there."""
    if not (text.isascii() and text.isdigit()):
        raise Refused(f"'{text}' in exports.yaml under {where} is no number; write the id, such as 141")
    return int(text)


def mapped_number(words: Mapping[K, str], key: K, where: str) -> int:
    """Both."""
    return number(mapped(words, key, where), where)


def person_of(entry: TimeEntry, persons: Mapping[str, str], where: str) -> str:
    """Who worked, as they are called there. Work that ran by itself is `nobody`, whom a file may give a name too."""
    if entry.person is None and NOBODY not in persons:
        raise Refused(
            "it ran by itself and is no person's time; to have it there nevertheless, add to exports.yaml "
            f"under {where}: {NOBODY}: ..."
        )
    return mapped(persons, entry.person or NOBODY, where)


def ticket_number(entry: TimeEntry, ids: Named, where: str) -> int:
    """The number of the ticket there; Refused without a ticket, or when it is no number."""
    if entry.ticket is None:
        raise Refused("it has no ticket, and time is kept on tickets there; enter it on a ticket by hand")
    digits = entry.ticket.removeprefix(ids.ticket_prefix)
    if not (digits.isascii() and digits.isdigit()):
        raise Refused(
            f"the ticket '{entry.ticket}' is no number there; what stands before it goes into exports.yaml "
            f"under {where}: ticket_prefix: ..."
        )
    return int(digits)


def time_of(entry: TimeEntry) -> tuple[datetime, datetime]:
    """When it began and ended; Refused for all that is no time: fees, corrections, amounts without hours."""
    if entry.reverses is not None or entry.amount < 0 or entry.billed < _NOTHING:
        of = f" {entry.reverses}" if entry.reverses else " an earlier entry"
        raise Refused(f"it takes back{of}, and time there is above zero; take that one back there by hand")
    if entry.started_at is None or entry.ended_at is None:
        raise Refused("it is no time, but a fee or a price; bill it there by its agreement or as a product")
    if entry.amount and not entry.billed:
        raise Refused("it is an amount without hours; bill it there as a product")
    if not entry.worked and not entry.billed:
        raise Refused("it took no time and costs nothing; nothing is to be entered")
    return entry.started_at, entry.ended_at
