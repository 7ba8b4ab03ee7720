#!/bin/sh
# Brings back what was accepted before, or nothing where nothing was.
# shellcheck disable=SC2154  # functions.sh stands in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

if [ ! -e "$msp_kept/begun" ]; then
  echo "nothing was noted in that run"
  exit 0
fi
if [ ! -e "$msp_kept/accepted-before" ]; then
  if [ ! -e "$accepted" ]; then exit 0; fi
  rm -- "$accepted"
  printf 'msp: changed inventory nothing is accepted, as before\n'
elif ! cmp -s -- "$msp_kept/accepted-before" "$accepted"; then
  cp -p -- "$msp_kept/accepted-before" "$accepted.new"
  mv -- "$accepted.new" "$accepted"
  printf 'msp: changed inventory what was accepted before is accepted again\n'
fi
