#!/bin/sh
# Is what is noted what is there? Changes nothing.
# shellcheck disable=SC2154  # functions.sh stands in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

[ -s "$accepted" ] || failed "nothing is noted"
work=$(mktemp -d /run/inventory-accept.XXXXXX) || cannot_tell "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
look_around
if ! cmp -s -- "$work/present" "$accepted"; then
  { diff -- "$accepted" "$work/present" || true; } | head -n 20 | quoted
  cannot_tell "the host changed while it was noted"
fi
printf '%s things are noted, as they are\n' "$(wc -l <"$accepted")"
