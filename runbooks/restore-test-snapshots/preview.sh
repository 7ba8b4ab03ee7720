#!/bin/sh
# Which files would be restored? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

[ -d "$folder" ] || blocked "there is no folder $folder with snapshots"
work=$(mktemp -d /run/restore-test-snapshots.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
newest_snapshot
[ -n "$newest" ] || blocked "$folder holds no complete snapshot${begins:+ whose name begins with $begins}"
choose
printf '%s\n' "--- of $newest"
sed 's/^\([0-9]*\) /\1 bytes  /' "$work/chosen" | quoted
