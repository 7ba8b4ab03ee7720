#!/bin/sh
# Ends and removes what a restore that was broken off has left: its server and its scratch folder.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

must_be_ours
[ -d "$msp_kept/begun" ] || failed "$place is not what the restore made: it was left alone"
end_processes "$place" || failed "a process of the scratch server does not end"
remove_scratch "its server was ended, it was removed"
