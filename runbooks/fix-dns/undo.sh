#!/bin/sh
# Brings back what the fix changed, unless somebody has changed it since. A restart alone left nothing to take back.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

same() {
  if ! [ -L "$1" ] && ! [ -L "$2" ]; then cmp -s -- "$1" "$2"; else [ "$(readlink -- "$1")" = "$(readlink -- "$2")" ]; fi
}
gone() { ! [ -e "$1" ] && ! [ -L "$1" ]; }
is_as_before() { if gone "$msp_kept/resolv.conf"; then gone "$conf"; else same "$msp_kept/resolv.conf" "$conf"; fi; }

if [ -e "$msp_kept/drop-in" ] && [ -e "$drop_in" ]; then
  cmp -s "$msp_kept/drop-in" "$drop_in" || failed "somebody has written another $drop_in since: it was left alone"
  rm -- "$drop_in"
  systemctl restart systemd-resolved || failed "systemd-resolved does not start"
  printf 'msp: changed %s removed again\n' "$drop_in"
fi
if [ -e "$msp_kept/before" ] && ! is_as_before; then
  same "$msp_kept/written" "$conf" || failed "somebody has written another $conf since: it was left alone"
  if gone "$msp_kept/resolv.conf"; then
    rm -- "$conf"
  else
    rm -rf -- "$conf.msp-ops"
    cp -a -- "$msp_kept/resolv.conf" "$conf.msp-ops"
    mv -f -- "$conf.msp-ops" "$conf"
  fi
  is_as_before || failed "$conf is not what it was"
  printf 'msp: changed %s is as it was\n' "$conf"
fi
echo "what was changed is as it was"
