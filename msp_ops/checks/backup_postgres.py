"""Is there a fresh dump of each PostgreSQL database, and can it be read to its end?

`pg_restore --list` succeeds on half a dump, because the list stands in front; `psql` ends with 0 on half a script,
and `pg_restore -f /dev/null` on half an archive of the tar form (all measured). So an archive is turned into SQL as a
whole, a tar is listed as well, and a script must end with pg_dump's last words.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msp_ops.checks.answer import measured, moment, named, only, parts, passed_over, seconds_asked, short, whole
from msp_ops.checks.backup import Copy, age_of, judge_series
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.domain.finding import EVERYTHING, Finding, Measurement, Reading
from msp_ops.domain.record import record

# Whoever may write there chose the names: those with control characters are counted, and not looked at.
# Dumps whose names differ only in a date, a weekday or a rotation's number are one series; its newest one is read.
COMMAND = r"""
LC_ALL=C folder=${folder%/}; export LC_ALL folder
series() {
  awk -F '\t' -v OFS='\t' '
    BEGIN { d = "[0-9][0-9]"; date = d d "[-_.]?" d "[-_.]?" d "([-_.tT@]?" d "[-:_.h]?" d "([-:_.m]?" d ")?)?[zZ]?" }
    { key = substr($3, length(ENVIRON["folder"]) + 1); sub("^/*", "", key)
      gsub(date, "#", key); sub(/[.][0-9]+$/, "", key)
      gsub(/(mon|tue|wed|thu|fri|sat|sun|Mon|Tue|Wed|Thu|Fri|Sat|Sun)([a-z]*day)?/, "#", key); print $1, $2, key, $3 }'
}
files() {
  find -H "$folder" -maxdepth 2 -type f ! -name '[0-9]*.dat*' ! -iname '*.sha*' ! -iname '*.md5' ! -iname '*.log' \
    ! -iname '*.tmp' ! -iname '*.part*' "$@"
}
dumps() {
  files ! -path '*[[:cntrl:]]*' \( -iname '*.dump*' -o -iname '*.sql*' -o -iname '*.backup' -o -iname '*.pgdump' \
    -o -iname '*.bak' -o -iname '*.tar' -o -iname '*.gz' -o -name toc.dat \) -printf '%T@\t%s\t%p\n' |
    sort -n | tail -n 400 | series
}
magic() { head -c 5 | od -An -tx1 | tr -d ' \n'; }
contents() { case $form in gzip-*) nice gzip -dc -- "$1" ;; *) cat -- "$1" ;; esac || echo "(cut)"; }
read_script() {
  kind='database dump' cluster='database cluster dump'
  if contents "$1" 2>/dev/null | head -n 5 | grep -q -e "$cluster"; then kind=$cluster; fi
  last=$(contents "$1" 2>&1 | tail -n 12 | tr -d '\0')
  case $last in
    *'(cut)') printf '%s\n' "$last" | tail -n 2; false ;;
    *"-- PostgreSQL $kind complete"*) true ;;
    *) echo "it does not end with: PostgreSQL $kind complete"; false ;;
  esac
}
prove() {
  form=$(magic <"$1")
  case $form in 1f8b*) form=gzip-$(gzip -dc -- "$1" 2>/dev/null | magic) ;; esac
  case $form in
    gzip-5047444d50) said=$({ gzip -t -- "$1" && gzip -dc -- "$1" | nice pg_restore -f /dev/null; } 2>&1) ;;
    746f632e64) said=$({ tar -tf "$1" >/dev/null && nice pg_restore -f /dev/null "$1"; } 2>&1) ;;
    5047444d50) said=$(nice pg_restore -f /dev/null "${1%/toc.dat}" 2>&1) ;;
    2d2d*|5345*|0a*|5c*|gzip-2d2d*|gzip-5345*|gzip-0a*|gzip-5c*) said=$(read_script "$1") ;;
    gzip-) said=$(gzip -t -- "$1" 2>&1); said="${said:-it is empty}"; false ;;
    '') said='it is empty'; false ;;
    *) said='it is no dump of PostgreSQL that is known here'; false ;;
  esac
  echo "code: $?"; printf 'said: %s\n' "$(printf '%s\n' "$said" | grep . | head -n 1)"
}
echo "== now"; date +%s
if [ -d "$folder" ] && [ -r "$folder" ]; then
  found=$(dumps)
  echo "== passed-over"; files -path '*[[:cntrl:]]*' -printf x | wc -c
  echo "== dumps"; printf '%s\n' "$found"
  echo "== proofs"
  tab=$(printf '\t')
  printf '%s\n' "$found" | awk -F '\t' '{ newest[$3] = $4 } END { for (key in newest) print newest[key] }' |
    while IFS="$tab" read -r file; do
      if [ -n "$file" ]; then printf 'path: %s\n' "$file"; prove "$file" </dev/null; fi
    done
