#!/bin/sh
# Who uses replaced files, and who would be restarted? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

[ "$(id -u)" -eq 0 ] || { echo "msp: why only root sees which files others use"; exit 75; }
stale_owners | while read -r count owner; do
  why=$(why_not "$owner")
  printf '  %s (%s processes): %s\n' "$owner" "$count" "${why:+stays, }${why:-would be restarted}"
done
