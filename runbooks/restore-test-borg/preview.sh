#!/bin/sh
# Which files would be restored? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

command -v borg >/dev/null || blocked "borg is not installed on this host"
[ -z "$passphrase_file" ] || [ -r "$passphrase_file" ] || blocked "there is no file $passphrase_file that can be read"
work=$(mktemp -d /run/restore-test-borg.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
know_what_borg_knows
newest_archive || blocked "borg cannot look into the repository: $(why)"
[ -n "$archive" ] || blocked "the repository holds no archive${begins:+ whose name begins with $begins}"
choose || blocked "borg cannot list the newest archive: $(why)"
echo "--- of the archive"
printf '%s\n' "$archive" | quoted
echo "--- these files"
sed 's/^\([0-9]*\) /\1 bytes  /' "$work/chosen" | quoted
