#!/bin/sh
# Does every DNS server that this host is told to ask answer, and how soon?
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# A local stub is asked like any other; those behind it are named beside it.
servers() {
  cat /etc/resolv.conf /run/systemd/resolve/resolv.conf 2>/dev/null |
    awk '$1 == "nameserver" && $2 != "" && !seen[$2]++ { print $2 }'
}

# One question for an address, as octal bytes (RFC 1035, 4.1): id 0x4d53, recursion wanted, the name, A, IN.
question() {
  printf '%s' '\115\123\001\000\000\001\000\000\000\000\000\000'
  for label in $(printf '%s' "$name" | tr . ' '); do printf '\\%03o%s' "${#label}" "$label"; done
  printf '%s' '\000\000\001\000\001'
}

# Prints the answer's bytes as numbers, nothing when there is none. dd sends the question as one packet.
# shellcheck disable=SC2016  # bash's own variables
ask() {
  timeout 3 bash -c '
    exec 3<>"/dev/udp/$1/53" || exit 1
    printf "$2" | dd obs=512 2>/dev/null >&3
    head -c 12 <&3 | od -An -v -tu1' ask "$1" "$(question)" 2>/dev/null </dev/null | tr -s ' \n' ' '
}

# Milliseconds, in tens, by a clock that nobody sets.
now() {
  read -r up _ </proc/uptime
  printf '%s0\n' "$up" | tr -d .
}

# The fourth byte ends with what came of it: 0 found, 3 there is no such name, anything else it could not tell.
judge() {
  # shellcheck disable=SC2086  # twelve numbers
  set -- "$1" "$2" $3
  subject=$(printf '%s' "$1" | tr -c 'A-Za-z0-9.:%\n' '_')
  if [ $# -lt 14 ] || [ "$3.$4" != 77.83 ]; then
    printf 'msp: finding %s %s does not answer (asked twice)\n' "$silent" "$subject"
    return 1
  fi
  printf 'msp: measurement dns_answer_time:%s %s milliseconds\n' "$subject" "$2"
  case $(($6 & 15)) in
    0) printf '%s answered in %s ms\n' "$subject" "$2" ;;
    3) printf 'msp: finding warning %s says that there is no %s\n' "$subject" "$name" ;;
    2) printf 'msp: finding critical %s cannot find out what %s is (SERVFAIL)\n' "$subject" "$name"; return 1 ;;
    5) printf 'msp: finding critical %s refuses to answer this host (REFUSED)\n' "$subject"; return 1 ;;
    *) printf 'msp: finding critical %s answers with error %s\n' "$subject" "$(($6 & 15))"; return 1 ;;
  esac
}

if ! command -v bash >/dev/null; then
  echo "msp: why bash is not installed: without it no DNS server can be asked by itself"
  exit 75
fi
if [ ! -r /etc/resolv.conf ]; then
  echo "msp: finding critical resolv.conf there is no /etc/resolv.conf: nobody is asked for names"
  exit 0
fi
all=$(servers)
if [ -z "$all" ]; then
  echo "msp: finding warning resolv.conf /etc/resolv.conf names no DNS server"
  exit 0
fi
# One of several that is silent makes every look-up slow; the only one that is silent ends them.
if [ "$(printf '%s\n' "$all" | wc -l)" -gt 1 ]; then silent=warning; else silent=critical; fi
for server in $all; do
  began=$(now)
  bytes=$(ask "$server") || true
  if [ -z "${bytes# }" ]; then
    began=$(now)
    bytes=$(ask "$server") || true
  fi
  if judge "$server" "$(($(now) - began))" "$bytes"; then echo good; fi
done | {
  good=0
  while read -r line; do
    case $line in good) good=$((good + 1)) ;; *) printf '%s\n' "$line" ;; esac
  done
  printf 'msp: measurement dns_servers_answering %s servers\n' "$good"
  if [ "$good" -eq 0 ]; then echo "msp: finding critical all-servers no DNS server can be used: no name is found"; fi
}
