#!/bin/sh
# Removes what may safely go, one class after the other, until there is room; names what is left if there is none.
# Writes nowhere but in /run, so it works on a disk that is full to the last byte.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TMPDIR=/run
export LC_ALL PATH TMPDIR

mounted_at() { df -P -- "$1" | awk 'NR == 2 { for (i = 1; i <= 5; i++) sub(/^[^ ]+ +/, ""); print }'; }
free_kib() { df -Pk -- "$path" | awk 'NR == 2 { print $4 }'; }

# Of space and inodes, whichever is scarcer; of what users may have, as df counts.
free_percent() {
  { df -Pk -- "$path" | tail -n 1; df -Pi -- "$path" | tail -n 1; } |
    awk '$3 + $4 > 0 { free = int(100 * $4 / ($3 + $4)); if (low == "" || free < low) low = free } END { print low + 0 }'
}

scarcer() {
  { df -Pk -- "$path" | tail -n 1; df -Pi -- "$path" | tail -n 1; } | awk '
    $3 + $4 > 0 { free = int(100 * $4 / ($3 + $4)); if (low == "" || free < low) { low = free; which = NR } }
    END { print which == 2 ? "inodes" : "space" }'
}

is_here() { [ -d "$1" ] && [ "$(mounted_at "$1")" = "$mount" ]; }

# Runs a class of removals unless there is room already, and says what it gave.
class() {
  name=$1
  shift
  if [ "$(free_percent)" -ge "$target_free" ]; then return 0; fi
  before=$(free_kib)
  { "$@" 2>&1 || printf '%s: could not be done in full\n' "$name"; } | quoted
  freed=$(($(free_kib) - before))
  if [ "$freed" -gt 0 ]; then printf 'msp: changed %s freed %s MiB\n' "$name" "$((freed / 1024))"; fi
}

downloaded_packages() {
  if command -v apt-get >/dev/null && is_here /var/cache/apt/archives; then apt-get -q clean; fi
}
journal() {
  is_here /var/log/journal || return 0
  journalctl --rotate 2>/dev/null || true
  journalctl --quiet --vacuum-size="${journal_keep}M"
}
# Only what a rotation left behind: never a log that is being written.
rotated_logs() {
  is_here /var/log || return 0
  find /var/log -xdev -type f -mtime +"$older_than" \
    \( -name '*.gz' -o -name '*.xz' -o -name '*.bz2' -o -name '*.zst' -o -name '*.[0-9]' -o -name '*.[0-9][0-9]' \
    -o -name '*.old' -o -name '*-[12][0-9][0-9][0-9][01][0-9][0-3][0-9]' \) ! -path '/var/log/journal/*' -delete
}
crash_dumps() {
  for folder in /var/crash /var/lib/systemd/coredump; do
    is_here "$folder" || continue
    find "$folder" -xdev -type f -mtime +"$older_than" -delete
  done
}
# The host's own rules say how old temporary files may grow, and which must stay.
temporary_files() {
  if is_here /tmp || is_here /var/tmp; then systemd-tmpfiles --clean; fi
}

# By find and not by du -x, which passes over every file of a container's overlay. A slow disk must not take the step.
# Of inodes each file has one, however small.
biggest() {
  size=%k least=1024
  if [ "${scarce-}" = inodes ]; then size=1 least=100; fi
  timeout 300 find "$mount" -xdev -type f -printf "$size %h/\\0" 2>/dev/null | visible | awk -v least="$least" '
    { n = split(substr($0, index($0, "/") + 1), part, "/"); folder = ""
      for (i = 1; i < n && i <= 3; i++) { folder = folder "/" part[i]; kib[folder] += $1 } }
    END { for (folder in kib) if (kib[folder] >= least) print kib[folder] "\t" folder }' | sort -rn | head -n 12
}
big_files() {
  timeout 300 find "$mount" -xdev -type f -size +20M -printf '%k %p\0' 2>/dev/null | visible | sort -rn | head -n 8
}

# A deleted file keeps its space until the last process lets go of it.
deleted_but_open() {
  find /proc/[0-9]*/fd -maxdepth 1 -lname '/* (deleted)' ! -lname '/memfd:*' ! -lname '/SYSV*' ! -lname '/dev/*' \
    ! -lname '/\[*' -printf '%p %l\0' 2>/dev/null | visible | while IFS=' ' read -r link file; do
    folder=${file%/*}
    while [ -n "$folder" ] && [ ! -d "$folder" ]; do folder=${folder%/*}; done
    mib=$(stat -L -c '%b %B' -- "$link" 2>/dev/null | awk '{ print int($1 * $2 / 1048576) }')
    if [ "$(mounted_at "${folder:-/}")" != "$mount" ] || [ "${mib:-0}" -lt 1 ]; then continue; fi
    pid=${link#/proc/} pid=${pid%%/*}
    read -r program <"/proc/$pid/comm" || program=unknown
    printf 'msp: finding warning deleted-but-open:%s %s MiB of %s are held by process %s: restart it\n' \
      "$(printf '%s' "$program" | tr -c '[:alnum:]._-' '_')" "$mib" "${file% (deleted)}" "$pid"
  done
}

case $path in /*) ;; *) failed "a path begins with /: $path" ;; esac
[ -e "$path" ] || failed "there is no $path on this host"
mount=$(mounted_at "$path")
start=$(free_percent)
scarce=$(scarcer)
printf '%s: %s %% of its %s free, wanted are %s %%\n' "$mount" "$start" "$scarce" "$target_free"
if [ "$start" -ge "$target_free" ]; then exit 0; fi

class downloaded-packages downloaded_packages
class journal journal
class rotated-logs rotated_logs
class crash-dumps crash_dumps
class temporary-files temporary_files

end=$(free_percent)
scarce=$(scarcer) unit=MiB per=1024
if [ "$scarce" = inodes ]; then unit=files per=1; fi
echo "--- biggest folders ($([ "$scarce" = space ] && echo KiB || echo files))"
folders=$(biggest)
printf '%s\n' "$folders" | quoted
echo "--- biggest files (KiB)"
big_files | quoted
deleted_but_open
printf 'msp: measurement disk_free_percent:%s %s percent\n' "$(printf '%s' "$mount" | tr ' ' '_')" "$end"
if [ "$end" -lt "$target_free" ]; then
  names=$(printf '%s\n' "$folders" |
    awk -F '\t' -v unit="$unit" -v per="$per" 'NR <= 6 && NF { printf "%s%s (%d %s)", sep, $2, $1 / per, unit; sep = ", " }')
  failed "$mount has $end % of its $scarce free, wanted are $target_free %; a person must choose what else may go. Biggest: $names"
fi
