#!/bin/sh
# Notes what is on this host: from now on inventory-diff tells what is different from it.
# shellcheck disable=SC2154  # functions.sh stands in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

[ "$(id -u)" -eq 0 ] || cannot_tell "noting it needs root"
work=$(mktemp -d /run/inventory-accept.XXXXXX) || cannot_tell "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
look_around
if cmp -s -- "$work/present" "$accepted"; then
  echo "what is there is accepted already"
  exit 0
fi
umask 077
mkdir -p -- "$msp_kept" "${accepted%/*}"
if [ ! -e "$msp_kept/begun" ]; then
  if [ -e "$accepted" ]; then cp -p -- "$accepted" "$msp_kept/accepted-before"; fi
  : >"$msp_kept/begun"
fi
cp -- "$work/present" "$accepted.new" || cannot_tell "there is no room for the note"
sync -- "$accepted.new" 2>/dev/null || sync
mv -- "$accepted.new" "$accepted"
printf 'msp: changed inventory %s things are accepted as what belongs here\n' "$(wc -l <"$accepted")"
