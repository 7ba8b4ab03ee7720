#!/bin/sh
# Ends and removes what a restore that was broken off has left: its server and its scratch folder.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# By its folder: a number alone may long be another process's.
servers() {
  for each in /proc/[0-9]*; do
    case $(readlink "$each/cwd" 2>/dev/null) in "$place" | "$place"/*) printf '%s\n' "${each#/proc/}" ;; esac
  done
}

if [ ! -e "$place" ] && [ ! -L "$place" ]; then
  echo "nothing is left of it"
  exit 0
fi
if [ -L "$place" ] || [ ! -d "$msp_kept/begun" ]; then failed "$place is not what the restore made: it was left alone"; fi
tries=0
while [ -n "$(servers)" ]; do
  for pid in $(servers); do kill -9 "$pid" 2>/dev/null || true; done
  tries=$((tries + 1))
  [ "$tries" -le 50 ] || failed "a process of the scratch server does not end"
  sleep 0.1
done
rm -rf -- "$place"
[ ! -e "$place" ] || failed "$place cannot be removed"
printf 'msp: changed %s its server was ended, it was removed\n' "$place"
