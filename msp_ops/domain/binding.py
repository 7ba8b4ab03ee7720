"""From what somebody gave to the strings that reach a script: each fits its parameter or is refused."""

import re
from collections.abc import Iterable, Mapping
from typing import assert_never

from msp_ops.domain.client import Client
from msp_ops.domain.duration import read_duration, spell_duration
from msp_ops.domain.errors import PlanError
from msp_ops.domain.parameters import (
    LONGEST,
    MOST,
    Bool,
    Choice,
    GivenFile,
    Int,
    OtherHost,
    Parameter,
    Secret,
    Size,
    Span,
    Text,
    takes_many,
)
from msp_ops.domain.reference import is_reference
from msp_ops.domain.runbook import Runbook
from msp_ops.domain.size import read_size
from msp_ops.domain.wording import did_you_mean, listed

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # the last: bytes of argv that are not UTF-8

EXPECTED: Mapping[type, str] = {
    Bool: "yes or no",
    Span: "a length of time such as 90s, 26h or 14d",
    Size: "a size such as 512MiB or 20GiB",
    OtherHost: "the id of a host of the same client",
    Secret: "a reference to it, env:NAME or file:PATH",
    GivenFile: "the path of a file, from the workspace or from the root",
}


def bind(runbook: Runbook, given: Mapping[str, str], client: Client) -> dict[str, str]:
    """Every parameter of the runbook with its value; PlanError lists all that does not fit.

    A bool becomes `yes` or `no`, a duration its whole seconds, a size its bytes; of many values each is a line. Of a
    secret it is the reference, of a file the path: parameters are logged.
    """
    known = runbook.parameters
    mistakes = [
        f"{runbook.id} has no parameter '{name}'; parameters: {listed(known)}{did_you_mean(name, known)}"
        for name in given
        if name not in known
    ]
    bound = {}
    for name, parameter in known.items():
        try:
            bound[name] = fit(parameter, given[name]) if name in given else default_of(parameter)
            if isinstance(parameter, OtherHost):
                _require_host(bound[name], client)
        except ValueError as error:
            mistakes.append(f"{name}: {error}")
    if mistakes:
        raise PlanError("\n".join(mistakes))
    return bound


def still_fit(runbook: Runbook, bound: Mapping[str, str], client: Client) -> dict[str, str]:
    """Parameters as an earlier run had them; PlanError when a host that they name has left the client's file."""
    for name, parameter in runbook.parameters.items():
        if isinstance(parameter, OtherHost):
            try:
                _require_host(bound[name], client)
            except ValueError as error:
                raise PlanError(f"{name}: {error}") from None
    return dict(bound)


def default_of(parameter: Parameter) -> str:
    """The default as it reaches a script; ValueError when the parameter has none."""
    match None if isinstance(parameter, Secret | GivenFile) else parameter.default:
        case None:
            raise ValueError(f"a value is missing: {parameter.title}; right is {expected(parameter)}")
        case bool() as flag:
            return "yes" if flag else "no"
        case str() as text if isinstance(parameter, Size):
            return str(read_size(text))
        case str() | int() as plain:
            return str(plain)
        case span:
            return str(int(span.total_seconds()))


def together(values: Iterable[str]) -> str:
    """Many values as they are given: a line each. ValueError when one of them would become two."""
    lines = list(values)
    if any("\n" in line for line in lines):
        raise ValueError("one of the values has a line break; give it as two, or without")
    return "\n".join(lines)


def fit(parameter: Parameter, text: str) -> str:
    """The value as it reaches a script, of a secret its reference; ValueError says what would be right."""
    if isinstance(parameter, Secret):
        return _reference(text)
    return _fit_many(parameter, text) if takes_many(parameter) else _fit_one(parameter, text)


def _fit_many(parameter: Parameter, text: str) -> str:
    """Nothing at all fits where that is the default."""
    if not text and isinstance(parameter, Text | Choice) and parameter.default == "":
        return text
    values = text.split("\n")
    if len(values) > MOST:
        raise ValueError(f"{len(values)} values are too many; right are {MOST} at most")
    return "\n".join(_fit_one(parameter, value) if value else _wrong(parameter, value) for value in values)


