#!/bin/sh
# What is on this host, one line a thing: kind, name and what it is like. Stays the same while the host does.
# shellcheck disable=SC2034,SC2154  # the scripts use what it finds, and say where it may work
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

accepted=/var/lib/msp-ops/inventory/accepted

packages() {
  if command -v dpkg-query >/dev/null; then
    dpkg-query -W -f='${db:Status-Abbrev}\t${binary:Package}\t${Version}\n' |
      awk -F '\t' -v OFS='\t' 'substr($1, 2, 1) == "i" { print "package", $2, $3 (substr($1, 1, 1) == "h" ? " (on hold)" : "") }'
  elif command -v rpm >/dev/null; then
    rpm -qa --qf 'package\t%{NAME}.%{ARCH}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' |
      awk -F '\t' -v OFS='\t' '{ if ($2 in of) of[$2] = of[$2] " " $3; else of[$2] = $3 } END { for (name in of) print "package", name, of[name] }'
  elif command -v apk >/dev/null; then
    apk info -v 2>/dev/null | sed -n 's/^\(.*\)-\([0-9][^-]*-r[0-9]*\)$/package\t\1\t\2/p'
  elif command -v pacman >/dev/null; then
    pacman -Q | awk -v OFS='\t' '{ print "package", $1, $2 }'
  fi
}
services() {
  systemctl list-unit-files --type=service,timer,socket --state=enabled,enabled-runtime,generated --no-legend --no-pager \
    --plain 2>/dev/null </dev/null | awk -v OFS='\t' '{ print "service", $1, $2 }'
}
users() { awk -F : -v OFS='\t' '{ print "user", $1, "uid " $3 " gid " $4 " home " $6 " shell " $7 }' /etc/passwd; }
groups() { awk -F : -v OFS='\t' '$4 != "" { print "group", $1, $4 }' /etc/group; }
# Without process ids, which change with every start, and without the ports that a program borrows for a while.
listeners() {
  borrowed=$(cat /proc/sys/net/ipv4/ip_local_port_range 2>/dev/null || echo 32768 60999)
  ss -H -ltunp 2>/dev/null </dev/null | awk -v OFS='\t' -v borrowed="$borrowed" '
    BEGIN { split(borrowed, range, " ") }
    { port = $5; sub(/.*:/, "", port) }
    $1 == "udp" && port + 0 >= range[1] + 0 && port + 0 <= range[2] + 0 { next }
    { program = $0; if (!sub(/^.*users:\(\("/, "", program)) program = "the kernel"; sub(/".*/, "", program)
      print "listener", $1 ":" $5, program }'
}
# All of it, into the file `present`. A list that cannot be had is never an empty one.
look_around() {
  command -v ss >/dev/null || cannot_tell "listeners: ss is not installed (iproute2)"
  command -v systemctl >/dev/null || cannot_tell "services: systemd does not run this host"
  for kind in packages services users groups listeners; do
    "$kind" >"$work/$kind"
    case $kind in
      packages | services | users) [ -s "$work/$kind" ] || cannot_tell "the list of $kind is empty: it cannot be had here" ;;
    esac
  done
  cat "$work/packages" "$work/services" "$work/users" "$work/groups" "$work/listeners" | LC_ALL=C tr '\001-\010\013-\037\177' '?' |
    LC_ALL=C sort -u >"$work/present"
}
