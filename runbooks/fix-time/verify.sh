#!/bin/sh
# Is the time service synchronised, and do its servers agree with the clock? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

pick_service || cannot_verify "this host has no time service"
synchronised || failed "$service is not synchronised"
if too_far "$offset"; then failed "$service says that the clock is $offset s off"; fi
answers=$(told)
printf '%s\n' "$answers" | while read -r server off; do
  if [ -n "$server" ] && [ -z "$off" ]; then printf 'msp: finding info time-server:%s is silent\n' "$server"; fi
done
off=$(printf '%s\n' "$answers" | middle)
if [ -n "$off" ]; then
  printf 'msp: measurement clock_behind_servers %s seconds\n' "$off"
  if too_far "$off"; then failed "$service calls itself synchronised, and its servers say that the clock is $off s behind"; fi
fi
printf '%s is synchronised, %s s off\n' "$service" "$offset"
