#!/bin/sh
# Restarts the services that still execute replaced files, where that is safe. sshd comes last.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

[ "$(id -u)" -eq 0 ] || blocked "only root sees which files others use"
command -v systemctl >/dev/null || blocked "systemd does not run this host"
(umask 077 && mkdir -p -- "$msp_kept")
stale_owners >"$msp_kept/stale"
if [ ! -s "$msp_kept/stale" ]; then
  echo "nobody uses replaced files"
  exit 0
fi
awk '$2 ~ /^sshd?\.service$/ { last = last $0 "\n"; next } { print } END { printf "%s", last }' \
  "$msp_kept/stale" >"$msp_kept/order"
bad=""
while read -r count owner; do
  why=$(why_not "$owner")
  if [ -n "$why" ]; then
    printf '%s stays: %s\n' "$owner" "$why"
    continue
  fi
  echo "$owner" >>"$msp_kept/restarted"
  if said=$(systemctl restart -- "$owner" 2>&1); then
    printf 'msp: changed %s restarted: %s of its processes used replaced files\n' "$owner" "$count"
  else
    bad="$bad $owner"
    printf 'msp: finding critical %s does not start again: %s\n' "$owner" "$(printf '%s\n' "$said" | head -n 1)"
  fi
done <"$msp_kept/order"
[ -z "$bad" ] || failed "does not start again:$bad"