fi
echo "== end"
"""
STILL_WRITTEN = timedelta(minutes=2)


@record
class Dump:
    """A file; `series` is its name without what changes from night to night."""

    series: str
    path: str
    copy: Copy


@record
class Proof:
    """What reading a dump to its end gave."""

    code: str
    said: str


def read(seen: Seen) -> Reading:
    answer = parts(seen, "now")
    if "dumps" not in answer:
        return Reading(findings=(_finding("folder", "cannot be read or does not exist"),), unjudged=(EVERYTHING,))
    series: dict[str, list[Dump]] = {}
    for dump in map(_dump, answer["dumps"]):
        series.setdefault(dump.series, []).append(dump)
    untold = passed_over(whole(only(answer.get("passed-over", ()), "names passed over"), "names passed over"))
    if not series:
        return Reading(findings=(_finding("folder", "holds no dump"),), unjudged=(EVERYTHING,), untold=untold)
    host_now = moment(only(answer["now"], "date"), "date")
    fresh = tuple(_fresh(series, host_now, seen))
    proofs = _proofs(answer.get("proofs", []))
    damaged = tuple(finding for dumps in series.values() for finding in _whole(dumps[-1], proofs, host_now))
    level = () if untold else _level(seen, fresh, damaged)
    return Reading(findings=(*fresh, *damaged), measurements=(*_measure(series, host_now, seen), *level), untold=untold)


def _dump(line: str) -> Dump:
    fields = line.split("\t")
    if len(fields) != 4:
        raise UnreadableError(f"find: expected time, size, series and path, found {short(line)!r}")
    made_at = moment(fields[0], "time of a dump")
    is_folder = fields[3].endswith("/toc.dat")  # written last, but not where the data is
    size = None if is_folder else whole(fields[1], "size of a dump")
    copy = Copy(made_at=made_at, size=size)
    return Dump(series=fields[2], path=fields[3], copy=copy)


def _proofs(lines: list[str]) -> dict[str, Proof]:
    proofs: dict[str, Proof] = {}
    path = code = ""
    for line in lines:
        name, _, text = line.partition(":")
        if name == "path":
            path = text.strip()
        elif name == "code":
            code = text.strip()
        elif name == "said":
            proofs[path] = Proof(code=code, said=text.strip())
    return proofs


def _fresh(series: dict[str, list[Dump]], host_now: datetime, seen: Seen) -> Iterator[Finding]:
    """By the clock of the host, whose file times they are."""
    max_age = seconds_asked(seen, "max-age", seen.policy.backup_max_age)
    for name, dumps in series.items():
        yield from judge_series("backup-postgres", name, [dump.copy for dump in dumps], max_age, host_now)


def _whole(newest: Dump, proofs: dict[str, Proof], host_now: datetime) -> Iterator[Finding]:
    proof = proofs.get(newest.path)
    if proof is None:
        raise UnreadableError(f"{short(newest.path)} was not read")
    if proof.code == "0":
        return
    if age_of(newest.copy, host_now) < STILL_WRITTEN:
        raise UnreadableError(
            f"{short(newest.path)} is not whole but was written a moment ago: is it still being written?"
        )
    why = short(proof.said) or "its last lines are missing"
    yield _finding(f"{newest.series}: data", f"{short(newest.path)} cannot be read to its end: {why}")


def _measure(series: dict[str, list[Dump]], host_now: datetime, seen: Seen) -> Iterator[Measurement]:
    for name, dumps in series.items():
        newest = dumps[-1].copy
        yield measured(seen, f"backup_age:{named(name)}", int(age_of(newest, host_now).total_seconds()), "seconds")
        if newest.size is not None:
            yield measured(seen, f"backup_size:{named(name)}", newest.size, "bytes")


def _level(seen: Seen, fresh: tuple[Finding, ...], damaged: tuple[Finding, ...]) -> tuple[Measurement, ...]:
    if any(finding.severity == "critical" for finding in fresh):
        return ()
    return (measured(seen, "backup_level", 0 if damaged else 2, "level"),)


def _finding(subject: str, message: str) -> Finding:
    return Finding(check="backup-postgres", subject=named(subject), severity="critical", message=message)


CHECK = Check(name="backup-postgres", title="PostgreSQL dumps", command=COMMAND, read=read, run_as="root")
