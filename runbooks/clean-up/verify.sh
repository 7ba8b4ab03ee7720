#!/bin/sh
# Is the kernel that runs, and the newest one, still there, and what could not go? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

running=$(uname -r)
if command -v dpkg-query >/dev/null && kernels | grep -q .; then
  kernels | grep -q -x -F -e "$running" || [ ! -e "/boot/vmlinuz-$running" ] ||
    printf 'the running kernel %s is no package of this host\n' "$running"
  for release in $(kernels); do
    [ -e "/boot/vmlinuz-$release" ] || failed "kernel $release is installed, and /boot/vmlinuz-$release is not there"
  done
  half=$(dpkg-query -W -f='${db:Status-Abbrev}|${Package}\n' 'linux-*' 2>/dev/null |
    awk -F '|' 'substr($1, 2, 1) ~ /[HUFWt]/ || substr($1, 3, 1) == "R" { printf "%s ", $2 }')
  [ -z "$half" ] || failed "not fully installed or removed: $half"
  if [ "$keep_kernels" != yes ] && [ "$(old_kernels | grep -c .)" -gt 0 ]; then
    printf 'msp: finding info old-kernels are left: %s\n' "$(old_kernels | tr '\n' ' ')"
  fi
  printf 'kernels: %s(running: %s)\n' "$(kernels | tr '\n' ' ')" "$running"
fi
left=$(find /var/cache/apt/archives /var/cache/dnf /var/cache/yum /var/cache/zypp/packages -xdev -type f \
  \( -name '*.deb' -o -name '*.rpm' \) 2>/dev/null | wc -l)
[ "$left" -eq 0 ] || failed "$left fetched packages are still there"
echo "what is needed is there, fetched packages are gone"
