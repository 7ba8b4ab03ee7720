#!/bin/sh
# Does a packet filter of this host refuse what nobody allowed? Asked of the kernel, whoever made the rules: ufw,
# firewalld and others all end there. What stands in front of the host (a cloud's rules, a router) cannot be seen here.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# The families whose way in is closed at its end: by its policy, or by a last rule that refuses all that is left.
# Rules against some addresses (fail2ban) close nothing.
closed_in_nft() {
  nft list ruleset 2>/dev/null </dev/null | awk '
    $1 == "table" { family = $2 }
    $1 == "chain" { inside = 1; entry = closed = 0; next }
    inside && /type filter hook input/ { entry = 1; if (/policy drop/) closed = 1; next }
    inside && $1 == "}" { if (entry && (closed || last)) print family; inside = last = 0; next }
    inside {
      rule = $0; sub(/^[ \t]+/, "", rule); sub(/ comment ".*"$/, "", rule)
      sub(/counter packets [0-9]+ bytes [0-9]+ /, "", rule)
      sub(/^log( prefix "[^"]*")?( level [a-z]+)?( flags [a-z ,]+)? /, "", rule)
      last = (rule ~ /^(drop|reject( with .*)?)$/)
    }'
}
closed_in_iptables() {
  command -v "$1" >/dev/null || return 0
  "$1" -S INPUT 2>/dev/null </dev/null | awk -v family="$2" '
    $1 == "-P" && $3 == "DROP" { closed = 1 }
    $1 == "-A" { last = /^-A INPUT (-m comment --comment ("[^"]*"|[^ ]+) )?-j (DROP|REJECT)( |$)/ }
    END { if (closed || last) print family }'
}

has_ipv6() { awk '$4 == "00" && $6 != "lo" { found = 1 } END { exit !found }' /proc/net/if_inet6 2>/dev/null; }

[ "$(id -u)" -eq 0 ] || blocked "only root may see the packet filter"
if ! command -v nft >/dev/null && ! command -v iptables >/dev/null; then
  echo "msp: finding warning packet-filter this host has none (neither nft nor iptables): whatever listens can be reached"
  exit 0
fi
if command -v nft >/dev/null; then
  code=0
  rules=$(nft list ruleset 2>&1 </dev/null) || code=$?
  [ "$code" -eq 0 ] || blocked "nft cannot list the rules: $(printf '%s\n' "$rules" | head -n 1)"
fi
closed=$(closed_in_nft; closed_in_iptables iptables ip; closed_in_iptables iptables-legacy ip
  closed_in_iptables ip6tables ip6; closed_in_iptables ip6tables-legacy ip6)
printf 'closed for: %s\n' "$(printf '%s\n' "$closed" | sort -u | tr '\n' ' ' | tr -c 'a-z0-9 \n' '?')"
case " $(printf '%s' "$closed" | tr '\n' ' ') " in
  *" ip "* | *" inet "*) ;;
  *) echo "msp: finding warning packet-filter lets in whatever nobody refuses (IPv4): no end of its way in is closed" ;;
esac
case " $(printf '%s' "$closed" | tr '\n' ' ') " in
  *" ip6 "* | *" inet "*) ;;
  *) if has_ipv6; then
    echo "msp: finding warning packet-filter-ipv6 lets in whatever nobody refuses (IPv6): this host has such an address"
  fi ;;
esac
