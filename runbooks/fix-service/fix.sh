#!/bin/sh
# Starts a service anew and shows what it said before and after.
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
property() { systemctl show --property="$1" --value -- "$service"; }
state() { echo "$(property ActiveState) ($(property SubState))"; }

evidence() {
  echo "--- $service $1"
  systemctl status --no-pager --full --lines=0 -- "$service" || true
  journalctl --no-pager --quiet --output=short-iso --lines=20 --unit="$service" || true
}

# Restarting these takes the host, or the wire to it, down with them.
refuse_dangerous() {
  case $service in
    -*) failed "'$service' is not the name of a service" ;;
    dbus | dbus.* | dbus-broker* | systemd-* | init.* | *.scope | *.slice | *.mount | *.swap | *.target | *.device)
      failed "$service is part of the system itself: restarting it would do harm" ;;
  esac
  case $(property LoadState) in
    loaded) ;;
    masked) failed "$service is masked: somebody switched it off for good; unmask it first if that was wrong" ;;
    *) failed "this host has no service $service ($(property LoadState))" ;;
  esac
}

# A running server with a broken configuration runs until somebody restarts it.
check_configuration() {
  case ${service%.service} in
    nginx) set -- nginx -t ;;
    apache2) set -- apache2ctl configtest ;;
    httpd) set -- apachectl configtest ;;
    ssh | sshd) set -- sshd -t ;;
    haproxy) set -- haproxy -c -f /etc/haproxy/haproxy.cfg ;;
    *) return 0 ;;
  esac
  if ! command -v "$1" >/dev/null; then return 0; fi
  if ! said=$("$@" 2>&1); then
    printf '%s\n' "$said"
    blocked "the configuration of $service is broken, it was left alone: $(printf '%s\n' "$said" | grep . | head -n 1)"
  fi
}

command -v systemctl >/dev/null || failed "systemd does not run this host"
refuse_dangerous
before=$(state)
evidence before
check_configuration
systemctl reset-failed -- "$service" 2>/dev/null || true
code=0
systemctl restart -- "$service" || code=$?
after=$(state)
evidence after
printf 'msp: changed %s restarted: %s -> %s\n' "$service" "$before" "$after"
if [ "$code" -ne 0 ] || [ "$(property ActiveState)" = failed ]; then
  last=$(journalctl --no-pager --quiet --output=cat --lines=1 _SYSTEMD_UNIT="$(property Id)" 2>/dev/null || true)
  failed "$service does not start (result: $(property Result), exit status $(property ExecMainStatus))${last:+: $last}"
fi
