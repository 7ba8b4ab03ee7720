#!/bin/sh
# What did the restore show, did it take too long, and is its scratch folder gone? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

must_be_gone
say_files
warning=$(noted warning)
if [ -n "$warning" ]; then finding warning borg-warns "the files came back and borg warned: $warning"; fi
say_how_it_ended
