#!/bin/sh
# Watches that the service stays up, as the same process, and that its port answers. Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

wait_until_started() {
  tries=0
  while [ "$(property ActiveState)" = activating ] && [ "$tries" -lt 30 ]; do
    tries=$((tries + 1))
    sleep 1
  done
}

must_be_up() {
  state=$(property ActiveState)
  [ "$state" = active ] || failed "$service is $state ($(property SubState)), its last result: $(property Result)"
}

# NRestarts is empty before systemd 235; the process id tells then.
identity() { echo "process $(property MainPID), $(property NRestarts) restarts"; }

stays_up() {
  first=$(identity)
  seconds=0
  while [ "$seconds" -lt "$steady" ]; do
    sleep 1
    seconds=$((seconds + 1))
    must_be_up
    [ "$(identity)" = "$first" ] || failed "$service does not stay up: first $first, after $seconds s $(identity)"
  done
  printf '%s stayed up for %s s: %s\n' "$service" "$steady" "$first"
}

listening_address() {
  ss -Hltn "sport = :$port" | awk '{ sub(/:[0-9]+$/, "", $4); print $4 }' | grep -v '%' | head -n 1
}

port_answers() {
  for program in ss bash; do
    command -v "$program" >/dev/null || cannot_verify "no $program to try port $port with"
  done
  address=$(listening_address) || true
  [ -n "$address" ] || failed "nothing listens on port $port"
  case $address in
    0.0.0.0 | '*') address=127.0.0.1 ;;
    '[::]') address=::1 ;;
    '['*) address=${address#[} address=${address%]} ;;
  esac
  # shellcheck disable=SC2016  # bash expands them
  timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$address" "$port" 2>/dev/null ||
    failed "port $port does not answer at $address"
  echo "port $port answers at $address"
}

command -v systemctl >/dev/null || cannot_verify "systemd does not run this host"
wait_until_started
must_be_up
stays_up
if [ "$port" -gt 0 ]; then port_answers; fi
