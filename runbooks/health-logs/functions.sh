#!/bin/sh
# From when on the journal can tell.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# A journal that begins later than asked for cannot say that nothing happened before.
require_journal() {
  command -v journalctl >/dev/null || blocked "this host keeps no journal (no journalctl)"
  first=$(journalctl --quiet --output=short-unix 2>/dev/null </dev/null | head -n 1 | cut -d . -f 1)
  case $first in "" | *[!0-9]*) blocked "the journal is empty: nothing can be said of errors" ;; esac
  begin=$(($(date +%s) - since))
  if [ "$first" -gt $((begin + 60)) ]; then
    printf 'msp: finding info journal begins at %s UTC: what was before is not known\n' \
      "$(date -u -d "@$first" '+%F %H:%M')"
  fi
}
