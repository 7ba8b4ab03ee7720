#!/bin/sh
# Says which packages would go back, and which cannot. Changes nothing.
# shellcheck disable=SC2034,SC2154  # the parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
export LC_ALL

manager=$(manager)
require_manager
make_work
deadline=$(now)
lock_avoided
read_run
find_older_versions
while IFS='|' read -r name version; do
  is=$(grep -m 1 -F -e "$name|" "$work/installed" || true)
  why=
  if grep -q -x -F -e "$name|$version" "$work/lost-versions"; then why=" (cannot: nobody has that version any more)"; fi
  is=${is#*|}
  printf '%s %s -> %s%s\n' "$(plain "$name")" "${is:-not installed}" "$version" "$why"
done <"$work/wanted" | quoted
while IFS='|' read -r name version; do
  printf '%s %s came with that run in place of nothing, and stays\n' "$(plain "$name")" "$version"
  if is_kernel "$(plain "$name")"; then echo "the next start boots that kernel"; fi
done <"$work/new" | quoted
printf '%s packages would go back\n' "$(wc -l <"$work/words")" | quoted
