#!/bin/sh
# The snapshot folders that rsync or rsnapshot made: which there are, whether they are complete, and how old.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

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
