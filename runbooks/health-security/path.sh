#!/bin/sh
# Programs and folders of programs that anybody may change: whoever does is root as soon as root calls them.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

open_to_all() {
  find / /usr /usr/local /opt /etc -maxdepth 0 -perm -0002 -print0
  for folder in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin /snap/bin \
    /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly; do
    [ -d "$folder" ] || continue
    case $folder in /sbin | /bin) if [ -L "$folder" ]; then continue; fi ;; esac
    find -L "$folder" -maxdepth 1 ! -type l -perm -0002 \( -type d -o -type f \) -print0 2>/dev/null || true
  done
}

open_to_all | visible | sort -u | awk '
  { shown = $0; gsub(/[^A-Za-z0-9_.\/+-]/, "_", shown); total++ }
  total <= 50 { print "msp: finding critical " shown " anybody may change it, and root calls it" }
  END {
    if (total > 50) print "msp: finding critical more-paths " total - 50 " more may be changed by anybody"
    print "msp: measurement writable_programs " total + 0 " paths"
  }'
