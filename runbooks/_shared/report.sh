#!/bin/sh
# How a script says what it found and how it ends.
# shellcheck disable=SC2034  # scripts stand behind this file
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

touched=
blind=

failed() {
  printf 'msp: why %s\n' "$*"
  exit 1
}
# Once something was changed (`touched`), no way out is "blocked" any more.
blocked() {
  printf 'msp: why %s\n' "$*"
  if [ -n "$touched" ]; then exit 1; fi
  exit 75
}
cannot_tell() {
  printf 'msp: why %s\n' "$*"
  exit 75
}
# The same of what this run did.
cannot_verify() { cannot_tell "not verified: $*"; }
# What is looked at next may still be told; at its end the script says by 75 that it did not see everything.
unknown() {
  printf 'msp: why %s\n' "$*"
  blind=yes
}
finding() { printf 'msp: finding %s %s %s\n' "$@"; }

# Others chose these words and names: none of their lines may pass for a report. Lines come as they are said, where the
# host's sed can do that (busybox has no -u).
quoted() {
  if sed -u q </dev/null >/dev/null 2>&1; then set -- -u; fi
  LC_ALL=C sed "$@" -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'
}
# Names that end with NUL become lines; whatever else ends a line or moves a cursor becomes visible.
visible() { LC_ALL=C tr '\000\001-\037\177' '\n?'; }
# On one line, of at most so many bytes.
words() { LC_ALL=C tr '[:cntrl:]' ' ' | cut -c 1-"$1" | sed 's/ *$//'; }

# Seconds since the host was started: a clock that is set does not move it.
now() {
  read -r up _ </proc/uptime
  echo "${up%%.*}"
}
# Seconds until `deadline`; without one there are none.
left() {
  seconds=$((${deadline:-0} - $(now)))
  if [ "$seconds" -gt 0 ]; then echo "$seconds"; else echo 0; fi
}
