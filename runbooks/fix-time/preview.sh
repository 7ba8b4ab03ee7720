#!/bin/sh
# What does the time service say of itself, and what do its servers say? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

if ! pick_service; then
  echo "msp: why this host has no time service"
  exit 75
fi
if synchronised; then printf '%s s off, says ' "$offset"; else printf 'not synchronised, says '; fi
printf '%s\n' "$service"
echo "--- this clock is behind its servers by, in seconds"
told | sed 's/ $/ silent/' | quoted
