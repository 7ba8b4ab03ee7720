#!/bin/sh
# Which dump would be restored, and with which server? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

need_programs
dump=$(newest_dump 2>/dev/null) || true
[ -n "$dump" ] || blocked "$folder holds no dump"
printf 'with %s of %s:\n' "$server" "$kind"
printf '%s, %s bytes\n' "$dump" "$(stat -c %s -- "$dump")" | quoted
