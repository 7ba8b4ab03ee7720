#!/bin/sh
# Is it gone, and does nothing like it start again? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

must_be_gone() {
  [ -e "$msp_kept/ended" ] || return 0
  while read -r pid at; do
    if look_at "$pid" && [ "$begin" = "$at" ] && [ "$mode" != Z ]; then failed "process $pid is still there"; fi
  done <"$msp_kept/ended"
}
must_not_return() {
  matching | grep -v -E '^[0-9]+ [0-9]+ Z ' >"$work/found" || true
  if [ ! -s "$work/found" ]; then return 0; fi
  read -r pid _ _ command <"$work/found"
  unit=$(sed -n 's/^[0-9]*:[^:]*:.*\/\([^/]*\.service\)$/\1/p' "/proc/$pid/cgroup" 2>/dev/null | head -n 1 | LC_ALL=C tr -d "\000-\037\177")
  failed "it has started again as process $pid${unit:+, by $unit}: $(printf '%s' "$command" | cut -c 1-200)"
}

work=$(mktemp -d) || cannot_verify "no room for temporary files"
trap 'rm -rf -- "$work"' EXIT
know_whom
must_be_gone
if [ "$may_return" = yes ]; then
  echo "it is gone"
else
  seconds=0
  must_not_return
  while [ "$seconds" -lt "$watch" ]; do
    sleep 1
    seconds=$((seconds + 1))
    must_not_return
  done
  echo "it is gone, and nothing like it started again for $watch s"
fi
