#!/bin/sh
# Notes which services run, and lets nobody be interrupted: every way out before the restart is 75, blocked.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

listed() { sort -u | head -n 8 | tr '\n' ' '; }

[ "$(id -u)" -eq 0 ] || blocked "a restart needs root"
half=$(half_installed | listed)
[ -z "$half" ] || blocked "the host might not start again, not fully installed (fix-packages): $half"
deadline=$(($(now) + wait_for))
while busy=$(at_work | listed) && [ -n "$busy" ]; do
  [ "$(now)" -lt "$deadline" ] || blocked "at work: $busy"
  sleep 2
done
present=$(people | listed)
if [ -n "$present" ] && [ "$logged_in" = refuse ]; then blocked "logged in: ${present}(logged-in ignore restarts all the same)"; fi
umask 077
mkdir -p -- "$msp_kept"
running_services >"$msp_kept/services"
cat /proc/sys/kernel/random/boot_id >"$msp_kept/boot"
sync
printf '%s services run\n' "$(wc -l <"$msp_kept/services")"
