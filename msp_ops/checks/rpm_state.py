"""Which updates wait (dnf and zypper)? Asked of the lists that are there, as a user without rights.

`dnf -C` and `zypper --no-refresh` take the lists of root and refresh nothing. A repository of which there is no list is
passed over by both in silence. A patch of zypper conflicts with the versions of the packages that it replaces: so it is
known which packages are updated for security.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from html import unescape

from msp_ops.checks.answer import epoch_seconds, only, short
from msp_ops.checks.base import UnreadableError
from msp_ops.domain.record import record

# The lists' own times are the mirror's; a refresh that finds nothing new touches a file beside them (dnf 4.14).
COMMAND = r"""
if [ "$manager" = dnf ]; then
  echo "== dnf"; echo "== now"; date +%s
  ask() { dnf -q -C "$@" 2>/dev/null || { dnf -q -C "$@" 2>&1 >/dev/null | tail -n 1; exit 3; }; }
  ids=$(ask repolist) || { printf '%s\n' "$ids"; exit 3; }
  echo "== lists"
  printf '%s\n' "$ids" | awk 'NR > 1 { print $1 }' | while read -r id; do
    newest=$(stat -c %Y /var/cache/dnf/"$id"-????????????????/repodata/* 2>/dev/null | sort -n | tail -n 1)
    echo "${newest:-never} $id"
  done
  echo "== advisories"; grep -l 'type="updateinfo"' /var/cache/dnf/*/repodata/repomd.xml 2>/dev/null
  set -- repoquery --upgrades --latest-limit=1 --qf '%{name}|%{arch}|%{evr}'
  echo "== all"; all=$(ask "$@") || { printf '%s\n' "$all"; exit 3; }; printf '%s\n' "$all"
  echo "== security"; ask "$@" --security
  echo "== installed"
  printf '%s\n' "$all" | sed 's/^\([^|]*\)|\([^|]*\)|.*/\1.\2/' |
    xargs rpm -q --qf '%{NAME}|%{ARCH}|%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' 2>/dev/null
  echo "== locked"; sed -e 's/#.*//' /etc/dnf/plugins/versionlock.list 2>/dev/null
  echo "== end"; exit 0
fi
if [ "$manager" = zypper ]; then
  echo "== zypper"; echo "== now"; date +%s
  echo "== lists"
  ask() {
    said=$(zypper --non-interactive --xmlout --no-refresh "$@" 2>&1) && code=0 || code=$?
    case $code in
      0 | 6) printf '%s\n' "$said" ;;  # 6: no repository
      *) printf '%s\n' "$said" | sed -n 's/^<message type="error">\([^<]*\).*/\1/p' | tail -n 1; exit 3 ;;
    esac
  }
  repositories=$(ask repos) || { printf '%s\n' "$repositories"; exit 3; }
  printf '%s\n' "$repositories" | sed -n 's/^<repo alias="\([^"]*\)".* enabled="1".*/\1/p' | while read -r alias; do
    folder=/var/cache/zypp/raw/$alias
    newest=$(stat -c %Y "$folder" "$folder"/repodata/repomd.xml 2>/dev/null | sort -n | tail -n 1)
    echo "${newest:-never} $alias"
  done
  echo "== all"; ask list-updates
  echo "== security"; patches=$(ask list-patches --category security) || { printf '%s\n' "$patches"; exit 3; }
  printf '%s\n' "$patches"
  names=$(printf '%s\n' "$patches" | grep -o 'kind="patch" name="[^"]*"' | cut -d '"' -f 4)
  echo "== replaces"
  # shellcheck disable=SC2086  # names are words
  if [ -n "$names" ]; then ask info --type patch $names; fi
  echo "== locked"; sed -n 's/^solvable_name: //p' /etc/zypp/locks 2>/dev/null
  echo "== end"; exit 0
