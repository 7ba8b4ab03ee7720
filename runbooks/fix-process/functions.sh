#!/bin/sh
# Which processes match the pattern. Why it cannot go on, each script says in its own words: `cannot`.
# shellcheck disable=SC2154,SC2034  # the runbook's parameters stand in front of this, a script behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

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
  grep -q -E -e "$pattern" /dev/null 2>/dev/null || [ $? -eq 1 ] || cannot_tell "$pattern is not a regular expression"
  if printf "\n" | grep -q -E -e "$pattern"; then cannot_tell "$pattern matches everything"; fi
  uid=""
  if [ -n "$user" ]; then uid=$(id -u -- "$user" 2>/dev/null) || cannot_tell "this host has no user $user"; fi
  own_line
}
