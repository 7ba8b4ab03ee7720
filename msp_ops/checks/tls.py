"""Which certificates does a host serve: trusted, for the right name, for how long?"""

from collections.abc import Iterator
from datetime import datetime

from msp_ops.checks.answer import short, span_in_words
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.checks.outside_blocks import Block, figure, found, moment_in, read_blocks, took
from msp_ops.domain.finding import Finding, Measurement, Reading
from msp_ops.domain.runbook import Severity

OLD = ("SSLv3", "TLSv1", "TLSv1.1")
ABOUT_TIME = ("certificate has expired", "certificate is not yet valid")  # OpenSSL's words


def read(seen: Seen) -> Reading:
    return read_blocks(seen, "tls", _judge)


def _judge(block: Block, seen: Seen) -> Iterator[Finding | Measurement]:
    """The worst of what is wrong is the severity, all of it the words: one certificate is one finding."""
    begins, ends = moment_in(block, "begins"), moment_in(block, "ends")
    wrong = [*_time(begins, ends, seen), *_trust(block, in_time=begins <= seen.at < ends), *_protocol(block)]
    if wrong:
        severity: Severity = "critical" if any(each == "critical" for each, _ in wrong) else "warning"
        yield found("tls", block, severity, "; ".join(words for _, words in wrong))
    yield figure(block, seen, "tls_days_left", (ends - seen.at).days, "days")
    yield took(block, seen, "tls_latency")


def _time(begins: datetime, ends: datetime, seen: Seen) -> Iterator[tuple[Severity, str]]:
    left, day = ends - seen.at, ends.date().isoformat()
    if left.total_seconds() <= 0:
        yield "critical", f"its certificate expired {span_in_words(left)} ago, on {day}"
    elif begins > seen.at:
        yield "critical", f"its certificate is valid only from {begins.date()}"
    elif left < seen.policy.certificate_warning:
        yield "warning", f"its certificate expires in {span_in_words(left)}, on {day}"


def _trust(block: Block, *, in_time: bool) -> Iterator[tuple[Severity, str]]:
    chain, fits = block.need("chain"), block.need("fits")
    if fits not in {"yes", "no"}:
        raise UnreadableError(f"expected yes or no, found {short(fits)!r}")
    if chain != "trusted" and (in_time or chain not in ABOUT_TIME):
        yield "critical", f"its certificate is not trusted: {chain}"
    if fits == "no":
        yield "critical", f"its certificate is not for {block.need('name')} but for {block.get('names') or 'no name'}"


def _protocol(block: Block) -> Iterator[tuple[Severity, str]]:
    protocol = block.need("protocol")
    if protocol in OLD:
        yield "warning", f"speaks {protocol} at best, which browsers refuse"


CHECK = Check(name="tls", title="Certificates that are served, as seen from here", read=read)
