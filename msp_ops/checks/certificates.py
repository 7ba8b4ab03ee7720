"""When do the host's own server certificates expire? Where servers keep them; authorities are not looked at.

Only the first certificate of each file counts: it is the server's, the rest of a chain is somebody else's.
"""

import re
from datetime import UTC, datetime

from msp_ops.checks.answer import measured, named, parts, short, span_in_words
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.domain.finding import Finding, Reading
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Severity

# One openssl reads all of them. Only when one is damaged and spoils the heap, each is read alone.
COMMAND = r"""
LC_ALL=C; export LC_ALL
first='/-----BEGIN CERTIFICATE-----/ { copy = 1 }  copy { print }  /-----END CERTIFICATE-----/ { exit }'
text='s/^ *\(Not Before\|Not After\) *: */\1: /p'
files=$(find -L /etc/ssl /etc/pki/tls /etc/letsencrypt/live /etc/nginx /etc/apache2 /etc/httpd /etc/haproxy \
  /etc/postfix /etc/dovecot /etc/exim4 /etc/postgresql /etc/mysql /etc/caddy /var/lib/caddy /etc/stunnel \
  ${certificates:+"$certificates"} \( -path /etc/ssl/certs -o -name 'ca-bundle*' -o -name 'ca-certificates*' \
  -o -name chain.pem -o -path '/etc/letsencrypt/live/*/cert.pem' \) -prune -o \
  -type f \( -name '*.pem' -o -name '*.crt' -o -name '*.cer' -o -name '*.cert' \) -size -257k \
  ! -path '*[[:cntrl:]]*' -print 2>/dev/null |
  sort -u | head -n 500 | tr '\n' '\0' | xargs -0 -r grep -l -e '-----BEGIN CERTIFICATE-----' -- || true)
echo "== files"; if [ -n "$files" ]; then printf '%s\n' "$files"; fi
if [ -n "$files" ]; then
  command -v openssl >/dev/null || { echo "openssl is not installed"; exit 3; }
  all=$(printf '%s\n' "$files" | while IFS= read -r file; do awk "$first" "$file"; done |
    openssl crl2pkcs7 -nocrl -certfile /dev/stdin 2>/dev/null | openssl pkcs7 -print_certs -noout -text 2>/dev/null |
    sed -n "$text") || all=
  echo "== together"; printf '%s\n' "$all"
  echo "== alone"
  if [ "$(printf '%s\n' "$all" | grep -c '^Not After')" -ne "$(printf '%s\n' "$files" | grep -c .)" ]; then
    printf '%s\n' "$files" | while IFS= read -r file; do
      printf 'File: %s\n' "$file"; openssl x509 -noout -text -in "$file" 2>/dev/null | sed -n "$text"
    done
  fi
fi
echo "== end"
"""
OPENSSL_TIME = "%b %d %H:%M:%S %Y GMT"


@record
class Dated:
    """A certificate's validity."""

    begins_at: datetime
    ends_at: datetime


def read(seen: Seen) -> Reading:
    answer = parts(seen, "files")
    files = answer["files"]
    if not files:
        return Reading(measurements=(measured(seen, "certificates", 0, "certificates"),))
    dated = _together(files, answer.get("together", [])) or _alone(files, answer.get("alone", []))
    findings = [finding for file in files for finding in _judge(file, dated.get(file), seen)]
    soonest = min((one.ends_at for one in dated.values()), default=seen.at)
    return Reading(
        findings=tuple(findings),
        measurements=(
            measured(seen, "certificates", len(files), "certificates"),
            measured(seen, "certificate_days_left", (soonest - seen.at).days, "days"),
        ),
    )


def _together(files: list[str], lines: list[str]) -> dict[str, Dated] | None:
    """In the order of the files; None when openssl could not take all of them in one heap."""
    if len(lines) != 2 * len(files):
        return None
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return {file: _dated(pair) for file, pair in zip(files, pairs, strict=True)}


def _alone(files: list[str], lines: list[str]) -> dict[str, Dated]:
    said: dict[str, list[str]] = {}
    latest: list[str] = []
    for line in lines:
        if line.startswith("File: "):
            latest = said[line.removeprefix("File: ")] = []
        else:
            latest.append(line)
    if list(said) != files:
        raise UnreadableError(f"openssl was asked about {len(files)} files and spoke of {len(said)}")
    return {file: _dated((times[0], times[1])) for file, times in said.items() if len(times) == 2}


def _dated(pair: tuple[str, str]) -> Dated:
    begins, ends = (re.sub(r"^Not (Before|After): *", "", re.sub(r" +", " ", line)) for line in pair)
    try:
        moments = [datetime.strptime(text, OPENSSL_TIME).replace(tzinfo=UTC) for text in (begins, ends)]
    except ValueError as error:
        raise UnreadableError(f"openssl: expected a date, found {short(begins)!r} and {short(ends)!r}") from error
    return Dated(begins_at=moments[0], ends_at=moments[1])


def _judge(file: str, dated: Dated | None, seen: Seen) -> list[Finding]:
    if dated is None:
        return [_finding(file, "warning", "looks like a certificate, but openssl cannot read it")]
    left = dated.ends_at - seen.at
    day = f"{dated.ends_at:%Y-%m-%d}"
    if left.total_seconds() <= 0:
        return [_finding(file, "critical", f"expired {span_in_words(left)} ago, on {day}")]
    if dated.begins_at > seen.at:
        return [_finding(file, "warning", f"is valid only from {dated.begins_at:%Y-%m-%d}")]
    if left < seen.policy.certificate_warning:
        return [_finding(file, "warning", f"expires in {span_in_words(left)}, on {day}")]
    return []


def _finding(file: str, severity: Severity, message: str) -> Finding:
    return Finding(check="certificates", subject=named(file), severity=severity, message=message)


CHECK = Check(name="certificates", title="Server certificates", command=COMMAND, read=read, run_as="root")
