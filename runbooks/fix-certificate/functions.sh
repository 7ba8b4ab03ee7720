#!/bin/sh
# The certificate on disk, and the one that is served.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

file=/etc/letsencrypt/live/$certificate/fullchain.pem
# The first certificate of a chain, as PEM; nothing when nobody answers.
served() {
  address=$(ss -Hltn "sport = :$port" 2>/dev/null | awk "{ sub(/:[0-9]+\$/, \"\", \$4); print \$4 }" | grep -v % | head -n 1) || true
  case $address in "" | 0.0.0.0 | "*") address=127.0.0.1 ;; "[::]") address="[::1]" ;; esac
  timeout 15 openssl s_client -connect "$address:$port" -servername "${name:-$certificate}" </dev/null 2>/dev/null |
    openssl x509 2>/dev/null || true
}
print_of() { openssl x509 -noout -fingerprint -sha256 2>/dev/null || true; }
until_of() { openssl x509 -noout -enddate 2>/dev/null | sed "s/^notAfter=//"; }
lasts() { openssl x509 -noout -checkend "$((days * 86400))" >/dev/null 2>&1; }
is_served() { [ -n "$(served | print_of)" ] && [ "$(served | print_of)" = "$(print_of <"$file")" ]; }
