#!/bin/sh
# Where the sample is restored, and which files of which snapshot it is made of.
# shellcheck disable=SC2034,SC2154  # the parameters stand in front of it, and the scripts use what it finds
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

place=${scratch%/}/msp-ops-restore-test-${msp_kept##*/}

failed() {
  printf 'msp: why %s\n' "$*"
  exit 1
}
blocked() {
  printf 'msp: why %s\n' "$*"
  exit 75
}
# Others chose these words and names: none of their lines may pass for a report.
quoted() { LC_ALL=C sed -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }
words() { LC_ALL=C tr '[:cntrl:]' ' ' | cut -c 1-"$1" | sed 's/ *$//'; }
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
newest_snapshot() {
  newest=$(snapshots | grep ' complete ' | tail -n 1) || true
  newest=${newest##* }
}
# Bytes and name of files, in an order that is the same each time: so a sound sample never hides that another one was
# not. A name with control characters, or one that sha256sum would bend, is passed over.
choose() {
  (cd "$folder/$newest" && find . -xdev -type f -printf '%s %P\0' 2>/dev/null) | LC_ALL=C tr '\n\000' '\001\n' | LC_ALL=C awk -v quota="$quota" -v marker="$marker" -v manifest="$manifest" '
    BEGIN { signs = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ._- " }
    function die(name,    i, sum) {
      sum = length(name)
      for (i = length(name); i > 0 && i > length(name) - 16; i--) sum = (sum * 31 + index(signs, substr(name, i, 1))) % 65521
      return sum
    }
    match($0, /^[0-9]+ /) {
      name = substr($0, RLENGTH + 1)
      if ($1 > quota + 0 || name ~ /[\001-\037\177\\]|^[ \/]| $|(^|\/)\.\.(\/|$)/ || name == "" || name == marker || name == manifest) next
      printf "%d %.0f %s\n", die(name), $1, name
    }' | LC_ALL=C sort -n -k 1,1 -k 3 |
    awk -v most="$files" -v quota="$quota" '
      sum + $2 <= quota + 0 && n < most + 0 { sum += $2; n++; sub(/^[0-9]+ /, ""); print }' >"$work/chosen"
}
# A restore of an earlier run that was cut: its own notes and its name say that it is ours, and nobody works in it.
left_behind() {
  for each in "${scratch%/}"/msp-ops-restore-test-*; do
    if [ ! -d "$each" ] || [ -L "$each" ] || [ "$(stat -c %u -- "$each")" != 0 ]; then continue; fi
    if [ ! -d "${msp_kept%/*}/${each##*/msp-ops-restore-test-}/begun-snapshots" ] || is_in_use "$each"; then continue; fi
    printf '%s\n' "$each"
  done
}
is_in_use() {
  for process in /proc/[0-9]*; do
    case $(readlink "$process/cwd" 2>/dev/null) in "$1" | "$1"/*) return 0 ;; esac
  done
  return 1
}
