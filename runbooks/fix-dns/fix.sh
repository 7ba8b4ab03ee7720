#!/bin/sh
# Restarts what answers on the host, then mends /etc/resolv.conf; other name servers only when they were given.
# What it changes it keeps first: the undo brings it back.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Not asked again when nothing was changed: silent servers take their time.
done_when_it_resolves() {
  if [ -z "$acted" ]; then return 0; fi
  acted=""
  for _ in 1 2 3; do
    if resolves; then
      printf '%s resolves to %s\n' "$name" "$found"
      exit 0
    fi
    sleep 1
  done
}
is_enabled() { case $(systemctl is-enabled "$1" 2>/dev/null) in enabled*) return 0 ;; *) return 1 ;; esac; }

restart_what_answers() {
  if is_active systemd-resolved; then resolvectl flush-caches 2>/dev/null || true; fi
  for unit in systemd-resolved unbound dnsmasq named bind9 pdns-recursor nscd unscd; do
    if ! is_active "$unit" && ! is_enabled "$unit"; then continue; fi
    systemctl reset-failed "$unit" 2>/dev/null || true
    if said=$(systemctl restart "$unit" 2>&1); then
      printf 'msp: changed %s restarted\n' "$unit"
      acted=yes
    else
      printf 'msp: finding warning %s does not start: %s\n' "$unit" "$(printf '%s\n' "$said" | head -n 1)"
    fi
  done
}

# Kept once: a second change of the same run would keep our own.
keep() {
  (umask 077 && mkdir -p -- "$msp_kept")
  if [ -e "$msp_kept/before" ]; then return 0; fi
  if [ -e "$conf" ] || [ -L "$conf" ]; then cp -a -- "$conf" "$msp_kept/resolv.conf"; fi
  touch "$msp_kept/before"
  sync
}
# By renaming: nobody ever reads half a file.
put() {
  cp -a -- "$conf.msp-ops" "$msp_kept/written"
  mv -f -- "$conf.msp-ops" "$conf" || failed "$conf cannot be written: who manages it has locked it"
  printf 'msp: changed %s %s\n' "$conf" "$1"
  acted=yes
}
stub=/run/systemd/resolve/stub-resolv.conf
use_the_stub() {
  if [ -n "$(servers_in "$conf")" ] || ! is_active systemd-resolved || [ ! -e "$stub" ]; then return 0; fi
  keep
  ln -sfn "$stub" "$conf.msp-ops"
  put "names systemd-resolved again"
}
use_given_servers() {
  if [ -z "$servers" ]; then return 0; fi
  if is_active systemd-resolved && servers_in "$conf" | grep -q -x -F 127.0.0.53; then
    (umask 077 && mkdir -p -- "$msp_kept")
    printf '[Resolve]\nDNS=%s\nDomains=~.\n' "$servers" >"$msp_kept/drop-in"
    mkdir -p "${drop_in%/*}"
    if cmp -s "$msp_kept/drop-in" "$drop_in"; then return 0; fi
    cp "$msp_kept/drop-in" "$drop_in"
    chmod 0644 "$drop_in"
    systemctl restart systemd-resolved || failed "systemd-resolved does not start"
    printf 'msp: changed %s systemd-resolved asks %s\n' "$drop_in" "$servers"
    acted=yes
    return 0
  fi
  keep
  {
    grep -s -E '^(search|domain|options) ' "$conf" || true
    for server in $servers; do printf 'nameserver %s\n' "$server"; done
  } >"$conf.msp-ops"
  chmod 0644 "$conf.msp-ops"
  if cmp -s "$conf.msp-ops" "$conf"; then rm -- "$conf.msp-ops"; else put "names $servers"; fi
  if is_active NetworkManager || [ -e /etc/resolvconf/run ] || [ -e /run/resolvconf ]; then
    printf 'msp: finding warning resolv.conf is written by a manager of the network as well: set %s there too\n' "$servers"
  fi
}

# Who was silent, and whether the name is the trouble.
why() {
  grep -q '^hosts:.*\(dns\|resolve\)' /etc/nsswitch.conf || printf '/etc/nsswitch.conf asks no name server for hosts; '
  if [ -z "$(servers_in "$conf")" ]; then printf '%s names no server; ' "$conf"; fi
  case $(servers_in "$conf") in
    127.0.0.53) printf 'systemd-resolved is %s; ' "$(systemctl is-enabled systemd-resolved 2>/dev/null)" ;;
  esac
  told_by_all | while read -r server told; do printf '%s: %s; ' "$server" "$told"; done
}

command -v getent >/dev/null || blocked "no getent to ask with"
if in_hosts; then blocked "$name stands in /etc/hosts: it says nothing about name servers, give another name"; fi
if resolves; then
  printf '%s resolves to %s\n' "$name" "$found"
  exit 0
fi
printf -- '--- %s\n' "$conf"
{ stat -c %N "$conf"; cat "$conf"; } 2>&1 | quoted || true
if told_by_all | grep -q ' NXDOMAIN$'; then blocked "the name servers work: they say that there is no $name"; fi
[ "$(id -u)" -eq 0 ] || blocked "mending resolution needs root"
acted=""
restart_what_answers
done_when_it_resolves
use_the_stub
done_when_it_resolves
use_given_servers
done_when_it_resolves
failed "$name does not resolve: $(why | sed 's/; $//')"
