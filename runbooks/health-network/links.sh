#!/bin/sh
# Errors, drops, MTU and state of the links. Counts are since the link came up: what grows is seen in the measurements.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
of() { cat "/sys/class/net/$link/$1" 2>/dev/null || true; }
count() {
  value=$(of "statistics/$1")
  if [ -n "$value" ]; then printf 'msp: measurement link_%s:%s %s packets\n' "$1" "$link" "$value"; fi
}

# More than one packet in a thousand that arrives broken is a bad cable, port or plug.
judge_errors() {
  errors=$(of statistics/rx_errors) packets=$(of statistics/rx_packets)
  if [ "${packets:-0}" -gt 10000 ] && [ "$((${errors:-0} * 1000))" -gt "$packets" ]; then
    finding warning "$link:errors" "$errors of $packets packets arrived broken: look at cable and port"
  fi
}

judge_link() {
  up=$(($(of flags) & 1))
  printf '%s: %s, MTU %s, %s Mbit/s, %s duplex\n' "$link" "$(of operstate)" "$(of mtu)" "$(of speed)" "$(of duplex)"
  if [ "$up" -eq 0 ]; then return 0; fi
  for counter in rx_errors tx_errors rx_dropped tx_dropped; do count "$counter"; done
  printf 'msp: measurement link_mtu:%s %s bytes\n' "$link" "$(of mtu)"
  judge_errors
  if [ -e "/sys/class/net/$link/device" ] && [ "$(of carrier)" = 0 ]; then
    finding info "$link:carrier" "is switched on and nothing is plugged in"
  fi
  if [ "$(of duplex)" = half ]; then finding warning "$link:duplex" "works in half duplex: one side is set by hand"; fi
  case " $ways_out " in
    *" $link "*)
      if [ "$mtu" -ne 0 ] && [ "$(of mtu)" -ne "$mtu" ]; then
        finding warning "$link:mtu" "has MTU $(of mtu), wanted is $mtu"
      fi ;;
  esac
}

# A bond goes on with one leg: nobody notices but those who look.
judge_bonds() {
  for file in /proc/net/bonding/*; do
    [ -r "$file" ] || continue
    awk -v bond="${file##*/}" '
      /^Slave Interface:/ { leg = $3 }
      /^MII Status:/ && leg != "" && $3 != "up" {
        print "msp: finding critical " bond ":" leg " the bond runs without this leg: it is " $3
      }
    ' "$file"
  done
}

if [ ! -d /sys/class/net ]; then
  echo "msp: why /sys is not there: the links cannot be seen"
  exit 75
fi
# Routes of IPv4 as the kernel lists them: the destination 00000000 is the way out.
ways_out=$(awk 'NR > 1 && $2 == "00000000" && $8 == "00000000" { print $1 }' /proc/net/route | sort -u | tr '\n' ' ')
for path in /sys/class/net/*; do
  link=${path##*/}
  case $link in lo | ifb[0-9]* | dummy[0-9]* | bonding_masters) ;; *) if [ -e "$path/flags" ]; then judge_link; fi ;; esac
done
judge_bonds
