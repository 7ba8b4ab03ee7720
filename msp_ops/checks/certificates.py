"""When do the host's own server certificates expire? Where servers keep them; authorities are not looked at.

The first certificate of each file is the server's; the rest of a chain is somebody else's, only its end counts.
"""

import re
from datetime import UTC, datetime

from msp_ops.checks.answer import measured, named, only, parts, passed_over, short, span_in_words, whole
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.domain.finding import EVERYTHING, Finding, Reading
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Severity

# One openssl reads all of them. Only when one is damaged and spoils the heap, each is read alone.
COMMAND = r"""
LC_ALL=C; export LC_ALL
first='/-----BEGIN CERTIFICATE-----/ { copy = 1 }  copy { print }  /-----END CERTIFICATE-----/ { exit }'
text='s/^ *\(Not Before\|Not After\) *: */\1: /p'
candidates() {
  find -L /etc/ssl /etc/pki/tls /etc/letsencrypt/live /etc/nginx /etc/apache2 /etc/httpd /etc/haproxy \
    /etc/postfix /etc/dovecot /etc/exim4 /etc/postgresql /etc/mysql /etc/caddy /var/lib/caddy /etc/stunnel \
    ${certificates:+"$certificates"} \( -path /etc/ssl/certs -o -name 'ca-bundle*' -o -name 'ca-certificates*' \
    -o -name chain.pem -o -path '/etc/letsencrypt/live/*/cert.pem' \) -prune -o -type f \( -iname '*.pem' \
    -o -iname '*.crt' -o -iname '*.cer' -o -iname '*.cert' -o -iname '*.der' \) -size -257k "$@" 2>/dev/null
}
# A DER key begins as a certificate does: what is only called .der is one when openssl can read it.
in_der() {
  grep . | tr '\n' '\0' | xargs -0 -r grep -L -e '-----BEGIN ' -- | while IFS= read -r file; do
    case $(head -c 2 -- "$file" | od -An -tx1 | tr -d ' ') in 308*) ;; *) continue ;; esac
    case $file in
      *.[cC]*) printf '%s\n' "$file" ;;
      *) if ! command -v openssl >/dev/null || openssl x509 -inform DER -noout -in "$file" 2>/dev/null; then
          printf '%s\n' "$file"
        fi ;;
    esac
  done
}
first_of() {
  pem=$(awk "$first" "$1" | tr -d '\0')
  if [ -n "$pem" ]; then printf '%s\n' "$pem"; return; fi
  if grep -q -e '-----BEGIN TRUSTED' -- "$1"; then set -- -in "$1"; else set -- -inform DER -in "$1"; fi
  openssl x509 "$@" 2>/dev/null
}
named=$(candidates ! -path '*[[:cntrl:]]*' -print | sort -u)
files=$({
  printf '%s\n' "$named" | grep . | tr '\n' '\0' |
    xargs -0 -r grep -l -e '-----BEGIN CERTIFICATE-----' -e '-----BEGIN TRUSTED CERTIFICATE-----' --
  printf '%s\n' "$named" | in_der
} | sort -u)
echo "== passed-over"; candidates -path '*[[:cntrl:]]*' -print0 | tr -dc '\0' | wc -c
echo "== beyond"; printf '%s\n' "$files" | tail -n +501 | wc -l
files=$(printf '%s\n' "$files" | head -n 500)
echo "== files"; if [ -n "$files" ]; then printf '%s\n' "$files"; fi
if [ -n "$files" ]; then
  command -v openssl >/dev/null || { echo "openssl is not installed"; exit 3; }
  all=$(printf '%s\n' "$files" | while IFS= read -r file; do first_of "$file"; done |
    openssl crl2pkcs7 -nocrl -certfile /dev/stdin 2>/dev/null | openssl pkcs7 -print_certs -noout -text 2>/dev/null |
    sed -n "$text") || all=
  echo "== together"; printf '%s\n' "$all"
  echo "== alone"
  if [ "$(printf '%s\n' "$all" | grep -c '^Not After')" -ne "$(printf '%s\n' "$files" | grep -c .)" ]; then
    printf '%s\n' "$files" | while IFS= read -r file; do
      printf 'File: %s\n' "$file"; first_of "$file" | openssl x509 -noout -text 2>/dev/null | sed -n "$text"
    done
  fi
  # of more than ten it is a heap of authorities and no chain
  echo "== chains"
  printf '%s\n' "$files" | tr '\n' '\0' | xargs -0 grep -c -H -e '-----BEGIN CERTIFICATE-----' -- |
    sed -n 's/:\([2-9]\|10\)$//p' | while IFS= read -r file; do
      printf 'File: %s\n' "$file"
      openssl crl2pkcs7 -nocrl -certfile "$file" 2>/dev/null | openssl pkcs7 -print_certs -noout -text 2>/dev/null |
        sed -n "$text"
    done
fi
echo "== end"
"""
MOST = 500
OPENSSL_TIME = "%b %d %H:%M:%S %Y GMT"


