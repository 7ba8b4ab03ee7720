#!/bin/sh
# Restores a sample of the newest snapshot into a scratch folder, compares it, and removes it, whatever comes.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

remove() { rm -rf -- "$place" "$work"; }

restore() {
  set --
  while read -r _ name; do set -- "$@" --include "$name"; done <"$work/chosen"
  began=$(hundredths) code=0
  ask_restic restore "$snapshot" --target "$place" --verify "$@" >"$work/told" || code=$?
  took=$(($(hundredths) - began))
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
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
begin_notes
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
mkdir -p -- "$msp_kept/begun-restic"
sweep begun-restic nobody_is_in
mkdir -m 0700 -- "$place" || blocked "the scratch folder $place cannot be made"
trap remove EXIT
restore
compare
asked=$(wc -l <"$work/chosen")
note "figures $(seconds_of "$took") $bytes $asked $good $same"
if [ "$code" -ne 0 ] || [ "$good" -lt "$asked" ]; then
  note "problem of $asked files of snapshot $snapshot $good came back in their full length, restic ended with $code: $(why)"
fi
remove
[ ! -e "$place" ] || failed "the scratch folder $place cannot be removed"
printf 'msp: changed restore-test %s of %s files (%s bytes) of snapshot %s were restored, compared and removed again\n' \
  "$good" "$asked" "$bytes" "$snapshot"
note "done"
