#!/bin/sh
# Which files would be restored? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

command -v restic >/dev/null || blocked "restic is not installed on this host"
work=$(mktemp -d /run/restore-test-restic.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
choose || blocked "restic cannot list the newest snapshot: $(why)"
echo "--- of snapshot $snapshot"
sed 's/^\([0-9]*\) /\1 bytes  /' "$work/chosen" | quoted
