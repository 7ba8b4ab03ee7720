#!/bin/sh
# What fills the disk, and how much of it could go? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TMPDIR=/run
export LC_ALL PATH TMPDIR

mount=$(df -P -- "$path" | awk 'NR == 2 { for (i = 1; i <= 5; i++) sub(/^[^ ]+ +/, ""); print }')
df -Pk -- "$path" | awk 'NR == 2 { print "free on this file system: " int($4 / 1024) " MiB of " int($2 / 1024) " MiB" }'
if [ -d /var/cache/apt/archives ]; then
  echo "downloaded packages: $(du -xsk /var/cache/apt/archives 2>/dev/null | cut -f 1) KiB"
fi
journalctl --disk-usage 2>/dev/null || true
find /var/log -xdev -type f -mtime +"$older_than" \( -name '*.gz' -o -name '*.xz' -o -name '*.[0-9]' -o -name '*.old' \) \
  -printf '%k\n' 2>/dev/null | awk '{ total += $1 } END { print "old rotated logs: " total + 0 " KiB" }'
echo "biggest folders (KiB):"
timeout 90 find "$mount" -xdev -type f -printf '%k %h/\0' 2>/dev/null | visible | awk '
  { n = split(substr($0, index($0, "/") + 1), part, "/"); folder = ""
    for (i = 1; i < n && i <= 3; i++) { folder = folder "/" part[i]; kib[folder] += $1 } }
  END { for (folder in kib) if (kib[folder] >= 1024) print kib[folder] "\t" folder }' |
  sort -rn | head -n 10 | quoted
