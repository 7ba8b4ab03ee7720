#!/bin/sh
# How old is the newest complete snapshot, and does it hold as many files as those before it?
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

count_files() { find "$1" -xdev -type f -print0 | LC_ALL=C tr -dc '\0' | wc -c; }

judge_count() {
  awk '
    { of[NR] = $1 + 0 }
    END {
      newest = of[NR]; n = NR - 1
      print "msp: measurement backup_files " newest " files"
      if (!newest) { print "msp: finding critical files the newest complete snapshot holds no file"; exit }
      for (i = 1; i < n; i++) for (j = i + 1; j <= n; j++) if (of[j] < of[i]) { keep = of[i]; of[i] = of[j]; of[j] = keep }
      usual = n % 2 ? of[(n + 1) / 2] : n ? (of[n / 2] + of[n / 2 + 1]) / 2 : 0
      if (newest < usual / 2)
        print "msp: finding warning files the newest has " newest " files, usual are " usual ": is something missing?"
    }'
}

judge_incomplete() {
  newest=$(printf '%s\n' "$all" | tail -n 1)
  case $newest in
    *' incomplete '*)
      touched=$(find "$folder/${newest##* }" -maxdepth 2 -mmin -120 2>/dev/null | head -n 1)
      if [ -n "$touched" ]; then echo "${newest##* } is being made"; return 0; fi
      found warning incomplete "${newest##* } was begun and not finished" ;;
  esac
}

judge_paths() {
  set -f
  for path in $paths; do
    set +f
    [ -e "$1/${path#/}" ] || [ -L "$1/${path#/}" ] ||
      found critical "$(printf '%s' "$path" | tr -c 'A-Za-z0-9/._-' _):path" "the newest complete snapshot does not hold this path"
  done
}

none() {
  found critical snapshots "$1"
  printf 'msp: why %s\n' "$1"
  exit 1
}

if [ ! -d "$folder" ] || [ ! -r "$folder" ]; then
  found critical folder "there is no folder $folder that can be read"
  printf 'msp: why there is no folder %s that can be read\n' "$folder"
  exit 1
fi
all=$(snapshots)
case $all in *unknown*) cannot_tell "the time of $(printf '%s\n' "$all" | grep -m 1 '^unknown') cannot be told" ;; esac
if [ -z "$all" ]; then
  none "the folder holds no snapshot${begins:+ whose name begins with $begins}"
fi
printf '%s\n' "$all" | tail -n 8 | awk '{ print "  " $3 " " $2 }'
judge_incomplete
complete=$(printf '%s\n' "$all" | grep ' complete ' | tail -n 4) || true
if [ -z "$complete" ]; then
  none "no snapshot is complete"
fi
name=$(printf '%s\n' "$complete" | tail -n 1)
age=$(($(date +%s) - ${name%% *}))
name=${name##* }
[ "$age" -ge -3600 ] || cannot_tell "$name comes from the future: its age cannot be told"
if [ "$age" -lt 0 ]; then age=0; fi
printf 'msp: measurement backup_age %s seconds\n' "$age"
if [ "$age" -gt "$max_age" ]; then
  found critical age "the newest complete snapshot, $name, is $((age / 3600)) hours old, allowed are $((max_age / 3600))"
fi
printf '%s\n' "$complete" | while read -r _ _ each; do count_files "$folder/$each"; done | judge_count
judge_paths "$folder/$name"
