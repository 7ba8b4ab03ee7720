#!/bin/sh
# Which archives are there, how old is the newest of each series, and did it shrink? borg lists damaged ones, too.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

cannot_tell() {
  printf 'msp: why %s\n' "$*"
  exit 75
}
# Others chose these words and names: none of their lines may pass for a report.
quoted() { LC_ALL=C sed -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }
words() { LC_ALL=C tr '[:cntrl:]' ' ' | cut -c 1-300 | sed 's/ *$//'; }
# The line of borg's that says something; around it stand those of Python.
why() {
  grep -v -E '^( |Traceback|Local Exc|Exception ign|Platform:|Linux:|Borg:|PID:|sys.argv:|SSH_|$)' "$work/said" | head -n 1 | words
}

# borg's times have no zone, they are local ones: so it runs in UTC. What it would keep for the next time is thrown away.
ask_borg() {
  TZ=UTC BORG_CACHE_DIR=$work/cache BORG_SECURITY_DIR=$work/security BORG_RSH='ssh -o BatchMode=yes' \
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_RELOCATED_REPO_ACCESS_IS_OK=yes BORG_PASSPHRASE_FD=3 \
    nice borg "$@" 3<"${passphrase_file:-/dev/null}" </dev/null 2>"$work/said"
}

# One line an archive: seconds since 1970, the series that it belongs to, its name. A series is what is left of a name
# without date, weekday and number; a name that is not as people write names is counted and passed over.
archives() {
  awk -v begins="$begins" '
    function days(y, m, d) {
      if (m < 3) { y--; m += 12 }
      return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469
    }
    !match($0, /[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) { exit 1 }
    {
      time = substr($0, RSTART, 19); name = $0; sub(/^[^|]*[|]/, "", name)
      if (index(name, begins) != 1) next
      if (name !~ /^[A-Za-z0-9][A-Za-z0-9 @._:+,=-]*$/) { print "odd"; next }
      at = days(substr(time, 1, 4) + 0, substr(time, 6, 2) + 0, substr(time, 9, 2) + 0) * 86400
      at += substr(time, 12, 2) * 3600 + substr(time, 15, 2) * 60 + substr(time, 18, 2)
      key = name; two = "[0-9][0-9]"
      gsub(two two "[-_.]?" two "[-_.]?" two "([-_.tT@]?" two "[-:_.h]?" two "([-:_.m]?" two "([.][0-9]+)?)?)?[zZ]?", "#", key)
      gsub(/(mon|tue|wed|thu|fri|sat|sun|Mon|Tue|Wed|Thu|Fri|Sat|Sun)([a-z]*day)?/, "#", key)
      sub(/[.-][0-9]+$/, "", key); gsub(/[^A-Za-z0-9@._+#-]/, "_", key)
      printf "%d %s %s\n", at, key, name
    }' "$work/listed" >"$work/found" || cannot_tell "borg lists its archives in a way that is not known here: $(head -n 1 "$work/listed" | words)"
  odd=$(grep -c -x odd "$work/found") || true
  if [ "$odd" -gt 0 ]; then printf 'msp: finding warning names %s archives have names that are not looked at\n' "$odd"; fi
  grep -v -x odd "$work/found" | sort -n >"$work/archives" || true
}

found() { printf 'msp: finding %s %s %s\n' "$@"; }

list() {
  if ask_borg list --bypass-lock --format '{time}|{archive}{NL}' "$repository" >"$work/listed"; then return 0; fi
  head -n 20 "$work/said" | quoted
  why=$(why)
  case $(cat "$work/said") in
    *'does not exist'* | *'not a valid repository'* | *'has no manifest'* | *'ntegrity'*)
      found critical repository "cannot be opened: $why"
      printf 'msp: why the repository cannot be opened: %s\n' "$why"
      exit 1 ;;
  esac
  cannot_tell "borg cannot look into the repository: $why"
}

# As it was before the copy was packed: what borg would give back.
size_of() {
  ask_borg list --bypass-lock --format '{type} {size}{NL}' "$repository::$1" >"$work/files" || return 1
  awk '$1 == "-" { files++; bytes += $2 } END { printf "%d %.0f\n", files, bytes }' "$work/files"
}

judge_age() {
  age=$(($(date +%s) - $2))
  [ "$age" -ge -3600 ] || cannot_tell "the newest archive of $1 comes from the future: the clock of a host is wrong"
  if [ "$age" -lt 0 ]; then age=0; fi
  printf 'msp: measurement backup_age:%s %s seconds\n' "$1" "$age"
  if [ "$age" -gt "$max_age" ]; then
    found critical "$1:age" "the newest archive is $((age / 3600)) hours old, allowed are $((max_age / 3600))"
  else
    printf '%s\n' "$1" >>"$work/fresh"
  fi
}

judge_size() {
  awk -v key="$1" '$2 == key' "$work/archives" | tail -n 4 | cut -d ' ' -f 3- >"$work/names"
  : >"$work/sizes"
  while read -r name; do
    size=$(size_of "$name") || {
      found critical "$1:listing" "the files of an archive cannot be listed: $(why)"
      return 0
    }
    printf '%s\n' "$size" >>"$work/sizes"
  done <"$work/names"
  awk -v key="$1" '
    { files = $1; bytes = $2; earlier[NR] = $2 }
    END {
      print "msp: measurement backup_size:" key " " bytes " bytes"
      print "msp: measurement backup_files:" key " " files " files"
      if (!files) { print "msp: finding critical " key ":size the newest archive holds no file"; exit }
      for (i = 1; i < NR; i++) for (j = i + 1; j < NR; j++) if (earlier[j] < earlier[i]) {
        keep = earlier[i]; earlier[i] = earlier[j]; earlier[j] = keep
      }
      n = NR - 1; usual = n % 2 ? earlier[(n + 1) / 2] : (earlier[n / 2] + earlier[n / 2 + 1]) / 2
      if (n && bytes < usual / 2)
        printf "msp: finding warning %s:size the newest has %s bytes, usual are %d: is something missing?\n", key, bytes, usual
    }' "$work/sizes"
}

# A source that is missing is a warning of borg alone: the archive is made without it.
judge_paths() {
  newest=$(tail -n 1 "$work/archives" | cut -d ' ' -f 3-)
  set -f
  for path in $paths; do
    set +f
    held=$(ask_borg list --bypass-lock --format 'x{NL}' "$repository::$newest" "pp:${path#/}" | head -n 1) || true
    [ -n "$held" ] || found critical "$(printf '%s' "$path" | tr -c 'A-Za-z0-9/._-' _):path" "the newest archive does not hold this path"
  done
}

judge_expected() {
  set -f
  for wanted in $expected; do
    set +f
    awk -v wanted="$wanted" 'index($0, wanted) == 1 { found = 1 } END { exit !found }' "$work/fresh" ||
      found critical "$(printf '%s' "$wanted" | tr -c 'A-Za-z0-9@._-' _):expected" "no fresh archive has a name that begins so"
  done
}

command -v borg >/dev/null || cannot_tell "borg is not installed on this host"
[ -z "$passphrase_file" ] || [ -r "$passphrase_file" ] || cannot_tell "there is no file $passphrase_file that can be read"
work=$(mktemp -d /run/check-backup-borg.XXXXXX) || cannot_tell "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
list
archives
: >"$work/fresh"
if [ ! -s "$work/archives" ]; then
  none="the repository holds no archive${begins:+ whose name begins with $begins}"
  found critical archives "$none"
  printf 'msp: why %s\n' "$none"
  exit 1
fi
awk '{ newest[$2] = $1 } END { for (key in newest) print key, newest[key] }' "$work/archives" | sort >"$work/series"
while read -r key at; do
  printf '%s: %s archives\n' "$key" "$(awk -v key="$key" '$2 == key' "$work/archives" | wc -l)"
  judge_age "$key" "$at"
  judge_size "$key"
done <"$work/series"
judge_paths
judge_expected
