#!/bin/sh
# The proof that somebody gave; without one nobody knows whether the aim is reached.
# shellcheck disable=SC2154  # parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

if [ -z "$proof" ]; then
  cannot_verify "that a script ends well proves nothing; say with --proof what must be so afterwards"
fi
if aside "the proof" sh -c "$proof"; then code=0; else code=$?; fi
case $code in
  0) echo "the proof holds" ;;
  75 | 126 | 127) cannot_verify "the proof could not be looked at: it ended with $code" ;;
  *) failed "the proof does not hold: it ended with $code" ;;
esac
