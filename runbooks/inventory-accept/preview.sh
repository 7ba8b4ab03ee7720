#!/bin/sh
# What would be noted that is not noted yet, and what is not there any more? Changes nothing.
# shellcheck disable=SC2154  # functions.sh stands in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

work=$(mktemp -d /run/inventory-accept.XXXXXX) || cannot_tell "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
look_around
if [ ! -s "$accepted" ]; then
  printf 'nothing is accepted yet, %s things would be\n' "$(wc -l <"$work/present")"
  exit 0
fi
{ diff -- "$accepted" "$work/present" || true; } | grep '^[<>]' | head -n 200 | quoted || true
