#!/bin/sh
# What is broken, and what would be done about it? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

echo "--- dpkg --audit"
dpkg --audit 2>&1 | quoted
echo "--- interrupted in the middle: $(find /var/lib/dpkg/updates -type f | wc -l) notes of dpkg"
echo "--- apt-get check"
apt-get -q -o Debug::NoLocking=1 check 2>&1 </dev/null | quoted || true
echo "--- what apt would do"
apt-get -q -s -o Debug::NoLocking=1 -f install 2>&1 </dev/null | { grep -E '^(Inst|Conf|Remv|Purg|E:) ?' || true; } | quoted
