#!/bin/sh
# A restore test in a scratch server: its room, its end, the rows of its tables, and what its verification says of them.
# shellcheck disable=SC2034,SC2154  # parameters, report.sh and scratch.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

check_room_for_a_server() {
  [ -d "$scratch" ] || blocked "there is no folder $scratch for the scratch server"
  free=$(df -Pk -- "$scratch" | awk 'NR == 2 { print $4 }')
  [ "$free" -gt $((quota / 1024 + 65536)) ] ||
    blocked "$scratch has $((free / 1024)) MiB free, the quota and a reserve need $((quota / 1048576 + 64)): give a smaller quota or another scratch"
  [ "${#place}" -le 80 ] || blocked "the name $place is too long for a socket: give a shorter scratch"
}
# A dump is a program, and a server that was told to follow another one calls it: both run where there is no network. The
# socket in the scratch folder works all the same.
cut_off() {
  apart="unshare -n"
  if $apart true 2>/dev/null; then return 0; fi
  apart=
  echo "this host cannot cut the scratch server off the network: it has no unshare that may do that"
}
end_processes() {
  tries=0
  while [ -n "$(processes_in "$1")" ]; do
    for pid in $(processes_in "$1"); do kill -9 "$pid" 2>/dev/null || true; done
    tries=$((tries + 1))
    [ "$tries" -le 50 ] || return 1
    sleep 0.1
  done
}
check_counts() {
  tables=$((tables + $(wc -l <"$work/questions")))
  rows=$((rows + $(awk '{ sum += $2 } END { printf "%.0f", sum }' "$work/answers")))
  if [ "$(wc -l <"$work/answers")" -ne "$(wc -l <"$work/questions")" ]; then wrong="not every table of $database is there"; fi
  if ! awk '$1 != $2 { exit 1 }' "$work/answers"; then wrong="a table of $database has other rows than the dump brought"; fi
}

say_rows() {
  # shellcheck disable=SC2046  # four figures
  set -- $(noted figures)
  if [ $# -eq 4 ]; then
    say_time "$1" "$2"
    printf 'msp: measurement restore_rows %s rows\n' "$4"
    printf '%s rows of %s tables came back in %s s\n' "$4" "$3" "$1"
  fi
}
