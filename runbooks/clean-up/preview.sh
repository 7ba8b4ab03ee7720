#!/bin/sh
# What would go, and how large is it? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
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

running=$(uname -r)
printf 'the running kernel is %s\n' "$running"
if command -v dpkg-query >/dev/null && [ "$keep_kernels" != yes ]; then old_kernels | sed 's/^/  would go: kernel /'; fi
for folder in /var/cache/apt/archives /var/cache/dnf /var/cache/yum /var/cache/zypp/packages; do
  if [ -d "$folder" ]; then
    find "$folder" -xdev -type f \( -name '*.deb' -o -name '*.rpm' \) -printf '%s\n' |
      awk -v folder="$folder" '{ n++; total += $1 } END { if (n) printf "  would go: %d packages in %s, %d MiB\n", n, folder, total / 1048576 }'
  fi
done
if [ -d /var/log/journal ]; then
  printf 'the journal has %s MiB, %s MiB would stay\n' "$(du -sm /var/log/journal | cut -f 1)" "$((journal_keep / 1048576))"
fi
printf 'temporary files have %s MiB, by the rules of the host old ones would go\n' "$(du -cxsm /tmp /var/tmp 2>/dev/null | tail -n 1 | cut -f 1)"
