#!/bin/sh
# Tests the configuration first, then loads it anew, and starts the server anew when that is not enough.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

failed() {
  printf 'msp: why %s\n' "$*"
  exit 1
}
blocked() {
  printf 'msp: why %s\n' "$*"
  exit 75
}
# Others chose these words and names: none of their lines may pass for a report.
quoted() { LC_ALL=C sed -u -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }

property() { systemctl show --property="$1" --value -- "$unit"; }
state() { echo "$(property ActiveState) ($(property SubState))"; }

# Of several that are installed, the one that runs.
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
  [ "$#" -gt 0 ] || blocked "this host has no nginx and no Apache"
  [ "$#" -eq 1 ] || blocked "this host has $*: say which one with server"
  unit=$1
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

answers_soon() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    if answers; then return 0; fi
    sleep 0.5
  done
  return 1
}

enabled_file() {
  for folder in /etc/nginx/sites-enabled /etc/nginx/conf.d /etc/apache2/sites-enabled /etc/apache2/conf-enabled /etc/httpd/conf.d; do
    case $unit/$folder in nginx/*nginx* | apache2/*apache2* | httpd/*httpd*) ;; *) continue ;; esac
    if [ -e "$folder/$without" ] || [ -L "$folder/$without" ]; then
      printf '%s/%s' "$folder" "$without"
      return 0
    fi
  done
  return 1
}
# Its undo needs the file and where it was, on disk before the file goes.
switch_off() {
  if ! file=$(enabled_file); then
    printf 'no site of the name %s is switched on\n' "$without"
    return 0
  fi
  (umask 077 && mkdir -p -- "$msp_kept")
  cp -a -- "$file" "$msp_kept/site"
  printf '%s\n' "$file" >"$msp_kept/where"
  sync
  rm -- "$file"
  switched=$file
}
switch_on() {
  if [ -n "$switched" ]; then
    cp -a -- "$msp_kept/site" "$switched"
    rm -r -- "$msp_kept"
  fi
}

must_be_sound() {
  if said=$(sound); then return 0; fi
  printf '%s\n' "$said" | quoted
  switch_on
  blocked "the configuration of $unit is broken, it was left alone: $(printf '%s\n' "$said" | grep . | head -n 1)"
}

act() {
  case $1 in
    reload) said=$(systemctl reload -- "$unit" 2>&1) || return 1 ;;
    restart) systemctl reset-failed -- "$unit" 2>/dev/null || true
      said=$(systemctl restart -- "$unit" 2>&1) || return 1 ;;
  esac
}
bring_back() {
  before=$(state)
  code=0
  act "$1" || code=$?
  printf 'msp: changed %s %sed: %s -> %s\n' "$unit" "$1" "$before" "$(state)"
  return "$code"
}
evidence() {
  printf '%s\n' "--- $unit $1"
  {
    systemctl status --no-pager --full --lines=0 -- "$unit" || true
    journalctl --no-pager --quiet --output=short-iso --lines=20 --unit="$unit" || true
  } 2>&1 | quoted
}

command -v bash >/dev/null || blocked "no bash to ask the web server with"
unit=
switched=
pick_server
if [ "$(property ActiveState)" = active ] && answers && [ "$how" = if-needed ] &&
  { [ -z "$without" ] || ! enabled_file >/dev/null; }; then
  printf '%s runs and answers as it should: %s\n' "$unit" "$heard"
  exit 0
fi
evidence before
if [ -n "$without" ]; then switch_off; fi
must_be_sound
if [ -n "$switched" ]; then printf 'msp: changed %s switched off; its undo switches it on again\n' "$switched"; fi
if [ "$how" != restart ] && [ "$(property ActiveState)" = active ]; then
  bring_back reload || failed "$unit could not load its configuration: $said"
  if answers_soon || [ "$how" = reload ]; then exit 0; fi
fi
bring_back restart || { evidence after; failed "$unit does not start: $(printf '%s\n' "$said" | head -n 1)"; }
answers_soon || { evidence after; failed "$unit runs, but answers ${heard:-nothing} to $path on port $port"; }
