#!/bin/sh
# Is it writable, and does the kernel stay silent about errors? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TMPDIR=/run
export LC_ALL PATH TMPDIR

command -v findmnt >/dev/null || cannot_verify "no findmnt to look at mounts with"
[ -n "$(kernel_log | head -n 1)" ] || cannot_verify "what the kernel says cannot be read"
work=$(mktemp -d) || cannot_verify "no room for temporary files"
trap 'rm -rf -- "$work"' EXIT
target=$(of_mount TARGET)
for _ in 1 2 3; do
  if is_read_only; then failed "$target is read-only"; fi
  bad_lines >"$work/errors"
  if [ -s "$work/errors" ]; then failed "the kernel tells of errors: $(head -n 1 "$work/errors")"; fi
  sleep 1
done
printf '%s stays writable, and the kernel tells of no errors\n' "$target"
