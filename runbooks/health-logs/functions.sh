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
  storage=$(systemd-analyze cat-config systemd/journald.conf 2>/dev/null </dev/null |
    sed -n 's/^[[:space:]]*Storage[[:space:]]*=[[:space:]]*//p' | tail -n 1 | LC_ALL=C tr -cd '[:alnum:]')
  case $storage in [Nn][Oo][Nn][Ee]) blocked "not verified: this host's journal stores nothing (Storage=none in journald.conf)" ;; esac
  newest=$(journalctl --quiet --output=short-unix --lines=1 2>/dev/null </dev/null | tail -n 1 | cut -d . -f 1)
  case $newest in "" | *[!0-9]*) newest=$first ;; esac
  silent=$(($(date +%s) - newest))
  [ "$silent" -le 172800 ] ||
    blocked "not verified: the newest entry of the journal is $((silent / 86400)) days old: is anything stored?"
  begin=$(($(date +%s) - since))
  if [ "$first" -gt $((begin + 60)) ]; then
    printf 'msp: finding info journal begins at %s UTC: what was before is not known\n' \
      "$(date -u -d "@$first" '+%F %H:%M')"
  fi
}