fi
"""
LINE = re.compile(r"(?P<name>[^|\s]+)\|(?P<arch>[^|\s]+)\|(?P<version>[^|\s]+)")
UPDATE = re.compile(r"<update (?P<attributes>[^<>]*)>")
REPLACED = re.compile(r"(?:Conflicts +: (?:\[\d+\])?)? *(?P<name>\S+) &lt; \S+")
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


@record
class RpmState:
    """`age`: of the oldest list, None when there is none. `missing`: repositories that have none.

    `knows_security`: a repository says which updates are for security. The rest are lists for people.
    """

    age: timedelta | None
    missing: tuple[str, ...]
    knows_security: bool
    security: tuple[str, ...]
    other: tuple[str, ...]
    held: tuple[str, ...]


def read_dnf(answer: dict[str, list[str]]) -> RpmState:
    """Raises UnreadableError when a line is none of repoquery's."""
    installed = {(found["name"], found["arch"]): _evr(found["version"]) for found in _lines(answer["installed"])}
    security = {_key(found) for found in _lines(answer["security"], strict=True)}
    shown = {
        _key(found): _shown(found["name"], installed.get((found["name"], found["arch"])), _evr(found["version"]))
        for found in _lines(answer["all"], strict=True)
    }
    age, missing = _ages(answer)
    return RpmState(
        age=age,
        missing=missing,
        knows_security=bool(answer["advisories"]),
        security=tuple(text for key, text in shown.items() if key in security),
        other=tuple(text for key, text in shown.items() if key not in security),
        held=_held(answer),
    )


def read_zypper(answer: dict[str, list[str]]) -> RpmState:
    """Raises UnreadableError when zypper did not come to the end of a list."""
    packages = [each for each in _updates(answer["all"], "list-updates") if each.get("kind") == "package"]
    patches = [each for each in _updates(answer["security"], "list-patches") if each.get("kind") == "patch"]
    replaced = {found["name"] for line in answer["replaces"] if (found := REPLACED.fullmatch(line))}
    security = [each for each in packages if {each.get("name"), f"{each.get('name')}.{each.get('arch')}"} & replaced]
    named = tuple(f"{each.get('name', '?')} ({each.get('severity', 'unknown')})" for each in patches)
    age, missing = _ages(answer)
    return RpmState(
        age=age,
        missing=missing,
        knows_security=True,
        security=tuple(_shown_update(each) for each in security) or named,
        other=tuple(_shown_update(each) for each in packages if each not in security),
        held=_held(answer),
    )


def _ages(answer: dict[str, list[str]]) -> tuple[timedelta | None, tuple[str, ...]]:
    now = epoch_seconds(only(answer["now"], "date"), "date")
    times = []
    missing = []
    for line in answer["lists"]:
        time, _, repository = line.partition(" ")
        if time == "never":
            missing.append(repository)
        else:
            times.append(epoch_seconds(time, "time of a package list"))
    return (timedelta(seconds=int(now - min(times))) if times else None), tuple(missing)


def _lines(lines: Sequence[str], *, strict: bool = False) -> list[re.Match[str]]:
    found = [LINE.fullmatch(line) for line in lines]
    if strict and None in found:
        raise UnreadableError(f"dnf: expected `name|arch|version`, found {short(lines[found.index(None)])!r}")
    return [each for each in found if each]


def _key(found: re.Match[str]) -> tuple[str, str, str]:
    return found["name"], found["arch"], found["version"]


def _evr(version: str) -> str:
    """An epoch of 0 is the one that nobody writes."""
    return version.removeprefix("0:")


def _updates(lines: Sequence[str], what: str) -> list[dict[str, str]]:
    text = "\n".join(lines)
    if "</stream>" not in text:
        raise UnreadableError(f"zypper {what} did not come to its end: {short(lines[-1]) if lines else '(nothing)'}")
    found = (dict(ATTRIBUTE.findall(each["attributes"])) for each in UPDATE.finditer(text))
    return [{key: unescape(value) for key, value in each.items()} for each in found]


def _shown_update(update: dict[str, str]) -> str:
    return _shown(update.get("name", "?"), update.get("edition-old"), update.get("edition", "?"))


def _shown(name: str, old: str | None, new: str) -> str:
    return f"{name} {old} -> {new}" if old else f"{name} {new} (new)"


def _held(answer: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(line.strip() for line in answer["locked"] if not line.strip().startswith("!"))