@record
class Dated:
    """A certificate's validity."""

    begins_at: datetime
    ends_at: datetime


def read(seen: Seen) -> Reading:
    answer = parts(seen, "passed-over", "beyond", "files")
    files = answer["files"]
    beyond = whole(only(answer["beyond"], "certificates beyond the first"), "certificates beyond the first")
    untold = "; ".join(
        filter(None, (_beyond(beyond), passed_over(whole(only(answer["passed-over"], "names"), "names"))))
    )
    dated: dict[str, Dated] = {}
    if files:
        dated = _together(files, answer.get("together", [])) or _alone(files, answer.get("alone", []))
    findings = [finding for file in files for finding in _judge(file, dated.get(file), seen)]
    if files:
        findings += _chains(parts(seen, "chains")["chains"], seen)
    measurements = [measured(seen, "certificates", len(files), "certificates")]
    if files:
        soonest = min((one.ends_at for one in dated.values()), default=seen.at)
        measurements.append(measured(seen, "certificate_days_left", (soonest - seen.at).days, "days"))
    return Reading(
        findings=tuple(findings),
        measurements=tuple(measurements),
        unjudged=(EVERYTHING,) if beyond else (),
        untold=untold,
    )


def _beyond(count: int) -> str:
    return f"{count} more certificates than {MOST} were not looked at" if count else ""


def _chains(lines: list[str], seen: Seen) -> list[Finding]:
    """The later certificates of a chain: somebody else's, but clients refuse the whole for them."""
    found = []
    for file, times in _by_file(lines).items():
        pairs = list(zip(times[::2], times[1::2], strict=False))
        if len(pairs) < 2 or len(times) % 2:
            found.append(_finding(f"{file} chain", "warning", "openssl cannot read the certificates after the first"))
            continue
        ended = [left for pair in pairs[1:] if (left := seen.at - _dated(pair).ends_at).total_seconds() >= 0]
        if ended:
            message = (
                f"a certificate after the first expired {span_in_words(max(ended))} ago: clients may refuse the chain"
            )
            found.append(_finding(f"{file} chain", "warning", message))
    return found


def _together(files: list[str], lines: list[str]) -> dict[str, Dated] | None:
    """In the order of the files; None when openssl could not take all of them in one heap."""
    if len(lines) != 2 * len(files):
        return None
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return {file: _dated(pair) for file, pair in zip(files, pairs, strict=True)}


def _alone(files: list[str], lines: list[str]) -> dict[str, Dated]:
    said = _by_file(lines)
    if list(said) != files:
        raise UnreadableError(f"openssl was asked about {len(files)} files and spoke of {len(said)}")
    return {file: _dated((times[0], times[1])) for file, times in said.items() if len(times) == 2}


def _by_file(lines: list[str]) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    latest: list[str] = []
    for line in lines:
        if line.startswith("File: "):
            latest = said[line.removeprefix("File: ")] = []
        else:
            latest.append(line)
    return said


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
