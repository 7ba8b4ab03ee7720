#!/bin/sh
# What did the restore show, did it take too long, and is its scratch folder gone? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

must_be_gone
say_files
unlisted=$(noted unlisted)
if [ -n "$unlisted" ]; then
  finding warning unlisted "$unlisted files of the sample are not in $manifest: nothing says what they should be"
fi
passed=$(noted passed)
if [ -n "$passed" ]; then
  finding info passed-over "$passed files of the snapshot have names that no line can hold: they were not in the sample"
fi
say_how_it_ended
