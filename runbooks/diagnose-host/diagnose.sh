#!/bin/sh
# What somebody on the phone asks first, on one page. No environment and no command line of a process is read: they carry
# passwords; what follows a word for a secret is masked in everything else.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Every part has its own end: a host in trouble answers some questions late or never.
part() {
  printf '%s\n' "--- $1"
  rows=$2
  shift 2
  code=0
  said=$(timeout 20 "$@" 2>&1 </dev/null) || code=$?
  printf '%s\n' "$said" | head -n "$rows" | masked | cut -c 1-240 | quoted
  if [ "$code" -eq 124 ]; then
    printf 'msp: why %s did not answer within 20 seconds\n' "$1"
    blind=yes
  elif [ "$code" -eq 127 ]; then
    printf 'msp: why %s is not installed: a part of the picture is missing\n' "$1"
    blind=yes
  fi
}
# For what needs a pipe; the text is ours.
piped() {
  title=$1 rows=$2 needs=$3
  if command -v "$needs" >/dev/null; then part "$title" "$rows" sh -c "$4"; else part "$needs" 1 "$needs"; fi
}

part load 1 cat /proc/loadavg
part "up since" 1 uptime -s
part memory 6 grep -E '^(MemTotal|MemAvailable|SwapTotal|SwapFree|Dirty|Writeback):' /proc/meminfo
if [ -r /proc/pressure/io ]; then
  part "pressure (which share of 10, 60, 300 seconds was lost to waiting)" 9 grep -r some /proc/pressure
fi
piped "most processor time" 11 ps 'ps -eo pid,user:16,pcpu,stat,etime,comm --sort=-pcpu'
piped "most memory" 11 ps 'ps -eo pid,user:16,pmem,rss,etime,comm --sort=-rss'
piped "waiting for a disk (state D)" 11 ps 'ps -eo stat,pid,user:16,wchan:24,comm | grep "^D" || echo none'
part disks 30 df -PhTl -x tmpfs -x devtmpfs -x squashfs
part inodes 30 df -Pil -x tmpfs -x devtmpfs -x squashfs
part "failed units" 20 systemctl list-units --state=failed --plain --no-legend --no-pager
part "units that wait" 10 systemctl list-jobs --no-legend --no-pager
part "last errors of the journal" 40 journalctl --quiet --no-pager --output=short-iso --priority=3 --lines=40
part "addresses" 30 ip -brief address
part "routes" 20 ip route
part "names are asked of" 10 grep -E '^(nameserver|search)' /etc/resolv.conf
piped "connections" 12 ss 'ss -s'
piped "listeners" 30 ss 'ss -ltun'
printf '%s\n' "--- last changes of packages"
if [ -r /var/log/dpkg.log ]; then
  cat /var/log/dpkg.log.1 /var/log/dpkg.log 2>/dev/null | grep -E ' (install|upgrade|remove|purge) ' | tail -n 20 |
    masked | quoted
elif command -v rpm >/dev/null; then
  rpm -qa --last 2>/dev/null </dev/null | head -n 20 | quoted
else
  echo "  not known: neither dpkg nor rpm is here"
fi
part "last restarts" 6 journalctl --list-boots --no-pager
part "who is logged in" 10 who
[ -z "$blind" ] || exit 75
