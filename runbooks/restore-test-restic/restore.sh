#!/bin/sh
# Restores a sample of the newest snapshot into a scratch folder, compares it, and removes it, whatever comes.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

note() { printf '%s\n' "$*" >>"$msp_kept/result"; }
now() { awk '{ print int($1 * 100) }' /proc/uptime; }
remove() { rm -rf -- "$place" "$work"; }

check_room() {
  [ -d "$scratch" ] || blocked "there is no folder $scratch to restore into"
  wanted=$(awk '{ sum += $1 } END { printf "%.0f", sum / 1024 + 65536 }' "$work/chosen")
  free=$(df -Pk -- "$scratch" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$wanted" ] || blocked "$scratch has $((free / 1024)) MiB free, the sample and a reserve need $((wanted / 1024))"
}

restore() {
  set --
  while read -r _ name; do set -- "$@" --include "$name"; done <"$work/chosen"
  began=$(now) code=0
  ask_restic restore "$snapshot" --target "$place" --verify "$@" >"$work/told" || code=$?
  took=$(($(now) - began))
  cat "$work/told" "$work/said" | tail -n 20 | quoted
}

# `--verify` has compared each with the sums in the backup. A file that still lies on this host unchanged tells, too.
# Their length alone says nothing: restic makes a file as long as it should be before its data comes.
compare() {
  good=0 same=0 bytes=0
  while read -r size name; do
    copy=$place$name
    if [ ! -f "$copy" ] || [ -L "$copy" ] || [ "$(stat -c %s -- "$copy")" != "$size" ]; then
      printf '%s\n' "not restored: $name" | quoted
      continue
    fi
    good=$((good + 1)) bytes=$((bytes + size))
    if [ -f "$name" ] && [ ! -L "$name" ] && [ "$(stat -c '%s %Y' -- "$name")" = "$(stat -c '%s %Y' -- "$copy")" ]; then
      if cmp -s -- "$name" "$copy"; then same=$((same + 1)); else note "differs $name"; fi
    fi
  done <"$work/chosen"
}

[ "$(id -u)" -eq 0 ] || blocked "restoring owners and modes needs root"
command -v restic >/dev/null || blocked "restic is not installed on this host"
work=$(mktemp -d /run/restore-test-restic.XXXXXX) || blocked "no room in /run"
trap remove EXIT
trap 'exit 143' TERM INT HUP
mkdir -p -- "$msp_kept"
chmod 0700 -- "$msp_kept"
rm -f -- "$msp_kept/result"
if ! choose; then
  quoted <"$work/said"
  case $(cat "$work/said") in *'dial tcp'* | *'onnection'* | *'i/o timeout'*) blocked "the repository is not reached: $(why)" ;; esac
  note "problem restic cannot open the backup: $(why)"
  exit 0
fi
if [ ! -s "$work/chosen" ]; then
  note "problem snapshot ${snapshot:-(none)} holds no file that fits the sample"
  exit 0
fi
check_room
# Of an earlier try of this very run: nobody else's folder has this name and is root's.
if [ -d "$place" ] && [ ! -L "$place" ] && [ "$(stat -c %u -- "$place")" = 0 ]; then rm -rf -- "$place"; fi
mkdir -m 0700 -- "$place" || blocked "the scratch folder $place cannot be made"
restore
compare
asked=$(wc -l <"$work/chosen")
note "figures $((took / 100)).$(printf '%02d' $((took % 100))) $bytes $asked $good $same"
if [ "$code" -ne 0 ] || [ "$good" -lt "$asked" ]; then
  note "problem of $asked files of snapshot $snapshot $good came back in their full length, restic ended with $code: $(why)"
fi
remove
if [ -e "$place" ]; then
  printf 'msp: why the scratch folder %s cannot be removed\n' "$place"
  exit 1
fi
printf 'msp: changed restore-test %s of %s files (%s bytes) of snapshot %s were restored, compared and removed again\n' \
  "$good" "$asked" "$bytes" "$snapshot"
note "done"
