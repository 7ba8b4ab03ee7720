#!/bin/sh
# Can files of the newest complete snapshot be read back, and are they what its manifest says?
# The same files are read each time: so a look that finds nothing never hides what another one found.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

cannot_tell() {
  printf 'msp: why %s\n' "$*"
  exit 75
}
found() { printf 'msp: finding %s %s %s\n' "$@"; }

# A folder with a date in its name, or one that rsnapshot turns round (daily.0). What has another name is not looked at.
is_snapshot() {
  case $1 in *[!A-Za-z0-9@._:+=,-]* | .*) return 1 ;; esac
  case $1 in "$begins"*) ;; *) return 1 ;; esac
  case $1 in *[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]* | *20[0-9][0-9][0-1][0-9][0-3][0-9]* | *.[0-9] | *.[0-9][0-9]) ;; *) return 1 ;; esac
}
is_complete() {
  if [ -n "$marker" ]; then
    [ -f "$1/$marker" ]
    return
  fi
  case ${1##*/} in *partial* | *incomplete* | *in-progress* | *inprogress* | *progress | *.tmp | *.new | *delete*) return 1 ;; esac
}
# rsync gives a snapshot's folder the time of its source: that says nothing of when the snapshot was made. The marker
# does, and the name; a name with a day only is made more exact by the last change of the folder itself (ctime).
made_at() {
  if [ -n "$marker" ] && [ -f "$1/$marker" ]; then
    stat -c %Y -- "$1/$marker"
    return
  fi
  told=$(printf '%s\n' "${1##*/}" | sed -n -E \
    's/^(.*[^0-9])?(20[0-9]{2})[-_.]?(0[1-9]|1[0-2])[-_.]?([0-3][0-9])([-_.tT@]?([0-2][0-9])[-:_.h]?([0-5][0-9])([-:_.m]?([0-5][0-9]))?([zZ]?))?([^0-9].*)?$/\2-\3-\4 \6:\7:\9/p')
  case $told in
    '')
      stat -c %Y -- "$1"
      return ;;
    *' ::')
      day=$(date -d "${told% ::} 00:00:00" +%s) && changed=$(stat -c %Z -- "$1") || return 1
      if [ "$changed" -lt "$day" ]; then changed=$day; fi
      if [ "$changed" -gt $((day + 86399)) ]; then changed=$((day + 86399)); fi
      printf '%s\n' "$changed"
      return ;;
    *:) told=${told}00 ;;
  esac
  case ${1##*/} in
    *[0-9][zZ]) TZ=UTC0 date -d "$told" +%s ;;
    *) date -d "$told" +%s ;;
  esac
}
# Seconds, whether it is complete, and the name of each; the oldest first.
snapshots() {
  for path in "${folder%/}"/*/; do
    path=${path%/}
    if [ -L "$path" ] || ! is_snapshot "${path##*/}"; then continue; fi
    state=incomplete
    if is_complete "$path"; then state=complete; fi
    at=$(made_at "$path" 2>/dev/null) || at=unknown
    printf '%s %s %s\n' "$at" "$state" "${path##*/}"
  done | sort -n
}

quoted() { LC_ALL=C sed -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }
all_below=200 # so few files are read all

# The first digits of a sum are as good as a die. A line with a backslash is a name that sha256sum had to bend.
choose_from_manifest() {
  LC_ALL=C awk -v percent="$read_data" -v all_below="$all_below" '
    length($1) == 64 && $1 !~ /[^0-9a-f]/ && !match($0, /(^|[ *\/])\.\.\/|[ *]\//) { line[++n] = $0 }
    function die(sum) { return index("0123456789abcdef", substr(sum, 1, 1)) * 16 + index("0123456789abcdef", substr(sum, 2, 1)) - 17 }
    END { for (i = 1; i <= n; i++) if (n <= all_below || die(line[i]) * 100 < percent * 256) print line[i] }' "$1"
}
choose_from_names() {
  (cd "$1" && find . -xdev -type f ! -path '*[[:cntrl:]]*' ! -path '*\\*') | LC_ALL=C sort |
    LC_ALL=C awk -v percent="$read_data" -v all_below="$all_below" '
      BEGIN { signs = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ._- " }
      function die(name,    i, sum) {
        sum = length(name)
        for (i = length(name); i > 0 && i > length(name) - 16; i--) sum = (sum * 31 + index(signs, substr(name, i, 1))) % 65521
        return sum % 100
      }
      { name[NR] = $0 }
      END { for (i = 1; i <= NR; i++) if (NR <= all_below || die(name[i]) < percent + 0) print name[i] }'
}

compare() {
  said=$(cd "$1" && nice sha256sum -c - <"$work/chosen" 2>/dev/null) || true
  good=$(printf '%s\n' "$said" | grep -c ': OK$') || true
  printf '%s\n' "$said" | grep -v ': OK$' | head -n 20 | quoted || true
}
read_only() {
  good=0
  while read -r name; do
    if nice cat -- "$1/$name" >/dev/null 2>>"$work/said"; then good=$((good + 1)); fi
  done <"$work/chosen"
  head -n 20 "$work/said" | quoted
}

all=$(snapshots)
newest=$(printf '%s\n' "$all" | grep ' complete ' | tail -n 1) || true
[ -n "$newest" ] || cannot_tell "there is no complete snapshot that could be read"
newest=${newest##* }
work=$(mktemp -d /run/check-backup-snapshots.XXXXXX) || cannot_tell "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
: >"$work/said"
if [ -n "$manifest" ]; then
  if [ ! -s "$folder/$newest/$manifest" ]; then
    found critical manifest "$newest has no $manifest: nothing says what its files should be"
    exit 0
  fi
  choose_from_manifest "$folder/$newest/$manifest" >"$work/chosen"
  problem="are missing or not what $manifest says"
  [ -s "$work/chosen" ] || cannot_tell "$manifest of $newest holds no line of sha256sum that could be looked at"
  compare "$folder/$newest"
else
  choose_from_names "$folder/$newest" >"$work/chosen"
  problem="cannot be read"
  [ -s "$work/chosen" ] || cannot_tell "$newest holds no file that could be read"
  read_only "$folder/$newest"
fi
asked=$(wc -l <"$work/chosen")
printf '%s: %s of %s files that were read are well%s\n' "$newest" "$good" "$asked" "$([ -n "$manifest" ] || printf ', compared with nothing')"
printf 'msp: measurement backup_files_read %s files\n' "$asked"
if [ "$good" -lt "$asked" ]; then
  found critical data "$((asked - good)) of $asked files of $newest that were read $problem"
fi
