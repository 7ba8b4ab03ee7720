#!/bin/sh
# Asks apt again: of what this run was to install, nothing may be left. Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

cannot_tell() {
  printf 'msp: why not verified: %s\n' "$*"
  exit 75
}
failed() {
  printf 'msp: why %s\n' "$*"
  exit 1
}

command -v apt-get >/dev/null || cannot_tell "this host has no apt-get"
unfinished=$(dpkg-query -W -f='${db:Status-Abbrev}|${Package}\n' |
  awk -F '|' 'substr($1, 2, 1) ~ /[HUFWt]/ || substr($1, 3, 1) == "R" { printf "%s ", $2 }')
[ -z "$unfinished" ] || failed "not fully installed: $unfinished"

[ -n "$(find /var/lib/apt/periodic/update-success-stamp -mmin -180 2>/dev/null)" ] ||
  cannot_tell "the package lists were not refreshed in the last three hours"

if [ "$allow_removals" = yes ]; then action=dist-upgrade; else action='upgrade --with-new-pkgs --no-remove'; fi
# shellcheck disable=SC2086  # an action and its options are words
plan=$(apt-get -s -o Debug::NoLocking=1 $action 2>&1 </dev/null) || cannot_tell "$(printf '%s\n' "$plan" | tail -n 1)"
printf '%s\n' "$plan" | grep -q ' not upgraded\.$' || cannot_tell "apt did not come to a plan"

left=$(printf '%s\n' "$plan" | awk -v only_security="$only_security" -v exclude=" ${exclude-} " '
  $1 == "Inst" && $3 ~ /^\[/ && !index(exclude, " " $2 " ") {
    origin = $0; sub(/^[^(]*\([^ ]* /, "", origin)
    if (only_security != "yes" || tolower(origin) ~ /security/) printf "%s ", $2 }')
[ -z "$left" ] || failed "still to be installed: $left"
echo "apt has nothing left to install"
