#!/bin/sh
# Ends what matches: asks first (TERM), then by force (KILL). Never by id alone: an id is given away again.
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
# Command lines are chosen by anybody: what could end a line or move a cursor becomes visible.
visible() { LC_ALL=C tr "\000\001-\037\177" " ?"; }

# `begin` is when it started, in ticks since the boot: with the id it names one process for ever. Its name may hold
# anything, also `) 1 (`: the fields are counted behind the last bracket. Fails when there is no such process.
look_at() {
  stat=""
  { while IFS= read -r piece; do stat="$stat$piece?"; done <"/proc/$1/stat"; } 2>/dev/null || return 1
  [ -n "$stat" ] || return 1
  program=${stat#*\(} program=${program%\)*}
  # shellcheck disable=SC2086  # fields are words
  set -- ${stat##*\) }
  mode=$1 parent=$2 flags=$7 begin=${20}
}

# We, whoever started us and whoever we started: all of them may have the pattern in their command line.
own_line() {
  pid=$$ line=" "
  while [ "$pid" -gt 0 ] && look_at "$pid"; do
    line="$line$pid "
    pid=$parent
  done
}
is_ours() {
  member=$1
  while [ "$member" -gt 1 ]; do
    if [ "$member" -eq $$ ]; then return 0; fi
    look_at "$member" || return 0
    member=$parent
  done
  return 1
}

# PF_KTHREAD of the flags
is_kernel_thread() { [ $((flags & 0x200000)) -ne 0 ]; }

# A zombie has none any more.
command_line() {
  if [ "$mode" = Z ]; then printf "[%s]\n" "$(printf "%s" "$program" | visible)"; return 0; fi
  { visible <"$folder/cmdline" || true; } 2>/dev/null | sed "s/ $//"
}

matching() {
  for folder in /proc/[0-9]*; do
    pid=${folder#/proc/}
    case $line in *" $pid "*) continue ;; esac
    if ! look_at "$pid" || is_kernel_thread; then continue; fi
    at=$begin state=$mode
    if [ -n "$user" ] && [ "$(stat -c %u "$folder" 2>/dev/null)" != "$uid" ]; then continue; fi
    command=$(command_line | grep -E -e "$pattern") || continue
    case $command in *"/run/msp-ops/"*) continue ;; esac
    if is_ours "$pid"; then continue; fi
    printf "%s %s %s %.300s\n" "$pid" "$at" "$state" "$command"
  done
}
know_whom() {
  grep -q -E -e "$pattern" /dev/null 2>/dev/null || [ $? -eq 1 ] || blocked "$pattern is not a regular expression"
  if printf "\n" | grep -q -E -e "$pattern"; then blocked "$pattern matches everything"; fi
  uid=""
  if [ -n "$user" ]; then uid=$(id -u -- "$user" 2>/dev/null) || blocked "this host has no user $user"; fi
  own_line
}

is_there() { look_at "$1" && [ "$begin" = "$2" ] && [ "$mode" != Z ]; }

# Without these a host or the way to it is lost, whatever the pattern says.
refuse_dangerous() {
  if [ "$1" -eq 1 ]; then blocked "the pattern also matches process 1, which starts everything else: say more"; fi
  look_at "$1" || return 0
  case $program in
    sshd* | systemd | systemd-* | dbus-daemon | dbus-broker* | init | dockerd | containerd | agetty | login | sudo | su)
      blocked "the pattern also matches process $1 ($program), which the host or the way to it needs: say more" ;;
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

work=$(mktemp -d /run/fix-process.XXXXXX) || blocked "no room in /run, or not root"
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
[ "$count" -le "$most" ] || blocked "the pattern matches $count processes, at most $most may be ended: say more, or raise most"
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
