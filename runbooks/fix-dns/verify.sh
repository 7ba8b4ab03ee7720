#!/bin/sh
# Does the name resolve, and which configured server is silent? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

command -v getent >/dev/null || cannot_verify "no getent to ask with"
if in_hosts; then cannot_verify "$name stands in /etc/hosts"; fi
told_by_all | while read -r server told; do
  case $told in
    NOERROR | NXDOMAIN) ;;
    *) printf 'msp: finding warning name-server:%s is %s when it is asked for %s\n' "$server" "$told" "$name" ;;
  esac
done
for _ in 1 2 3; do
  resolves || failed "$name does not resolve"
  sleep 1
done
printf '%s resolves to %s\n' "$name" "$found"
