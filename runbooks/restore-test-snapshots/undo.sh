#!/bin/sh
# Removes what a restore that was broken off has left in its scratch folder.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

if [ ! -e "$place" ] && [ ! -L "$place" ]; then
  echo "nothing is left of it"
  exit 0
fi
if [ -L "$place" ] || [ "$(stat -c %u -- "$place")" != 0 ]; then
  printf 'msp: why %s is not what the restore made: it was left alone\n' "$place"
  exit 1
fi
rm -rf -- "$place"
if [ -e "$place" ]; then
  printf 'msp: why %s cannot be removed\n' "$place"
  exit 1
fi
printf 'msp: changed %s removed\n' "$place"
