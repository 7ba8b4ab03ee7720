#!/bin/sh
# Every package that the run changed has the version from before it again. Changes nothing.
# shellcheck disable=SC2034,SC2154  # the parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
export LC_ALL

manager=$(manager)
require_manager
make_work
deadline=$(now)
: >"$work/side-by-side"
read_run
still=$(cut -d '|' -f 1 "$work/wanted" | tr '\n' ' ')
[ -z "$still" ] || failed "not at the version from before: $still"
half=$(unfinished | tr '\n' ' ')
[ -z "$half" ] || failed "not fully installed: $half"
echo "what run $run changed is as it was before"
