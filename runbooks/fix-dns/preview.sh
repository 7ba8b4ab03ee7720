#!/bin/sh
# How does the name resolve now, and which server says what? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

printf -- '--- %s\n' "$conf"
stat -c %N "$conf" 2>&1 | quoted
{ cat "$conf" 2>&1 || true; } | quoted
grep '^hosts:' /etc/nsswitch.conf 2>/dev/null | quoted || true
if is_active systemd-resolved; then resolvectl status --no-pager 2>&1 | quoted; fi
if in_hosts; then printf '%s stands in /etc/hosts: it says nothing about name servers\n' "$name"; fi
if resolves; then printf '%s resolves to %s\n' "$name" "$found"; else printf '%s does not resolve\n' "$name"; fi
told_by_all | quoted
