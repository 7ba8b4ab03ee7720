#!/bin/sh
# What does certbot have, and what is served? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
export LC_ALL PATH

if ! [ -e "$file" ]; then
  printf 'msp: why there is no %s\n' "$file"
  exit 75
fi
printf '%s is valid until %s\n' "$certificate" "$(until_of <"$file")"
printf 'port %s shows one that is valid until %s\n' "$port" "$(served | until_of)"
if is_served; then echo "they are the same"; else printf 'they are not the same: %s would be reloaded\n' "$service"; fi
if lasts <"$file" && [ "$force" != yes ]; then echo "it would not be renewed"; else echo "it would be renewed"; fi
