#!/bin/sh
# Where the sample is restored, and which files of which snapshot it is made of.
# shellcheck disable=SC2034,SC2154  # the parameters stand in front of it, and the scripts use what it finds
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

newest_snapshot() {
  newest=$(snapshots | grep ' complete ' | tail -n 1) || true
  newest=${newest##* }
}
# A name with control characters, or one that sha256sum would bend, is only counted.
choose() {
  : >"$work/passed-over"
  (cd "$folder/$newest" && find . -xdev -type f -printf '%s %P\0' 2>/dev/null) | LC_ALL=C tr '\n\000' '\001\n' |
    LC_ALL=C awk -v marker="$marker" -v manifest="$manifest" -v passed_over="$work/passed-over" '
    match($0, /^[0-9]+ /) {
      name = substr($0, RLENGTH + 1)
      if (name == "" || name == marker || name == manifest) next
      if (name ~ /[\001-\037\177\\]|^[ \/]| $|(^|\/)\.\.(\/|$)/) { print "x" >passed_over; next }
      print $1, name
    }' | sample
}
