#!/bin/sh
# Who waits for whose file lock, and which deleted files still take room because a process holds them open?
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

name_of() { tr -c 'A-Za-z0-9._:@/+\n-' _ 2>/dev/null <"/proc/$1/comm" | head -n 1; }

# `1: POSIX ADVISORY WRITE 12 08:01:99 0 EOF`, and `1: -> …` for each that waits for it.
judge_locks() {
  awk '$2 == "->" { print $6, holder[$1]; next } { holder[$1] = $5 }' /proc/locks 2>/dev/null | sort -u | head -n 10 |
    while read -r waits holds; do
      printf 'msp: finding warning lock:%s %s waits for a file that %s (process %s) has locked\n' "$waits" "$(name_of "$waits")" "$(name_of "$holds")" "$holds"
    done
}
# Bytes, process and descriptor; one file that several hold is counted once.
deleted() {
  find /proc/[0-9]*/fd -maxdepth 1 -lname '* (deleted)' ! -lname '/memfd:*' ! -lname '/dev/*' ! -lname '/SYSV*' ! -lname '/\[aio\]*' \
    2>/dev/null | head -n 5000 | tr '\n' '\000' | xargs -0 -r stat -L -c '%b %B %d:%i %F|%n' -- 2>/dev/null |
    awk -F '|' '$1 ~ /regular/ { split($1, part, " "); if (!seen[part[3]]++) printf "%.0f %s\n", part[1] * part[2], $2 }' | sort -nr
}

[ "$(id -u)" -eq 0 ] || cannot_tell "what others hold open only root may see"
find /proc/self/fd -maxdepth 0 -lname x 2>/dev/null || cannot_tell "find cannot look for links here: what is held open is not known"
judge_locks
all=$(deleted)
sum=$(printf '%s\n' "$all" | awk '{ sum += $1 } END { printf "%.0f", sum }')
printf 'msp: measurement deleted_and_open %s bytes\n' "$sum"
echo "--- deleted files that are held open: bytes, process, its name, the file"
printf '%s\n' "$all" | head -n 8 | while read -r bytes path; do
  [ -n "$bytes" ] || continue
  pid=${path#/proc/}
  pid=${pid%%/*}
  printf '%s %s %s %s\n' "$bytes" "$pid" "$(name_of "$pid")" "$(readlink "$path" 2>/dev/null)"
done | quoted
if [ "$sum" -gt "$held" ]; then
  printf 'msp: finding warning deleted-and-open deleted files that processes hold open take %s MiB: fix-disk-full names them\n' "$((sum / 1048576))"
fi
