#!/bin/sh
# The scratch folder of a restore test: its name, what an earlier run that was cut off has left of its own, and what a run
# notes for its verification.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

place=${scratch%/}/msp-ops-restore-test-${msp_kept##*/}

note() { printf '%s\n' "$*" >>"$msp_kept/result"; }
noted() { sed -n "s/^$1 //p" "$msp_kept/result" | head -n 1 | words 300; }
hundredths() { awk '{ print int($1 * 100) }' /proc/uptime; }
seconds_of() { printf '%s.%02d\n' "$(($1 / 100))" "$(($1 % 100))"; }
begin_notes() {
  mkdir -p -- "$msp_kept"
  chmod 0700 -- "$msp_kept"
  rm -f -- "$msp_kept/result"
}

# By its folder: a number alone may long be another process's.
processes_in() {
  for each in /proc/[0-9]*; do
    case $(readlink "$each/cwd" 2>/dev/null) in "$1" | "$1"/*) printf '%s\n' "${each#/proc/}" ;; esac
  done
}
nobody_is_in() { [ -z "$(processes_in "$1")" ]; }
# Scratch folders of earlier runs that were cut off: their own notes and their names say that they are ours.
left_behind() {
  for each in "${scratch%/}"/msp-ops-restore-test-*; do
    if [ ! -d "$each" ] || [ -L "$each" ] || [ "$(stat -c %u -- "$each")" != 0 ]; then continue; fi
    if [ -d "${msp_kept%/*}/${each##*/msp-ops-restore-test-}/$1" ]; then printf '%s\n' "$each"; fi
  done
}
# Sweeps those of one kind (by the note that says that one was begun), if a command says of each that it is free.
sweep() {
  left_behind "$1" | while read -r found; do
    "$2" "$found" || continue
    rm -rf -- "$found"
    printf 'msp: changed %s removed: an earlier restore was cut off and had left it\n' "$found"
  done
}

# ---- What the undo does.
must_be_ours() {
  if [ ! -e "$place" ] && [ ! -L "$place" ]; then
    echo "nothing is left of it"
    exit 0
  fi
  if [ -L "$place" ] || [ "$(stat -c %u -- "$place")" != 0 ]; then failed "$place is not what the restore made: it was left alone"; fi
}
remove_scratch() {
  rm -rf -- "$place"
  [ ! -e "$place" ] || failed "$place cannot be removed"
  printf 'msp: changed %s %s\n' "$place" "$1"
}

# ---- What the verification says.
must_be_gone() {
  [ ! -e "$place" ] && [ ! -L "$place" ] || failed "the scratch folder $place is still there"
  [ -s "$msp_kept/result" ] || cannot_verify "the restore did not come to its end"
}
say_time() {
  printf 'msp: measurement restore_time %s seconds\n' "$1"
  printf 'msp: measurement restore_size %s bytes\n' "$2"
  if [ "${1%.*}" -ge "$rto" ]; then finding critical rto "the restore took $1 s, allowed are $rto"; fi
}
say_how_it_ended() {
  busy=$(noted busy)
  [ -z "$busy" ] || cannot_verify "$busy"
  problem=$(noted problem)
  if [ -n "$problem" ]; then
    finding critical restore "$problem"
    exit 0
  fi
  grep -q -x 'done' "$msp_kept/result" || cannot_verify "the restore did not come to its end"
}
