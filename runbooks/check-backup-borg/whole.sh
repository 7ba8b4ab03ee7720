#!/bin/sh
# Is every piece of the repository whole, also those that only old archives need? Needs no passphrase.
# shellcheck disable=SC2154  # functions.sh and the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

begin
code=0
ask_borg --lock-wait 60 check --repository-only "$repository" >"$work/out" || code=$?
cat "$work/out" "$work/said" | head -n 40 | quoted
if [ "$code" -eq 0 ]; then exit 0; fi
why=$(why)
case $(cat "$work/said") in
  *'acquire the lock'*) cannot_tell "another borg is at work: the repository was not read" ;;
  *'ntegrity'* | *'index'* | *'egment'*) printf 'msp: finding critical repository:data %s\n' "$why" ;;
  *) cannot_tell "the repository was not read: ${why:-borg ended with $code}" ;;
esac
