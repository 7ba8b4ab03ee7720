#!/bin/sh
# Does every service that ran before run again? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

property() { systemctl show --property="$1" --value -- "$unit"; }

# What D-Bus, a socket or a timer starts when it is needed may sleep; what is enabled may not. A service that somebody
# started by hand is gone after a restart, and that is what people ring about.
lost() {
  while read -r unit; do
    case $(property LoadState)/$(property ActiveState)/$(property UnitFileState) in
      */active/* | */reloading/*) ;;
      not-found/*) ;;
      */failed/* | */activating/* | */enabled* | */generated | */linked*) printf '%s %s\n' "$unit" "$(property ActiveState)" ;;
      */disabled) printf '%s not-enabled\n' "$unit" ;;
    esac
  done <"$msp_kept/services"
}

[ -s "$msp_kept/services" ] || cannot_verify "which services ran before was not noted"
if [ "$reboot" = always ] && [ "$(cat "$msp_kept/boot")" = "$(cat /proc/sys/kernel/random/boot_id)" ]; then
  failed "the host was not restarted"
fi
deadline=$(($(now) + settle))
while missing=$(lost) && [ -n "$missing" ] && [ "$(now)" -lt "$deadline" ]; do
  case $missing in *" not-enabled") if ! printf '%s\n' "$missing" | grep -q -v ' not-enabled$'; then break; fi ;; esac
  sleep 1
done
printf '%s\n' "$missing" | while read -r unit state; do
  case $state in
    '') ;;
    not-enabled) printf 'msp: finding critical %s ran before, and is not enabled: nothing starts it with the host\n' "$unit" ;;
    *) printf 'msp: finding critical %s ran before and is %s now\n' "$unit" "$state" ;;
  esac
done
[ -z "$missing" ] || failed "does not run again: $(printf '%s\n' "$missing" | cut -d ' ' -f 1 | tr '\n' ' ')"
printf 'all of the %s services that ran before run\n' "$(wc -l <"$msp_kept/services")"
