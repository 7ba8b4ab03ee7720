#!/bin/sh
# Runs what somebody wrote: its words are shown, and none of them is a report of ours.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# TITLE COMMAND...: ends as the command did.
aside() {
  printf -- '--- %s\n' "$1"
  shift
  {
    ended=$(
      {
        {
          if "$@" 3>&- 4>&- </dev/null 2>&1; then echo 0 >&3; else echo "$?" >&3; fi
        } | quoted >&4
      } 3>&1
    )
  } 4>&1
  return "$ended"
}
