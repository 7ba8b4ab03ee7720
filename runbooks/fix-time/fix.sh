#!/bin/sh
# Starts the time service anew. Most of them set a clock that is far off at once when they start: so they are asked
# first how far it is, and without `step` a clock that is further off than it may be is left alone.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

pick_service || blocked "this host has no time service: install chrony"
if synchronised && ! too_far "$offset"; then
  printf '%s is synchronised, %s s off\n' "$service" "$offset"
  exit 0
fi
[ "$(id -u)" -eq 0 ] || blocked "restarting a service needs root"
answers=$(told)
echo "--- this clock is behind its servers by, in seconds"
printf '%s\n' "$answers" | sed 's/ $/ silent/' | quoted
off=$(printf '%s\n' "$answers" | middle)
[ -n "$off" ] || blocked "no time server answers: $(servers | tr '\n' ' ')(firewall? UDP port 123)"
if too_far "$off"; then
  [ "$step" = yes ] || blocked "the clock is $off s behind, $max_offset s may be put right by and by; allow step to set it at once"
  if systemd-detect-virt --container --quiet 2>/dev/null; then
    blocked "this is a container: its clock is set on its machine, it is $off s behind"
  fi
fi
systemctl reset-failed -- "$service" 2>/dev/null || true
said=$(systemctl restart -- "$service" 2>&1) || failed "$service does not start: $(printf '%s\n' "$said" | head -n 1)"
[ "$(property ConditionResult "$service")" != no ] || failed "$service refuses to run here (a container? its clock is its machine's)"
printf 'msp: changed %s restarted, the clock was %s s behind\n' "$service" "$off"
case $service in chrony*) chronyc -n burst 4/4 >/dev/null 2>&1 || true ;; esac
deadline=$(($(now) + patience))
until synchronised; do
  [ "$(now)" -lt "$deadline" ] || failed "$service does not synchronise within $patience s, though its servers answer"
  sleep 1
done
if too_far "$offset" && [ "$step" = yes ]; then
  case $service in chrony*) chronyc -n makestep && printf 'msp: changed clock set at once by %s s\n' "$offset" ;; esac
fi
until synchronised && ! too_far "$offset"; do
  [ "$(now)" -lt "$deadline" ] || failed "$service is synchronised, but the clock is still $offset s off"
  sleep 1
done
printf '%s is synchronised, %s s off\n' "$service" "$offset"
