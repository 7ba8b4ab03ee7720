#!/bin/sh
# What listens for others, and is on no list? Loopback is not reached from elsewhere.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

if ! command -v ss >/dev/null; then
  echo "msp: why ss is not installed (iproute2): what listens is not known"
  exit 75
fi
code=0
said=$(ss -ltunp 2>/dev/null </dev/null) || code=$?
if [ "$code" -ne 0 ]; then
  printf 'msp: why ss ended with %s: what listens is not known\n' "$code"
  exit 75
fi
# UDP ports of this range are taken by whoever asks a question of somebody else.
borrowed=$(cat /proc/sys/net/ipv4/ip_local_port_range 2>/dev/null || echo 32768 60999)
printf '%s\n' "$said" | awk -v allowed=" ${ports-} " -v borrowed="$borrowed" '
  BEGIN { split(borrowed, range, " ") }
  $1 !~ /^(tcp|udp)$/ { next }
  {
    port = $5; sub(/.*:/, "", port); address = $5; sub(/:[^:]*$/, "", address)
    if (address ~ /^(127\.|\[::1\]|\[::ffff:127\.)/) next
    if ($1 == "udp" && port + 0 >= range[1] + 0 && port + 0 <= range[2] + 0) next
    program = $0; if (!sub(/^.*users:\(\("/, "", program)) program = "the kernel"
    sub(/".*/, "", program); gsub(/[^A-Za-z0-9 ._:@\/-]/, "_", program)
    name = $1 "/" port
    if (!(name in where)) names[++many] = name
    if (index(" " where[name] " ", " " address " ") == 0) where[name] = where[name] (where[name] == "" ? "" : " ") address
    who[name] = program
  }
  END {
    print "msp: measurement listening_ports " many + 0 " ports"
    for (i = 1; i <= many; i++) {
      name = names[i]; split(name, part, "/"); gsub(/[^]0-9a-fA-F:.*%a-z [-]/, "_", where[name])
      print name ": " who[name] " on " where[name]
      if (allowed == "  " || index(allowed, " " part[2] " ") || index(allowed, " " part[2] "/" part[1] " ")) continue
      print "msp: finding warning " name " " who[name] " listens on " where[name] ", and is not on the list of this host"
    }
  }'
