#!/bin/sh
# A restore test of files: which of them it takes, and what its verification says of them.
# shellcheck disable=SC2034,SC2154  # parameters, report.sh and scratch.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# From lines of `BYTES NAME`, in an order that is the same each time. So a sound sample never hides that another one was
# not.
sample() {
  LC_ALL=C awk -v quota="$quota" '
    BEGIN { signs = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ._- " }
    function die(name,    i, sum) {
      sum = length(name)
      for (i = length(name); i > 0 && i > length(name) - 16; i--) sum = (sum * 31 + index(signs, substr(name, i, 1))) % 65521
      return sum
    }
    $1 <= quota + 0 { name = $0; sub(/^[0-9]+ /, "", name); printf "%d %.0f %s\n", die(name), $1, name }' |
    LC_ALL=C sort -n -k 1,1 -k 3 | awk -v most="$files" -v quota="$quota" '
      sum + $2 <= quota + 0 && n < most + 0 { sum += $2; n++; sub(/^[0-9]+ /, ""); print }' >"$work/chosen"
}
check_room() {
  [ -d "$scratch" ] || blocked "there is no folder $scratch to restore into"
  wanted=$(awk '{ sum += $1 } END { printf "%.0f", sum / 1024 + 65536 }' "$work/chosen")
  free=$(df -Pk -- "$scratch" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$wanted" ] || blocked "$scratch has $((free / 1024)) MiB free, the sample and a reserve need $((wanted / 1024))"
}

say_files() {
  # shellcheck disable=SC2046  # five figures
  set -- $(noted figures)
  if [ $# -eq 5 ]; then
    say_time "$1" "$2"
    printf '%s of %s files came back in %s s, %s of them are still on this host and the same\n' "$4" "$3" "$1" "$5"
  fi
  differs=$(noted differs)
  if [ -n "$differs" ]; then
    finding warning same-time-other-content "$differs on this host has the time and size of its backup and another content"
  fi
}