def _fit_one(parameter: Parameter, text: str) -> str:
    if len(text) > LONGEST or CONTROL.search(text):
        found = f"the value has a line break, an invisible character or more than {LONGEST} characters"
        raise ValueError(f"{found}; right is one value on one line")
    if text.startswith("-") and not isinstance(parameter, Int):
        raise ValueError(f"'{text}' begins with a dash, which a program could take for an option")
    return _as_it_reaches_a_script(parameter, text)


def _reference(text: str) -> str:
    """Never repeats what was given: it may be the secret."""
    if len(text) > LONGEST or CONTROL.search(text) or not is_reference(text):
        raise ValueError(
            "what was given is no reference to a secret, and is not shown here; right is env:NAME or file:PATH. If it "
            "was the secret itself, it stands in a file or in the shell's history now: change it"
        )
    return text


def _as_it_reaches_a_script(parameter: Parameter, text: str) -> str:  # one case a kind of parameter
    match parameter:
        case Text():
            long_enough = parameter.minimum <= len(text) <= parameter.maximum
            fits = (long_enough and re.fullmatch(parameter.pattern, text)) or (not text and parameter.default == "")
            return text if fits else _wrong(parameter, text)
        case Choice(options=options):
            return text if text in options else _wrong(parameter, text, did_you_mean(text, options))
        case Int(minimum=minimum, maximum=maximum):
            whole = re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text)
            return text if whole and minimum <= int(text) <= maximum else _wrong(parameter, text)
        case Bool():
            return {"yes": "yes", "true": "yes", "no": "no", "false": "no"}.get(text) or _wrong(parameter, text)
        case Span(minimum=least, maximum=most):
            span = read_duration(text)
            fits = least <= span and (most is None or span <= most)
            return str(int(span.total_seconds())) if fits else _wrong(parameter, text)
        case Size(minimum=least_size, maximum=most_size):
            size = read_size(text)
            fits = (not least_size or read_size(least_size) <= size) and (not most_size or size <= read_size(most_size))
            return str(size) if fits else _wrong(parameter, text)
        case OtherHost() | Secret() | GivenFile():
            return text or _wrong(parameter, text)


def expected(parameter: Parameter) -> str:
    """What fits, in words; of many values each of them."""
    match parameter:
        case Text(pattern=pattern, minimum=least, maximum=most):
            return f"text that matches {pattern}{_of_length(least, most)}"
        case Choice(options=options):
            return f"one of {', '.join(options)}"
        case Int(minimum=minimum, maximum=maximum):
            return f"a whole number from {minimum} to {maximum}"
        case Span(minimum=shortest, maximum=longest):
            bounds = (spell_duration(shortest) if shortest else "", spell_duration(longest) if longest else "")
            return EXPECTED[Span] + _within(*bounds)
        case Size(minimum=smallest, maximum=largest):
            return EXPECTED[Size] + _within(smallest or "", largest or "")
        case Bool() | OtherHost() | Secret() | GivenFile():
            return EXPECTED[type(parameter)]
        case _:
            assert_never(parameter)


def _of_length(least: int, most: int) -> str:
    if most < LONGEST:
        return f", of {least} to {most} characters"
    return f", of {least} characters or more" if least else ""


def _within(least: str, most: str) -> str:
    said = [f"{least} or more" if least else "", f"{most} at most" if most else ""]
    return "".join(f", {each}" for each in said if each)


def _require_host(host_id: str, client: Client) -> None:
    known = [host.id for host in client.hosts()]
    if host_id not in known:
        raise ValueError(f"{client.id} has no host '{host_id}'; hosts: {listed(known)}{did_you_mean(host_id, known)}")


def _wrong(parameter: Parameter, text: str, hint: str = "") -> str:
    raise ValueError(f"'{text}' does not fit; right is {expected(parameter)}{hint}")
