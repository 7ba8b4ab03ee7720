"""Is there a fresh restic backup, does it hold what it should, and can its data be read back?

restic 0.14 ends with 0 when a source is missing, with 1 for everything else, and its plain `check` does not see a
damaged pack: so snapshots are read as JSON and data is read. From 0.17: 10 no repository, 11 locked, 12 wrong password;
any other code is a failure. Nothing is locked and nothing is cached: the repository and the host stay as they are.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from msp_ops.checks.answer import last_line, measured, named, number, only, parts, seconds_asked, short, whole
from msp_ops.checks.backup import Copy, age_of, judge_series
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.domain.finding import EVERYTHING, Finding, Measurement, Reading
from msp_ops.domain.record import record
from msp_ops.domain.runbook import Severity

# Sizes are asked for one by one only of a restic (before 0.17) whose snapshots do not say them.
# By contents: the restore size of 0.14 skips whole files on an overlay (measured).
COMMAND = r"""
LC_ALL=C RESTIC_REPOSITORY=$repository RESTIC_PASSWORD_FILE=$password_file
export LC_ALL RESTIC_REPOSITORY RESTIC_PASSWORD_FILE
command -v restic >/dev/null || { echo "restic is not installed"; exit 3; }
quiet() { nice restic --no-lock --no-cache "$@" </dev/null; }
version=$(restic version)
echo "== version"; echo "$version"
said=$(quiet snapshots --json --latest 4 ${source_host:+--host "$source_host"} 2>&1) && code=0 || code=$?
echo "== snapshots"; printf '%s\n' "$said"
echo "== snapshots-exit"; echo "$code"
if [ "$code" -eq 0 ]; then
  echo "== sizes"
  case $said in *'"summary":'*) ;; *)
    printf '%s\n' "$said" | grep -o '"id":"[0-9a-f]*"' | cut -d '"' -f 4 | tail -n 16 | while read -r id; do
      printf '%s %s\n' "$id" "$(quiet stats --json --mode files-by-contents "$id" 2>/dev/null | tail -n 1)"
    done ;;
  esac
  echo "== locks"; quiet list locks 2>/dev/null || true
  subset=$read_data%
  case $version in 'restic 0.'[0-9].*|'restic 0.1'[01].*) subset=1/$((100 / read_data)) ;; esac
  said=$(quiet check --read-data-subset="$subset" 2>&1) && code=0 || code=$?
  echo "== data"; printf '%s\n' "$said" | tail -n 20
  echo "== data-exit"; echo "$code"
