#!/bin/sh
# Where the sample is restored, which files it is made of, and how borg is asked.
# shellcheck disable=SC2034,SC2154  # the parameters stand in front of it, and the scripts use what it finds
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# One that removes old archives meanwhile may look like damage.
is_busy() { [ -e "$repository/lock.exclusive" ]; }

newest_archive() {
  ask_borg list --bypass-lock --last 1 --glob-archives "$begins*" --format '{archive}{NL}' "$repository" >"$work/archive" ||
    return 1
  archive=$(cat "$work/archive")
  case $archive in *[[:cntrl:]]*) blocked "the newest archive has a name that is not looked at" ;; esac
}
# A name with control characters is passed over. All names of an archive are too many for /run, which is memory.
choose() {
  below=${within#/}
  rm -f -- "$work/unlisted"
  {
    ask_borg list --bypass-lock --format '{type} {size} {path}{NUL}' "$repository::$archive" ${below:+"pp:$below"} ||
      : >"$work/unlisted"
  } | LC_ALL=C tr '\n\000' '\001\n' | LC_ALL=C awk '
    $1 == "-" && match($0, /^- [0-9]+ /) {
      name = substr($0, RLENGTH + 1)
      if (name ~ /[\001-\037\177\\]|^[ \/]| $|(^|\/)\.\.(\/|$)/ || name == "") next
      print $2, name
    }' | sample
  [ ! -e "$work/unlisted" ]
}
