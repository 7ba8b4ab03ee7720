#!/bin/sh
# Shows the script that would be run, and whether its aim is reached already.
# shellcheck disable=SC2154  # parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

if [ -n "$proof" ] && aside "the proof, now" sh -c "$proof"; then
  echo "it holds already: the script would not be run"
  exit 0
fi
echo "--- the script would be run"
quoted <"$script"
