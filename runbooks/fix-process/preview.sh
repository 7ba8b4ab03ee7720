#!/bin/sh
# Which processes it would be, and what they belong to. Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

know_whom
found=$(matching)
[ -n "$found" ] || { echo "no process matches"; exit 0; }
printf '%s\n' "$found" | while read -r pid _ state command; do
  unit=$(sed -n -e 's/^0:://p' -e 's/^[0-9]*:name=systemd://p' "/proc/$pid/cgroup" 2>/dev/null | tail -n 1 | LC_ALL=C tr -d "\000-\037\177")
  printf '  process %s (%s), %s: %s\n' "$pid" "$state" "${unit:-of no unit}" "$command"
  ps -o pcpu=,rss=,etime=,user= -p "$pid" 2>/dev/null | sed 's/^/    CPU %, KiB, age, user: /'
done
