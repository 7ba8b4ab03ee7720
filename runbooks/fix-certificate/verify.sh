#!/bin/sh
# Is the certificate on disk the one that is served, does it last, and is it for this name? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
export LC_ALL PATH

command -v openssl >/dev/null || cannot_verify "no openssl to read certificates with"
[ -r "$file" ] || cannot_verify "$file cannot be read"
shown=$(served)
[ -n "$shown" ] || failed "port $port shows no certificate"
is_served || failed "port $port shows another certificate, until $(printf '%s\n' "$shown" | until_of)"
printf '%s\n' "$shown" | lasts || failed "the certificate is valid until $(printf '%s\n' "$shown" | until_of): less than $days days"
asked=${name:-$certificate}
if ! printf '%s\n' "$shown" | openssl x509 -noout -checkhost "$asked" 2>/dev/null | grep -q ' does match '; then
  printf 'msp: finding warning certificate:%s is not for the name %s\n' "$certificate" "$asked"
fi
if ! openssl verify -untrusted "$file" "$file" >/dev/null 2>&1; then
  printf 'msp: finding warning chain:%s does not lead to an authority that this host knows\n' "$certificate"
fi
seconds=$(date -d "$(printf '%s\n' "$shown" | until_of)" +%s 2>/dev/null) &&
  printf 'msp: measurement certificate_days:%s %s days\n' "$certificate" "$(((seconds - $(date +%s)) / 86400))"
printf 'port %s shows the certificate on disk, until %s\n' "$port" "$(printf '%s\n' "$shown" | until_of)"
