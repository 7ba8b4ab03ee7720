#!/bin/sh
# Ends what matches: asks first (TERM), then by force (KILL). Never by id alone: an id is given away again.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

is_there() { look_at "$1" && [ "$begin" = "$2" ] && [ "$mode" != Z ]; }

# Without these a host or the way to it is lost, whatever the pattern says.
refuse_dangerous() {
  if [ "$1" -eq 1 ]; then cannot_tell "the pattern also matches process 1, which starts everything else: say more"; fi
  look_at "$1" || return 0
  case $program in
    sshd* | systemd | systemd-* | dbus-daemon | dbus-broker* | init | dockerd | containerd | agetty | login | sudo | su)
      cannot_tell "the pattern also matches process $1 ($program), which the host or the way to it needs: say more" ;;
  esac
}
# An id that meanwhile belongs to another process is left alone.
signal() {
  if is_there "$2" "$3"; then kill -s "$1" "$2" 2>/dev/null || true; fi
}
left() {
  while read -r pid at state command; do
    if is_there "$pid" "$at"; then printf '%s %s %s %s\n' "$pid" "$at" "$state" "$command"; fi
  done <"$work/found"
}
# Until none is left or the time is over, in tenths of a second.
wait_for_all() {
  tenths=$1
  while [ -n "$(left)" ] && [ "$tenths" -gt 0 ]; do
    tenths=$((tenths - 1))
    sleep 0.1
  done
  [ -z "$(left)" ]
}
send() {
  left | while read -r pid at _; do signal "$1" "$pid" "$at"; done
}

work=$(mktemp -d /run/fix-process.XXXXXX) || cannot_tell "no room in /run, or not root"
trap 'rm -rf -- "$work"' EXIT
know_whom
matching >"$work/all"
grep -v -E '^[0-9]+ [0-9]+ Z ' "$work/all" >"$work/found" || true
grep -E '^[0-9]+ [0-9]+ Z ' "$work/all" | while read -r pid at state command; do
  look_at "$pid" || continue
  printf 'msp: finding info zombie:%s is dead already, process %s has not taken note of it\n' "$pid" "$parent"
done
if [ ! -s "$work/found" ]; then
  echo "no process matches"
  exit 0
fi
echo "found:"
sed 's/^/  /' "$work/found"
while read -r pid at state command; do refuse_dangerous "$pid"; done <"$work/found"
count=$(wc -l <"$work/found")
[ "$count" -le "$most" ] || cannot_tell "the pattern matches $count processes, at most $most may be ended: say more, or raise most"
(umask 077 && mkdir -p -- "$msp_kept")
cut -d ' ' -f 1,2 "$work/found" >"$msp_kept/ended"

send TERM
if ! wait_for_all $((grace * 10)); then
  left >"$work/stubborn"
  send KILL
  wait_for_all 50 || true
fi
while read -r pid at state command; do
  if is_there "$pid" "$at"; then continue; fi
  how="ended after TERM"
  if [ -e "$work/stubborn" ] && grep -q -E "^$pid $at " "$work/stubborn"; then how="killed, it did not end by itself"; fi
  printf 'msp: changed process:%s %s: %s\n' "$pid" "$how" "$(printf '%s' "$command" | cut -c 1-200)"
done <"$work/found"
rest=$(left | cut -d ' ' -f 1,3 | tr '\n' ' ')
[ -z "$rest" ] || failed "not even KILL ends process $rest: it waits for a device (state D) or is being traced"
