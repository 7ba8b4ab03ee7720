#!/bin/sh
# Asks the package manager again: of what this run was to install, nothing may be left. Changes nothing.
# shellcheck disable=SC2034,SC2154  # the parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
export LC_ALL

too_old() { cannot_verify "the package lists were not refreshed in the last three hours"; }

apt_is_settled() {
  unfinished=$(apt_unfinished | tr '\n' ' ')
  [ -z "$unfinished" ] || failed "not fully installed: $unfinished"
  [ -n "$(find /var/lib/apt/periodic/update-success-stamp -mmin -180 2>/dev/null)" ] || too_old
}
# Two versions of one package are what is left of an update that was cut: the newer one hides it from the plan.
nothing_is_half_done() {
  twice=$(rpm -qa --qf '%{NAME}.%{ARCH}\n' | sort | uniq -d | grep -v -E '^(kernel[a-z-]*|kmod-.*|gpg-pubkey)\.' | tr '\n' ' ') || true
  for name in $twice; do
    rpm -q --provides -- "$name" | grep -q -E '^(installonlypkg|multiversion)\(' || failed "an installation was interrupted: $name is there twice"
  done
}
dnf_is_settled() {
  nothing_is_half_done
  repositories=$(dnf -q -C repolist </dev/null | awk 'NR > 1 { print $1 }') || cannot_verify "dnf cannot name its repositories"
  [ -n "$repositories" ] || cannot_verify "no repository is enabled"
  for id in $repositories; do
    [ -n "$(find /var/cache/dnf/"$id"-????????????????/repodata -mmin -180 2>/dev/null)" ] || too_old
  done
}
zypper_is_settled() {
  nothing_is_half_done
  aliases=$(zypper -x --non-interactive lr </dev/null | sed -n 's/^<repo alias="\([^"]*\)".* enabled="1".*/\1/p')
  [ -n "$aliases" ] || cannot_verify "no repository is enabled"
  printf '%s\n' "$aliases" | while read -r alias; do
    folder=/var/cache/zypp/raw/$alias
    [ -n "$(find "$folder" "$folder/repodata/repomd.xml" -maxdepth 0 -mmin -180 2>/dev/null)" ] || exit 1
  done || too_old
}

manager=$(manager)
require_manager
make_work
deadline=$(now)
: >"$work/security"
case $manager in
  apt) apt_is_settled ;;
  dnf) dnf_is_settled ;;
  *) zypper_is_settled ;;
esac
if [ "$manager" = zypper ] && [ "$only_security" = yes ]; then note_what_waits; fi
{
  for name in ${exclude-}; do printf '%s\n' "$name"; done
  if [ -e "$msp_kept/left-out" ]; then cat -- "$msp_kept/left-out"; fi
} >"$work/avoid"
(plan_once >"$work/said") || cannot_verify "$(sed 's/^msp: why //' "$work/said")"
if [ "$manager" = apt ]; then
  grep -q ' not upgraded\.$' "$work/plan" || cannot_verify "apt did not come to a plan"
fi
# what is new comes for the sake of another one; with dnf and zypper it counts too
left=$(awk -v manager="$manager" -v only_security="$only_security" '
  manager == "apt" && ($2 == "-" || (only_security == "yes" && $4 != "security")) { next }
  { printf "%s ", $1 }' "$work/planned")
[ -z "$left" ] || failed "still to be installed: $left"
echo "$manager has nothing left to install"
