#!/bin/sh
# What did the restore show, did it take too long, and is its scratch server gone? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

cannot_tell() {
  printf 'msp: why not verified: %s\n' "$*"
  exit 75
}
noted() { sed -n "s/^$1 //p" "$msp_kept/result" | head -n 1 | words 300; }

[ ! -e "$place" ] && [ ! -L "$place" ] || failed "the scratch folder $place is still there"
[ -s "$msp_kept/result" ] || cannot_tell "the restore did not come to its end"
problem=$(noted problem)
# shellcheck disable=SC2046  # four figures
set -- $(noted figures)
if [ $# -eq 4 ]; then
  printf 'msp: measurement restore_time %s seconds\n' "$1"
  printf 'msp: measurement restore_size %s bytes\n' "$2"
  printf 'msp: measurement restore_rows %s rows\n' "$4"
  printf '%s rows of %s tables came back in %s s\n' "$4" "$3" "$1"
  if [ "${1%.*}" -ge "$rto" ]; then
    printf 'msp: finding critical rto the restore took %s s, allowed are %s\n' "$1" "$rto"
  fi
fi
busy=$(noted busy)
[ -z "$busy" ] || cannot_tell "$busy"
if [ -n "$problem" ]; then
  printf 'msp: finding critical restore %s\n' "$problem"
  exit 0
fi
grep -q -x 'done' "$msp_kept/result" || cannot_tell "the restore did not come to its end"
