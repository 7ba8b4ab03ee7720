#!/bin/sh
# Says which packages would change, from the package lists as they are. Changes nothing.
# shellcheck disable=SC2034,SC2154  # the parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
export LC_ALL

lists_of_apt() {
  newest=$(for list in /var/lib/apt/lists/*Release /var/lib/apt/periodic/update-success-stamp; do
    if [ -e "$list" ]; then stat -c %Y -- "$list"; fi
  done | sort -n | tail -n 1)
  [ -n "$newest" ] || blocked "there are no package lists yet: the run itself fetches them"
  age=$((($(date +%s) - newest) / 3600))
  if [ "$age" -lt 0 ]; then
    echo "package lists are $((-age)) hours ahead of this host's clock: which clock is wrong? The run refreshes them first"
  else
    echo "package lists are $age hours old; the run refreshes them first"
  fi
}
lists_of() {
  ls "$@" >/dev/null 2>&1 || blocked "there are no package lists yet: the run itself fetches them"
}

manager=$(manager)
require_manager
make_work
deadline=$(now)
case $manager in
  apt) lists_of_apt ;;
  dnf) lists_of /var/cache/dnf/*/repodata ;;
  *) lists_of /var/cache/zypp/raw/*/repodata ;;
esac
read_holds
plan_upgrade
sort -u "$work/waiting" "$work/planned" | while read -r name old new kind; do
  why="kept back: stays"
  if grep -q -x -F -e "$name $old $new $kind" "$work/planned"; then
    why=
  elif line=$(grep -m 1 -F -e "$name " "$work/stays" | grep -E "^[^ ]* (info|warning) "); then
    why=${line#* * }
  elif [ "$only_security" = yes ] && [ "$kind" = other ]; then
    why="not a security update: stays"
  fi
  if [ "$old" = - ]; then old=new; fi
  if [ "$kind" = security ]; then new="$new [security]"; fi
  printf '%s %s -> %s%s\n' "$name" "$old" "$new" "${why:+ ($why)}"
done | quoted
awk '$1 == "Remv" || $1 == "Purg" { print $2 " would be removed" }
  $1 == "remove" || $1 == "replaced" { print $2 " would be removed" }' "$work/plan" | quoted
printf '%s packages would change\n' "$(wc -l <"$work/planned")" | quoted
