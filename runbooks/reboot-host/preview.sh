#!/bin/sh
# Who is logged in, what runs, and would the host start again? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

printf 'up since %s\n' "$(uptime -s 2>/dev/null || echo unknown)"
echo "--- logged in (restart: $reboot, people: $logged_in)"
people | quoted
echo "--- at work"
at_work | quoted
echo "--- half installed"
half_installed | quoted
echo "--- a restart waits because of"
if [ -e /run/reboot-required ]; then cat /run/reboot-required.pkgs 2>/dev/null | sort -u | quoted; fi
for kernel in /boot/vmlinuz-*; do
  if [ -e "$kernel" ]; then printf 'kernel %s\n' "${kernel#/boot/vmlinuz-}"; fi
done | sort -V | tail -n 1 | quoted
printf 'running is %s\n' "$(uname -r)" | quoted
echo "--- /etc/fstab"
findmnt --verify 2>&1 | tail -n 5 | quoted || true
printf '%s services run (services have %s s to run again)\n' "$(running_services | wc -l)" "$settle"
