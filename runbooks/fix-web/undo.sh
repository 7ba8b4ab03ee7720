#!/bin/sh
# Switches a site on again that the fix switched off. A reload alone left nothing on disk to take back.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

same() {
  if [ -L "$msp_kept/site" ]; then [ "$(readlink -- "$msp_kept/site")" = "$(readlink -- "$file")" ]; else cmp -s -- "$msp_kept/site" "$file"; fi
}

if [ ! -e "$msp_kept/where" ]; then
  echo "no site was switched off: the configuration on disk is as it was"
  exit 0
fi
pick_server || failed "$unclear"
file=$(cat -- "$msp_kept/where")
if { [ -e "$file" ] || [ -L "$file" ]; } && ! same; then failed "somebody has written another $file since: it was left alone"; fi
if ! [ -e "$file" ] && ! [ -L "$file" ]; then
  cp -a -- "$msp_kept/site" "$file"
  printf 'msp: changed %s switched on again\n' "$file"
fi
same || failed "$file is not what it was"
if ! said=$(sound); then
  printf 'msp: finding warning %s its configuration is as broken as before, it was not loaded: %s\n' \
    "$unit" "$(printf '%s\n' "$said" | grep . | head -n 1)"
elif [ "$(property ActiveState)" = active ]; then
  systemctl reload -- "$unit" || failed "$unit could not load its configuration"
fi
printf '%s is back\n' "$file"
