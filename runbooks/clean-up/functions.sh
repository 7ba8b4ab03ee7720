#!/bin/sh
# Which kernels a host has, and which of them are old.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

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
