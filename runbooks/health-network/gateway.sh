#!/bin/sh
# Does every default gateway answer? Many let no ping pass, and all answer who has their address.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH


# `default via 10.0.0.1 dev eth0 …`, or a line for each of several: `nexthop via 10.0.0.1 dev eth0 weight 1`.
gateways() {
  for family in -4 -6; do ip "$family" route show default 2>/dev/null; done | awk '
    { for (i = 1; i < NF; i++) {
        if ($i == "via" || $i == "inet6") via = $(i + 1)
        if ($i == "dev") dev = $(i + 1)
      }
      if (via != "" && !seen[via, dev]++) print via, dev
      else if (via == "" && $1 == "default" && dev != "" && $2 == "dev" && !seen["-", dev]++) print "-", dev
      via = dev = "" }'
}

state_of() { ip neigh show "$1" dev "$2" 2>/dev/null | awk '{ print $NF }' | head -n 1; }

# A packet to nobody's port (discard) makes the kernel ask who has the address.
# shellcheck disable=SC2016  # bash's own variable
knock() {
  timeout 2 bash -c 'echo >"/dev/udp/$1/9"' knock "$address" 2>/dev/null </dev/null || true
}

# The kernel takes up to 9 seconds to find that a neighbour is gone.
neighbour() {
  tries=0
  knock
  while [ "$tries" -lt 10 ]; do
    case $(state_of "$1" "$2") in
      REACHABLE | PERMANENT | NOARP) echo yes; return 0 ;;
      FAILED) echo no; return 0 ;;
    esac
    tries=$((tries + 1))
    sleep 1
    if [ "$tries" -eq 5 ]; then knock; fi
  done
  case $(state_of "$1" "$2") in INCOMPLETE) echo no ;; *) echo unknown ;; esac
}

pinged() {
  command -v ping >/dev/null || return 1
  said=$(ping -n -q -c 4 -i 0.3 -W 2 "$address" 2>/dev/null </dev/null) || true
  lost=$(printf '%s\n' "$said" | sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p')
  [ -n "$lost" ] || return 1
  printf 'msp: measurement gateway_loss:%s %s percent\n' "$subject" "$lost"
  case $lost in
    0) ;;
    100) return 1 ;;
    *) printf 'msp: finding warning %s loses %s %% of the packets\n' "$subject" "$lost" ;;
  esac
}

if ! command -v ip >/dev/null; then
  unknown "ip is not installed (iproute2): the gateways are not known"
  exit 75
fi
all=$(gateways)
if [ -z "$all" ]; then
  echo "msp: finding warning default-route this host has no default route: it reaches its own network only"
  exit 0
fi
printf '%s\n' "$all" | {
  while read -r gateway device; do
    if [ "$gateway" = - ]; then
      printf '%s leads to one other side only: there is no gateway to ask\n' "$device"
      continue
    fi
    case $gateway in fe80:*) address=$gateway%$device ;; *) address=$gateway ;; esac
    subject=$gateway
    if pinged; then
      printf '%s answers\n' "$subject"
      continue
    fi
    case $(neighbour "$gateway" "$device") in
      yes) printf '%s answers who has its address\n' "$subject" ;;
      no) printf 'msp: finding critical %s the default gateway on %s does not answer\n' "$subject" "$device" ;;
      *) unknown "whether the gateway $subject answers cannot be told" ;;
    esac
  done
  [ -z "$blind" ]
} || exit 75
