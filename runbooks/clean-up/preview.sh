#!/bin/sh
# What would go, and how large is it? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

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
