#!/bin/sh
# How old is the newest complete snapshot, and does it hold as many files as those before it?
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

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
      recent=$(find "$folder/${newest##* }" -maxdepth 2 -mmin -120 2>/dev/null | head -n 1)
      if [ -n "$recent" ]; then echo "${newest##* } is being made"; return 0; fi
      finding warning incomplete "${newest##* } was begun and not finished" ;;
  esac
}

judge_paths() {
  set -f
  for path in $paths; do
    set +f
    [ -e "$1/${path#/}" ] || [ -L "$1/${path#/}" ] ||
      finding critical "$(printf '%s' "$path" | tr -c 'A-Za-z0-9/._-' _):path" "the newest complete snapshot does not hold this path"
  done
}

none() {
  finding critical snapshots "$1"
  printf 'msp: why %s\n' "$1"
  exit 1
}

if [ ! -d "$folder" ] || [ ! -r "$folder" ]; then
  finding critical folder "there is no folder $folder that can be read"
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
  finding critical age "the newest complete snapshot, $name, is $((age / 3600)) hours old, allowed are $((max_age / 3600))"
fi
printf '%s\n' "$complete" | while read -r _ _ each; do count_files "$folder/$each"; done | judge_count
judge_paths "$folder/$name"
