#!/bin/sh
# Is it read-only, and what does the kernel say of its device? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TMPDIR=/run
export LC_ALL PATH TMPDIR

work=$(mktemp -d) || { echo "msp: why no room for temporary files"; exit 75; }
trap 'rm -rf -- "$work"' EXIT
findmnt --target "$path" 2>&1 | quoted
if is_read_only; then echo "it is read-only"; else echo "it is writable"; fi
echo "--- what the kernel says of errors"
bad_lines | tail -n 20 | quoted
