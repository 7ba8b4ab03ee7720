#!/bin/sh
# Starts a service anew and shows what it said before and after.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

state() { echo "$(property ActiveState) ($(property SubState))"; }

evidence() {
  printf '%s\n' "--- $service $1"
  {
    systemctl status --no-pager --full --lines=0 -- "$service" || true
    journalctl --no-pager --quiet --output=short-iso --lines=20 --unit="$service" || true
  } 2>&1 | quoted
}

# Restarting these takes the host, or the wire to it, down with them: whatever other name they are called by.
refuse_dangerous() {
  case $service in *@ | *@.service) failed "$service is a template: name one of its instances, such as ${service%.service}1" ;; esac
  case $service in -*) failed "'$service' is not the name of a service" ;; esac
  unit=$(property Id) || failed "systemd does not know what $service is"
  case $unit in
    dbus | dbus.* | dbus-broker* | systemd-* | init.* | *.scope | *.slice | *.mount | *.swap | *.target | *.device)
      failed "$unit is part of the system itself: restarting it would do harm" ;;
  esac
  case $(property LoadState) in
    loaded) ;;
    masked) failed "$service is masked: somebody switched it off for good; unmask it first if that was wrong" ;;
    *) failed "this host has no service $service ($(property LoadState))" ;;
  esac
}

# A running server with a broken configuration runs until somebody restarts it.
check_configuration() {
  case ${unit%.service} in
    nginx) set -- nginx -t ;;
    apache2) set -- apache2ctl configtest ;;
    httpd) set -- apachectl configtest ;;
    ssh | sshd) set -- sshd -t ;;
    haproxy) set -- haproxy -c -f /etc/haproxy/haproxy.cfg ;;
    *) return 0 ;;
  esac
  if ! command -v "$1" >/dev/null; then return 0; fi
  if ! said=$("$@" 2>&1); then
    printf '%s\n' "$said" | quoted
    blocked "the configuration of $service is broken, it was left alone: $(printf '%s\n' "$said" | grep . | head -n 1)"
  fi
}

# Many a service dies in its first moments, after systemd has called it started.
starts() {
  systemctl reset-failed -- "$service" 2>/dev/null || true
  systemctl restart -- "$service" || return 1
  for moment in 1 2 3 4; do
    case $(property ActiveState)/$(property SubState) in
      failed/* | */auto-restart) printf '%s ended again at moment %s\n' "$service" "$moment"; return 1 ;;
    esac
    sleep 0.5
  done
}

# A lock that names a process which does not run: after a crash it keeps many a service from starting. Only in the
# service's own folder in /run, which is empty after every boot, and only when it failed to start.
remove_stale_locks() {
  removed=
  for folder in $(property RuntimeDirectory); do
    for file in "/run/$folder"/*.lock "/run/$folder"/*.pid "/run/$folder/lock" "/run/$folder/pid"; do
      [ -f "$file" ] && [ ! -L "$file" ] || continue
      case $file in *[[:cntrl:]]*) continue ;; esac
      pid=$(head -c 20 -- "$file" | tr -d ' \n\0')
      case $pid in '' | *[!0-9]*) continue ;; esac
      if [ ! -d "/proc/$pid" ]; then
        rm -- "$file"
        removed=yes
        printf 'msp: changed %s removed: the lock of process %s, which does not run\n' "$file" "$pid"
      fi
    done
  done
  [ -n "$removed" ]
}

own_last_words() {
  journalctl --no-pager --quiet --output=short --lines=10 --unit="$service" 2>/dev/null |
    grep -v ' systemd\[' | tail -n 1 | sed 's/^[^]]*\]: //'
}

command -v systemctl >/dev/null || failed "systemd does not run this host"
refuse_dangerous
before=$(state)
evidence before
check_configuration
code=0
starts || { remove_stale_locks && starts; } || code=$?
evidence after
printf 'msp: changed %s restarted: %s -> %s\n' "$service" "$before" "$(state)"
if [ "$code" -ne 0 ]; then
  last=$(own_last_words)
  failed "$service does not start (result: $(property Result), exit status $(property ExecMainStatus))${last:+: $last}"
fi
