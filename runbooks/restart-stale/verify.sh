#!/bin/sh
# Does a service that could be restarted still use replaced files, and do the restarted ones stay up? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

restarted() { if [ -e "$msp_kept/restarted" ]; then sort -u "$msp_kept/restarted"; fi; }
down() {
  restarted | while read -r unit; do
    if [ "$(property ActiveState "$unit")" != active ]; then printf '%s ' "$unit"; fi
  done
}
# Some start slowly; none may have ended a few seconds later.
must_be_up() {
  tries=0
  while [ -n "$(down)" ] && [ "$tries" -lt 60 ]; do
    tries=$((tries + 1))
    sleep 1
  done
  if [ -n "$(restarted)" ]; then sleep 3; fi
  lost=$(down)
  [ -z "$lost" ] || failed "does not run any more: $lost"
}

[ "$(id -u)" -eq 0 ] || cannot_verify "only root sees which files others use"
must_be_up
work=$(mktemp -d /run/restart-stale.XXXXXX) || cannot_verify "no room in /run"
trap 'rm -rf -- "$work"' EXIT
stale_owners >"$work/stale"
left=""
while read -r count owner; do
  why=$(why_not "$owner")
  case $owner in logins) severity=info ;; *) severity=warning ;; esac
  if [ -n "$why" ]; then
    printf 'msp: finding %s %s still uses replaced files (%s processes): %s\n' "$severity" "$owner" "$count" "$why"
  else
    left="$left $owner"
  fi
done <"$work/stale"
printf 'msp: measurement stale_services %s services\n' "$(awk '$2 ~ /\.service$/' "$work/stale" | wc -l)"
[ -z "$left" ] || failed "still uses replaced files:$left"
echo "no service that can be restarted uses replaced files"
