#!/bin/sh
# Has certbot renew it when it is due, and the service load it when it still shows another.
# What happened is read from the file: certbot ends with 0 when it did nothing.
# shellcheck disable=SC2034,SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
export LC_ALL PATH

known() {
  find /etc/letsencrypt/live -mindepth 1 -maxdepth 1 -type d -printf '%f\0' 2>/dev/null | LC_ALL=C tr '\0' ' ' |
    LC_ALL=C tr -c '[:alnum:].-' ' '
}
renew() {
  if lasts <"$file" && [ "$force" != yes ]; then return 0; fi
  command -v certbot >/dev/null || blocked "$certificate must be renewed, and this host has no certbot"
  before=$(print_of <"$file") until=$(until_of <"$file")
  set -- renew --cert-name "$certificate" --non-interactive --no-random-sleep-on-renew
  if [ "$force" = yes ]; then set -- "$@" --force-renewal; fi
  code=0
  said=$(timeout 800 certbot "$@" 2>&1 </dev/null) || code=$?
  printf '%s\n' "$said" | quoted
  case $said in *'Another instance of Certbot'*) blocked "another certbot is at work" ;; esac
  if [ "$(print_of <"$file")" = "$before" ]; then
    last=$(printf '%s\n' "$said" | grep -i -E 'detail|error|failed|not yet due|not due' | head -n 1)
    failed "certbot did not renew $certificate (it ended with $code, valid until $until): ${last:-it does not say why}"
  fi
  touched=yes
  printf 'msp: changed certificate:%s renewed: until %s -> %s\n' "$certificate" "$until" "$(until_of <"$file")"
}
must_be_sound() {
  case ${service%.service} in
    nginx) set -- nginx -t ;;
    apache2) set -- apache2ctl configtest ;;
    httpd) set -- httpd -t ;;
    haproxy) set -- haproxy -c -f /etc/haproxy/haproxy.cfg ;;
    postfix) set -- postfix check ;;
    dovecot) set -- doveconf -n ;;
    *) return 0 ;;
  esac
  if ! said=$("$@" 2>&1); then
    printf '%s\n' "$said" | quoted
    blocked "the configuration of $service is broken, it was not reloaded: $(printf '%s\n' "$said" | grep . | head -n 1)"
  fi
}
load() {
  if is_served; then return 0; fi
  must_be_sound
  systemctl reload-or-restart -- "$service" || failed "$service could not load it: $(systemctl show -p Result --value -- "$service")"
  printf 'msp: changed %s loaded the certificate\n' "$service"
  tries=0
  while ! is_served; do
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || failed "port $port still shows another certificate, until $(served | until_of): does $service use $file?"
    sleep 0.5
  done
}

command -v openssl >/dev/null || blocked "no openssl to read certificates with"
if [ ! -e "$file" ]; then
  others=$(known)
  if [ -n "${others%% *}" ]; then blocked "certbot has no $certificate on this host, it has: $others"; fi
  command -v certbot >/dev/null || blocked "this host has no certbot and no certificate of it"
  blocked "certbot has no $certificate on this host, nor any other certificate"
fi
[ "$(systemctl show -p LoadState --value -- "$service")" = loaded ] || blocked "this host has no service $service"
printf '%s is valid until %s\n' "$certificate" "$(until_of <"$file")"
renew
load
printf 'port %s shows it, until %s\n' "$port" "$(served | until_of)"
