#!/bin/sh
# Which web server is meant, is its configuration sound, and does it answer?
# shellcheck disable=SC2034,SC2154  # the parameters stand in front of it, and the scripts use what it finds
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

property() { systemctl show --property="$1" --value -- "$unit"; }
state() { echo "$(property ActiveState) ($(property SubState))"; }

# Of several that are installed, the one that runs; where it is not plain which, unclear says why.
pick_server() {
  case $server in nginx) set -- nginx ;; apache) set -- apache2 httpd ;; *) set -- nginx apache2 httpd ;; esac
  installed="" running=""
  for unit in "$@"; do
    [ "$(property LoadState)" = loaded ] || continue
    installed="$installed $unit"
    if [ "$(property ActiveState)" = active ]; then running="$running $unit"; fi
  done
  # shellcheck disable=SC2086  # names of units are words
  if [ -n "$running" ]; then set -- $running; else set -- $installed; fi
  case $# in
    1) unit=$1 ;;
    0) unclear="this host has no nginx and no Apache" && return 1 ;;
    *) unclear="this host has $*: say which one with server" && return 1 ;;
  esac
}
sound() {
  case $unit in
    nginx) nginx -t 2>&1 ;;
    apache2) apache2ctl configtest 2>&1 ;;
    httpd) httpd -t 2>&1 ;;
  esac
}

# One request; the first line of the answer. By bash and openssl, which are there where curl is not.
ask() {
  address=$(ss -Hltn "sport = :$port" 2>/dev/null | awk '{ sub(/:[0-9]+$/, "", $4); print $4 }' | grep -v % | head -n 1) || true
  case $address in
    "" | 0.0.0.0 | "*") address=127.0.0.1 ;;
    "[::]") address=::1 ;;
    "["*) address=${address#[} address=${address%]} ;;
  esac
  printf "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: msp-ops\r\nConnection: close\r\n\r\n" "$path" "$name" | {
    if [ "$https" = yes ]; then
      case $address in *:*) address="[$address]" ;; esac
      timeout 10 openssl s_client -quiet -connect "$address:$port" -servername "$name" 2>/dev/null
    else
      # shellcheck disable=SC2016  # bash expands them
      timeout 10 bash -c 'exec 3<>"/dev/tcp/$0/$1" && cat >&3 && cat <&3' "$address" "$port" 2>/dev/null
    fi
  } | head -n 1 | LC_ALL=C tr -d "\000-\037\177" | cut -c 1-100
}
answers() {
  heard=$(ask)
  case $heard in "HTTP/"*" "[1-5][0-9][0-9]*) code=${heard#* } code=${code%% *} ;; *) code=0 ;; esac
  if [ "$status" -gt 0 ]; then [ "$code" = "$status" ]; else [ "$code" -ge 100 ] && [ "$code" -lt 400 ]; fi
}
