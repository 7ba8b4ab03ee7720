#!/bin/sh
# Is there room now? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

free=$({ df -Pk -- "$path" | tail -n 1; df -Pi -- "$path" | tail -n 1; } |
  awk '$3 + $4 > 0 { free = int(100 * $4 / ($3 + $4)); if (low == "" || free < low) low = free } END { print low }')
if [ -z "$free" ]; then
  printf 'msp: why not verified: df does not tell how full %s is\n' "$path"
  exit 75
fi
if [ "$free" -lt "$target_free" ]; then
  printf 'msp: why %s has %s %% free, wanted are %s %%\n' "$path" "$free" "$target_free"
  exit 1
fi
printf '%s has %s %% free\n' "$path" "$free"
