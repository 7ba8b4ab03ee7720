#!/bin/sh
# Asks dpkg and apt whether anything is unfinished, damaged or missing. Changes nothing.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# By what it says: it ends with 0 whatever it finds, and with 2 when it cannot look.
audit=$(dpkg --audit 2>&1) || cannot_verify "dpkg --audit: $(printf '%s\n' "$audit" | head -n 1)"
if [ -n "$audit" ]; then
  printf '%s\n' "$audit" | quoted
  failed "dpkg --audit names $(printf '%s\n' "$audit" | awk '/^ / { print $1 }' | sort -u | tr '\n' ' ')"
fi
[ -z "$(ls -A /var/lib/dpkg/updates)" ] || failed "dpkg was interrupted in the middle of its notes"
# Without its caches: damaged lists are named once, then apt caches what it could read and calls that sound.
if ! said=$(apt-get -q -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Debug::NoLocking=1 check 2>&1 </dev/null); then
  printf '%s\n' "$said" | quoted
  failed "apt-get check: $(printf '%s\n' "$said" | grep -m 1 '^E:' || printf '%s\n' "$said" | tail -n 1)"
fi
plan=$(apt-get -s -q -o Debug::NoLocking=1 -f install 2>&1 </dev/null) || cannot_verify "$(printf '%s\n' "$plan" | tail -n 1)"
if printf '%s\n' "$plan" | grep -q -E '^(Inst|Remv|Purg|Conf) '; then
  failed "apt would still repair something: $(printf '%s\n' "$plan" | grep -m 1 -E '^(Inst|Remv|Purg|Conf) ')"
fi
echo "dpkg and apt find nothing unfinished, damaged or missing"
