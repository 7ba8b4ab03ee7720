#!/bin/sh
# Makes read-only again what the fix made writable: when errors come, nothing more is written.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TMPDIR=/run
export LC_ALL PATH TMPDIR

if [ ! -e "$msp_kept/target" ]; then
  echo "nothing was made writable"
  exit 0
fi
path=$(cat -- "$msp_kept/target")
if is_read_only; then
  printf '%s is read-only\n' "$path"
  exit 0
fi
sync
case $(cat -- "$msp_kept/kind") in fs) how=remount,ro ;; *) how=remount,bind,ro ;; esac
said=$(mount -o "$how" -- "$path" 2>&1) || failed "$path cannot be made read-only: $(printf '%s\n' "$said" | head -n 1)"
is_read_only || failed "$path is still writable"
printf 'msp: changed %s is read-only again\n' "$(printf '%s' "$path" | tr ' ' '_')"
