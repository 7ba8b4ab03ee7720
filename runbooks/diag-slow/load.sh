#!/bin/sh
# Who uses processor, memory and disks while it is watched? `ps` tells averages of a whole life: so it is measured twice.
# Of processes only the short name is read: command lines carry passwords.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

sample() {
  { head -n 1 /proc/stat && cat /proc/[0-9]*/stat; } 2>/dev/null >"$1" || true
  grep -s -E '^(read|write)_bytes' /proc/[0-9]*/io >>"$1" 2>/dev/null || true
}
# What each process did between the two, told as `what amount pid name`.
compare() {
  LC_ALL=C awk '
    FNR == 1 { file++ }
    /^cpu / { for (i = 2; i <= 9; i++) { cpu[file, i] = $i; all[file] += $i } next }
    /^\/proc\// {
      split($1, part, "/"); sub(/.*:/, "", $1)
      io[file, part[3]] += $2; next
    }
    # A name may hold line ends: its line goes on until it has all its fields.
    begun_line != "" { $0 = begun_line "_" $0; begun_line = "" }
    /^[0-9]+ \(/ && NF < 40 { begun_line = $0; next }
    match($0, /^[0-9]+ \(/) {
      pid = $1; rest = $0; at = 0
      while (match(rest, /\)/)) { at += RSTART; rest = substr(rest, RSTART + 1) }
      name[pid] = substr($0, length(pid) + 3, at - length(pid) - 3); gsub(/[^A-Za-z0-9._:@\/+-]/, "_", name[pid])
      split(rest, field, " ")
      ticks[file, pid] = field[12] + field[13]; begun[file, pid] = field[20]; state[file, pid] = field[1]; pages[pid] = field[22]
    }
    function share(i) { return (cpu[2, i] - cpu[1, i]) * 100 / total }
    END {
      total = all[2] - all[1]
      if (file != 2 || total <= 0) exit 3
      printf "cpu %.1f idle\ncpu %.1f iowait\ncpu %.1f steal\n", share(5), share(6), share(9)
      for (each in ticks) {
        split(each, key, SUBSEP); pid = key[2]
        if (key[1] != 2) continue
        same = ((1, pid) in ticks) && begun[1, pid] == begun[2, pid]
        used = ticks[2, pid] - (same ? ticks[1, pid] : 0)
        if (used > 0) printf "busy %.1f %s %s\n", used * 100 / total, pid, name[pid]
        moved = io[2, pid] - (same ? io[1, pid] : 0)
        if (moved > 0) printf "disk %.0f %s %s\n", moved, pid, name[pid]
        if (same && state[1, pid] == "D" && state[2, pid] == "D") printf "waits 1 %s %s\n", pid, name[pid]
        if (pages[pid] > 0) printf "memory %.0f %s %s\n", pages[pid] * page / 1048576, pid, name[pid]
      }
    }' page="$(getconf PAGESIZE 2>/dev/null || echo 4096)" "$work/before" "$work/after"
}
most() { grep "^$1 " "$work/told" | sort -k 2,2nr | head -n "$2" | cut -d ' ' -f 2-; }
share() { sed -n "s/^cpu \([0-9.-]*\) $1\$/\1/p" "$work/told"; }
above() { awk -v value="$1" -v limit="$2" 'BEGIN { exit !(value + 0 > limit) }'; }
# A container sees its own processes only, and the figures of the whole machine.
by_whom() {
  most "$1" 3 | awk '{ printf "%s%s (process %s)", (NR > 1 ? ", " : ""), $3, $2 } END { if (!NR) printf "nobody who can be seen from here" }'
}

judge_processor() {
  for each in iowait steal; do printf 'msp: measurement cpu_%s %s percent\n' "$each" "$(share "$each")"; done
  used=$(awk -v idle="$(share idle)" -v wait="$(share iowait)" 'BEGIN { printf "%.1f", 100 - idle - wait }')
  printf 'msp: measurement cpu_used %s percent\n' "$used"
  if above "$used" 90; then printf 'msp: finding warning processor %s %% is used, most by %s\n' "$used" "$(by_whom busy)"; fi
  if above "$(share iowait)" 20; then
    printf 'msp: finding warning disks %s %% of the time all work waits for a disk; most is read and written by %s\n' "$(share iowait)" "$(by_whom disk)"
  fi
  if above "$(share steal)" 10; then
    printf 'msp: finding warning steal %s %% of the time the hypervisor gives the processors to others\n' "$(share steal)"
  fi
  stuck=$(most waits 5 | wc -l)
  if [ "$stuck" -gt 0 ]; then printf 'msp: finding warning waiting wait for a disk or a server all the time (state D): %s\n' "$(by_whom waits)"; fi
}
judge_memory() {
  left=$(awk '$1 == "MemTotal:" { all = $2 } $1 == "MemAvailable:" { free = $2 } END { if (all) printf "%.1f", free * 100 / all }' /proc/meminfo)
  printf 'msp: measurement memory_available %s percent\n' "$left"
  if above 5 "$left"; then printf 'msp: finding warning memory only %s %% is left, most is used by %s\n' "$left" "$(by_whom memory)"; fi
}
# The share of the last minute in which some work had to wait. Older kernels do not measure it.
judge_pressure() {
  if ! [ -r /proc/pressure/io ] || ! cat /proc/pressure/io >/dev/null 2>&1; then
    echo "this kernel does not measure how long work waits (PSI)"
    return 0
  fi
  for each in cpu memory io; do
    lost=$(sed -n 's/^some .*avg60=\([0-9.]*\).*/\1/p' "/proc/pressure/$each")
    printf 'msp: measurement pressure_%s %s percent\n' "$each" "${lost:-0}"
    case $each in cpu) limit=50 ;; memory) limit=10 ;; io) limit=30 ;; esac
    if above "${lost:-0}" "$limit"; then
      printf 'msp: finding warning pressure:%s in %s %% of the last minute work had to wait for it\n' "$each" "$lost"
    fi
  done
}

work=$(mktemp -d /run/diag-slow.XXXXXX) || cannot_tell "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
sample "$work/before"
sleep "$watch"
sample "$work/after"
compare >"$work/told" || cannot_tell "/proc cannot be read as it should be: nothing can be said"
judge_processor
judge_memory
judge_pressure
for what in "busy: percent of all processors, process, name" "memory: MiB, process, name" "disk: bytes read and written, process, name"; do
  printf '%s\n' "--- $what"
  most "${what%%:*}" 8 | quoted
done
