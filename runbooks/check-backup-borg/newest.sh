#!/bin/sh
# Can the newest archive of each series be read back? Every piece of it is fetched, decrypted and compared with its name.
# shellcheck disable=SC2154  # functions.sh and the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

read_back() {
  if ask_borg extract --dry-run --bypass-lock "$repository::$2" >/dev/null; then
    printf '%s: read back\n' "$1"
    printf 'msp: measurement backup_newest_read:%s 1 archives\n' "$1"
    return 0
  fi
  head -n 20 "$work/said" | quoted
  why=$(why)
  if is_busy; then
    printf 'msp: why %s was not read back, another borg is at work or the way there broke: %s\n' "$1" "$why"
    blind=yes
    return 0
  fi
  printf 'msp: measurement backup_newest_read:%s 0 archives\n' "$1"
  printf 'msp: finding critical %s:data the newest archive cannot be read back: %s\n' "$1" "${why:-borg does not say why}"
}

begin
ask_borg list --bypass-lock --format '{time}|{archive}{NL}' "$repository" >"$work/listed" ||
  cannot_tell "borg cannot look into the repository: $(why)"
archives
[ -s "$work/archives" ] || cannot_tell "there is no archive that could be read back"
awk '{ key = $2; sub(/^[^ ]+ [^ ]+ /, ""); newest[key] = $0 } END { for (key in newest) print key, newest[key] }' \
  "$work/archives" | sort >"$work/series"
while read -r key name; do read_back "$key" "$name"; done <"$work/series"
[ -z "$blind" ] || exit 75
