#!/bin/sh
# Runs the script, unless its proof holds already.
# shellcheck disable=SC2154  # parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

if [ -n "$proof" ] && aside "the proof, before" sh -c "$proof"; then
  echo "it holds already: nothing was run"
  exit 0
fi
if aside "the script" sh "$script"; then code=0; else code=$?; fi
# Whatever it ended with: what it did on its way nobody knows.
printf 'msp: changed script was run and ended with %s\n' "$code"
if [ "$code" -ne 0 ]; then failed "the script ended with $code"; fi