fi
echo "== end"
"""
MEANING = {"10": "there is no repository", "12": "the password is wrong"}
LOCKED = "11"

STORED_DATA = "stored data"


@record
class Snapshot:
    """As restic lists it; snapshots of one host and the same paths are a series."""

    host: str
    paths: tuple[str, ...]
    copy: Copy

    @property
    def series(self) -> str:
        return f"{self.host}:{' '.join(self.paths)}"


def read(seen: Seen) -> Reading:
    answer = parts(seen, "version", "snapshots", "snapshots-exit")
    code = only(answer["snapshots-exit"], "restic's exit code")
    if code != "0":
        return Reading(findings=(_failure("repository", code, answer["snapshots"]),), unjudged=(EVERYTHING,))
    answer = parts(seen, "sizes", "locks", "data", "data-exit")
    snapshots = sorted(_snapshots(answer), key=lambda snapshot: snapshot.copy.made_at)
    if not snapshots:
        empty = _finding("snapshots", "critical", "the repository holds no snapshot")
        return Reading(findings=(empty,), unjudged=(STORED_DATA,))
    listing = tuple(_judge_snapshots(snapshots, seen))
    data = tuple(_judge_data(answer))
    measurements = tuple(_measure(seen, snapshots, listing, data))
    # restic reads another random share each time: only the whole of it clears what a share has found
    sampled = number(seen.parameters["read-data"], "read-data") < 100
    return Reading(findings=(*listing, *data), measurements=measurements, unjudged=(STORED_DATA,) if sampled else ())


def _failure(subject: str, code: str, said: list[str]) -> Finding:
    """Raises UnreadableError for a lock: then nothing was looked at."""
    text = _message(said)
    if code == LOCKED or "already locked" in text:
        raise UnreadableError(f"the repository is locked by another restic: {text}")
    return _finding(subject, "critical", f"{MEANING.get(code, 'restic failed')} (it ended with {code}): {text}")


def _message(said: list[str]) -> str:
    """From 0.17 on, an error is JSON as well."""
    text = next((line for line in said if "Fatal" in line or '"exit_error"' in line), last_line("\n".join(said)))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return short(text)
    said_so = value.get("message") if isinstance(value, dict) else None
    return short(said_so if isinstance(said_so, str) else text)


def _snapshots(answer: dict[str, list[str]]) -> Iterator[Snapshot]:
    sizes = dict(line.partition(" ")[::2] for line in answer["sizes"])
    listed = [line for line in answer["snapshots"] if line.startswith("[") or line == "null"]
    try:
        for item in json.loads(only(listed, "restic snapshots")) or []:
            made_at = datetime.fromisoformat(item["time"]).astimezone(UTC)
            copy = Copy(made_at=made_at, size=_size(item, sizes))
            yield Snapshot(host=_text(item["hostname"]), paths=tuple(map(_text, item["paths"])), copy=copy)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise UnreadableError(f"restic snapshots --json: not as restic writes it ({short(str(error))})") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("expected text")
    return value


def _size(item: dict[str, Any], sizes: dict[str, str]) -> int | None:
    summary = item.get("summary")
    if summary:
        return _bytes(summary["total_bytes_processed"])
    stats = sizes.get(item["id"])
    return _bytes(json.loads(stats)["total_size"]) if stats else None


def _bytes(value: object) -> int:
    if not isinstance(value, int | float):
        raise TypeError("expected a size in bytes")
    return whole(str(value), "size of a snapshot")


def _judge_snapshots(snapshots: list[Snapshot], seen: Seen) -> Iterator[Finding]:
    max_age = seconds_asked(seen, "max-age", seen.policy.backup_max_age)
    series: dict[str, list[Copy]] = {}
    for snapshot in snapshots:
        series.setdefault(snapshot.series, []).append(snapshot.copy)
    for name, copies in sorted(series.items()):
        yield from judge_series("backup-restic", name, copies, max_age, seen.at)
    if not (wanted := seen.parameters.get("paths", "").split()):
        return
    recent = [snapshot for snapshot in snapshots if age_of(snapshot.copy, seen.at) <= max_age]
    kept = {held.rstrip("/") for snapshot in recent for held in snapshot.paths}
    for path in wanted:
        if not _is_held(path, kept):
            yield _finding(f"{path}: path", "critical", "no recent snapshot holds this path")


def _is_held(path: str, kept: set[str]) -> bool:
    """Itself, or a folder above it."""
    return any(f"{path}/".startswith(f"{held}/") for held in kept)


def _judge_data(answer: dict[str, list[str]]) -> Iterator[Finding]:
    code = only(answer["data-exit"], "restic check's exit code")
    if code != "0":
        finding = _failure(STORED_DATA, code, answer["data"])
        busy = " Another restic was at work: look again when it is done." if answer["locks"] else ""
        yield _finding(finding.subject, "critical", f"reading it back failed: {finding.message}.{busy}")


def _measure(
    seen: Seen, snapshots: list[Snapshot], listing: tuple[Finding, ...], data: tuple[Finding, ...]
) -> Iterator[Measurement]:
    newest = snapshots[-1].copy
    yield measured(seen, "backup_age", int(age_of(newest, seen.at).total_seconds()), "seconds")
    if newest.size is not None:
        yield measured(seen, "backup_size", newest.size, "bytes")
    yield measured(
        seen, "backup_data_read", 0 if data else number(seen.parameters["read-data"], "read-data"), "percent"
    )
    if not any(finding.severity == "critical" for finding in listing):
        yield measured(seen, "backup_level", 1 if data else 2, "level")


def _finding(subject: str, severity: Severity, message: str) -> Finding:
    return Finding(check="backup-restic", subject=named(subject), severity=severity, message=message)


CHECK = Check(name="backup-restic", title="restic backup", command=COMMAND, read=read, run_as="root")
