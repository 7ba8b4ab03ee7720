#!/bin/sh
# Is the kernel that runs, and the newest one, still there, and what could not go? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

failed() {
  printf 'msp: why %s\n' "$*"
  exit 1
}

# Of the kind that runs (amd64, cloud-amd64, generic, …), oldest first. What is not a package of the host is not judged.
flavour() { printf "%s\n" "$1" | sed -n "s/^[^-]*\(-[0-9][^-]*\)*-\([a-z].*\)$/\2/p"; }
kernels() {
  kind=$(flavour "$running")
  dpkg-query -W -f="\${db:Status-Abbrev} \${Package}\n" "linux-image-[0-9]*" 2>/dev/null |
    sed -n "s/^.i  *linux-image-//p" | while read -r release; do
    if [ "$(flavour "$release")" = "$kind" ]; then printf "%s\n" "$release"; fi
  done | sort -V
}
# The running one and the newest of the others stay.
old_kernels() {
  if kernels | grep -q -x -F -e "$running"; then kernels | grep -v -x -F -e "$running" | sed "\$d"; fi
}

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
