"""How a single value is written: from text to the value, and the same rule as JSON Schema for editors."""

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from msp_ops.calendar.public_holidays import holiday_places
from msp_ops.calendar.rules import rule_mistake
from msp_ops.calendar.zones import zone_names
from msp_ops.domain.api_address import read_api_address
from msp_ops.domain.duration import read_duration
from msp_ops.domain.endpoint import PORTS, read_url
from msp_ops.domain.record import record
from msp_ops.domain.reference import REFERENCE, is_reference
from msp_ops.domain.rollout import Share
from msp_ops.domain.size import WRITTEN as WRITTEN_SIZE
from msp_ops.domain.size import read_size
from msp_ops.domain.wording import did_you_mean

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)


@record
class Spelling:
    """`read` raises ValueError with what was found and what would be right; `json` is what an editor checks."""

    read: Callable[[str], Any]
    json: dict[str, Any]


def pattern(text: str, *, types: Collection[str] = ("string",)) -> dict[str, Any]:
    """The JSON Schema of text that matches as a whole; other JSON types that YAML may see in it are let through."""
    return {"type": [*types] if len(types) > 1 else next(iter(types)), "pattern": f"^(?:{text})$"}


def read_line(text: str) -> str:
    """Text of one line; the line break that a folded block ends with does not count."""
    line = text.removesuffix("\n")
    if not line.strip():
        raise ValueError("the text is empty; write something or remove the key")
    return read_any_line(line)


def read_any_line(text: str) -> str:
    """Text of one line, perhaps empty."""
    line = text.removesuffix("\n")
    if CONTROL.search(line):
        raise ValueError("the text has a line break or an invisible character; write it on one line")
    return line


def read_whole(text: str) -> int:
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text):
        raise ValueError(f"'{text}' is not a whole number; write digits only, without a leading zero, such as 22")
    return int(text)


def read_between(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = read_whole(text)
        if not least <= number <= most:
            raise ValueError(f"{number} is out of bounds; right is {least} to {most}")
        return number

    return read


def read_batch(text: str) -> int | Share:
    """A number of hosts or their share of a ring."""
    try:
        share, number = text.endswith("%"), read_whole(text.removesuffix("%"))
    except ValueError as error:
        raise ValueError(f"'{text}' is neither a number of hosts nor a share of them; write 5 or 25%") from error
    if number < 1 or (share and number > 100):
        raise ValueError(f"{text} is out of bounds; right is 1 host or more, or 1% to 100%")
    return Share(percent=number) if share else number


def read_moment(text: str) -> datetime:
    """Aware, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"'{text}' is not a moment; write for example 2026-11-23T00:09:23Z") from error
    if moment.tzinfo is None:
        raise ValueError(f"'{text}' does not say in which zone; write for example {text}Z for UTC")
    return moment.astimezone(UTC)


def read_yes_no(text: str) -> bool:
    """`yes` and `no`, `true` and `false`."""
    if text not in {"yes", "no", "true", "false"}:
        raise ValueError(f"'{text}' is neither yes nor no{did_you_mean(text, ('yes', 'no', 'true', 'false'))}")
    return text in {"yes", "true"}


def read_amount(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text):
        raise ValueError(f"'{text}' is not an amount; write digits and a point, zero or more, such as 450 or 95.50")
    return Decimal(text)


def read_day(text: str) -> date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"there is no day {text}: {error}") from error
    raise ValueError(f"'{text}' is not a day; write year-month-day such as 2026-01-31")


def read_time(text: str) -> time:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError(f"'{text}' is not a time of day; write 00:00 to 23:59 such as 06:30")
    return time.fromisoformat(text)


def read_positive(text: str) -> timedelta:
    """A length of time above zero."""
    duration = read_duration(text)
    if not duration:
        raise ValueError(f"{text} is no time at all; write a length above zero such as 15m")
    return duration


def read_size_text(text: str) -> str:
    """As it was written: what it means in bytes is worked out when it is bound."""
    read_size(text)
    return text


def read_id(text: str) -> str:
    if not KEBAB.fullmatch(text) or len(text) > 63:
        near = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63]
        hint = f", such as '{near}'" if near else ""
        raise ValueError(f"'{text}' is not an id; write small letters, digits and single dashes{hint}")
    return text


def read_address(text: str) -> str:
    """An IP address or a host name; never something that a program could take for an option."""
    try:
        return str(ip_address(text)) if "%" not in text else _not_an_address(text)
    except ValueError:
        numeric = text.rpartition(".")[2].isdigit()
        return text if HOST_NAME.fullmatch(text) and not numeric and len(text) <= 253 else _not_an_address(text)


def read_ip(text: str) -> str:
    """An IP address as it is always written."""
    try:
        return str(ip_address(text)) if "%" not in text else _not_an_address(text)
    except ValueError as error:
        raise ValueError(f"'{text}' is no IP address; write for example 10.0.0.5 or 2001:db8::5") from error


def read_endpoint(text: str) -> str:
    """As it was written: its parts are read when it is looked at."""
    name = read_url(text).name
    if name:
        read_address(name)
    return text


def _not_an_address(text: str) -> str:
    raise ValueError(
        f"'{text}' is neither an IP address nor a host name; write for example 10.0.0.5 or web1.example.com"
    )


def read_user(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63}", text):
        raise ValueError(
            f"'{text}' is not a user name; write letters, digits, dots, dashes and underscores such as ops"
        )
    return text


def read_email(text: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\".]+", text):
        raise ValueError(f"'{text}' is not a mail address; write for example anna@example.com")
    return text


def read_reference(text: str) -> str:
    """Where a secret lies. A secret itself is refused and not repeated in the error."""
    if not is_reference(text):
        raise ValueError(
            "a secret or something else that is no reference stands here; secrets are not kept in files: put it into an"
            " environment variable and write env:NAME, or into a file that only you can read and write file:PATH"
        )
    return text


def read_currency(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError(f"'{text}' is not a currency; write its three capitals from ISO 4217 such as EUR")
    return text


def read_zone(text: str) -> str:
    if text not in zone_names():
        hint = did_you_mean(text, zone_names()) or _city(text)
        raise ValueError(f"there is no time zone '{text}'; write a name of the IANA list such as Europe/Berlin{hint}")
    return text


def _city(text: str) -> str:
    cities = [name for name in sorted(zone_names()) if name.endswith(f"/{text.replace(' ', '_').title()}")]
    return f"; did you mean '{cities[0]}'?" if cities else ""


def read_country(text: str) -> str:
    """One whose holidays are known."""
    known = holiday_places()
    if text not in known:
        near = [code for code in known if code[0] == text[:1].upper()]
        some = f"; those with {near[0][0]}: {', '.join(near)}" if near else ""
        raise ValueError(
            f"no holidays are known of '{text}'; write one of {len(known)} ISO 3166 codes such as DE{some}"
        )
    return text


def read_tag(text: str) -> str:
    """A tag of Ansible's; never something that its program could take for an option."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*", text):
        raise ValueError(f"'{text}' is not a tag; write letters, digits, dots, dashes and underscores such as packages")
    return text


def read_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"'{text}' is not a regular expression: {error}") from error
    return text


@lru_cache(maxsize=1024)
def read_rule(text: str) -> str:
    """The calendar says what a rule is; many clients share a few rules."""
    mistake = rule_mistake(text)
    if mistake:
        raise ValueError(mistake)
    return text


TEXT = {"type": ["string", "number", "boolean"]}
DURATION = pattern(r"(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?")
ANY_LINE = Spelling(read=read_any_line, json=TEXT)
LINE = Spelling(read=read_line, json=TEXT)
ID = Spelling(read=read_id, json=pattern(KEBAB.pattern, types=("string", "integer")))
ADDRESS = Spelling(read=read_address, json=pattern(r"[A-Za-z0-9:][A-Za-z0-9.:-]*"))
IP = Spelling(read=read_ip, json=pattern(r"[0-9A-Fa-f:.]+"))
ENDPOINT = Spelling(read=read_endpoint, json=pattern(f"({'|'.join(PORTS)})://[!-~]*"))
API_ADDRESS = Spelling(read=read_api_address, json=pattern("https?://[!-~]+"))
USER = Spelling(read=read_user, json=pattern(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63}"))
EMAIL = Spelling(read=read_email, json=pattern(r"[^\s@]+@[^\s@]+"))
TAG = Spelling(read=read_tag, json=pattern(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*", types=("string", "integer")))
REFERENCE_TO_SECRET = Spelling(read=read_reference, json=pattern(REFERENCE.pattern))
CURRENCY = Spelling(read=read_currency, json=pattern("[A-Z]{3}"))
COUNTRY = Spelling(read=read_country, json=pattern("[A-Z]{2}"))
ZONE = Spelling(read=read_zone, json={"type": "string"})
RULE = Spelling(read=read_rule, json=pattern(".*FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY).*"))
PATTERN = Spelling(read=read_pattern, json={"type": "string"})
BATCH = Spelling(
    read=read_batch, json=pattern("[1-9][0-9]*|([1-9][0-9]?|100)%", types=("string", "integer")) | {"minimum": 1}
)
POSITIVE = Spelling(read=read_positive, json=DURATION)
ANY_TEXT = Spelling(read=str, json=TEXT)
MOMENT = Spelling(read=read_moment, json=pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9:]+)"))
SIZE = Spelling(read=read_size_text, json=pattern(WRITTEN_SIZE.pattern))


def between(least: int, most: int) -> Spelling:
    """A whole number, both bounds included."""
    return Spelling(read=read_between(least, most), json={"type": "integer", "minimum": least, "maximum": most})


YES_NO = Spelling(read=read_yes_no, json={"enum": [True, False, "yes", "no"]})
BY_KIND: dict[str, Spelling] = {
    "str": LINE,
    "int": Spelling(read=read_whole, json={"type": "integer"}),
    "bool": YES_NO,
    "decimal": Spelling(
        read=read_amount, json={"type": ["number", "string"], "minimum": 0, "pattern": r"^[0-9]+(\.[0-9]+)?$"}
    ),
    "date": Spelling(read=read_day, json=pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    "time": Spelling(read=read_time, json=pattern("([01][0-9]|2[0-3]):[0-5][0-9]")),
    "timedelta": Spelling(read=read_duration, json=DURATION),
}
