#!/bin/sh
# Restores a sample of the newest archive into a scratch folder, compares it, and removes it, whatever comes.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

remove() { rm -rf -- "$place" "$work"; }

# A passphrase that is wrong, a repository that was moved, exchanged or is gone: none of them is a backup.
not_opened() {
  quoted <"$work/said"
  case $(cat "$work/said") in
    *'onnection closed'* | *'onnection refused'* | *'timed out'* | *'not resolve'*) blocked "the repository is not reached: $(why)" ;;
  esac
  if is_busy; then blocked "another borg is at work in the repository: $(why)"; fi
  note "problem borg cannot open the backup: $(why)"
  exit 0
}

# What the repository says of their content: borg reads their data for it, apart from the restore.
read_sums() {
  set --
  while read -r _ name; do set -- "$@" "pf:$name"; done <"$work/chosen"
  ask_borg list --bypass-lock --format '{sha256} {path}{NL}' "$repository::$archive" "$@" >"$work/sums"
}

restore() {
  set --
  while read -r _ name; do set -- "$@" "pf:$name"; done <"$work/chosen"
  began=$(hundredths) code=0
  (cd "$place" && ask_borg extract --bypass-lock "$repository::$archive" "$@" >"$work/told") || code=$?
  took=$(($(hundredths) - began))
  # borg says so of every path that is given in full; whether they came back, the comparison tells.
  grep -v '^Include pattern .* never matched\.$' "$work/said" >"$work/rest" || true
  cat "$work/rest" >"$work/said"
  if [ "$code" -eq 1 ] && [ ! -s "$work/said" ]; then code=0; fi
  cat "$work/told" "$work/said" | tail -n 20 | quoted
}

# A file that still lies on this host, unchanged by its time, tells more: that the right thing was backed up.
compare() {
  good=0 same=0 bytes=0
  while read -r size name; do
    copy=$place/$name
    if [ ! -f "$copy" ] || [ -L "$copy" ] || [ "$(stat -c %s -- "$copy")" != "$size" ] ||
      ! grep -q -x -F -e "$(sha256sum <"$copy" | cut -d ' ' -f 1) $name" "$work/sums"; then
      printf '%s\n' "not restored as it was: $name" | quoted
      continue
    fi
    good=$((good + 1)) bytes=$((bytes + size))
    if [ -f "/$name" ] && [ ! -L "/$name" ] && [ "$(stat -c '%s %Y' -- "/$name")" = "$(stat -c '%s %Y' -- "$copy")" ]; then
      if cmp -s -- "/$name" "$copy"; then same=$((same + 1)); else note "differs /$name"; fi
    fi
  done <"$work/chosen"
}

judge() {
  if [ "$good" -eq "$asked" ] && [ "$code" -eq 0 ]; then return 0; fi
  if is_busy; then
    note "busy $good of $asked files came back, while another borg was at work in the repository"
    return 0
  fi
  if [ "$good" -eq "$asked" ] && [ "$code" -eq 1 ]; then
    note "warning $(why)"
    return 0
  fi
  note "problem of $asked files of $archive $good came back as they were, borg ended with $code: $(why)"
}

[ "$(id -u)" -eq 0 ] || blocked "restoring owners and modes needs root"
command -v borg >/dev/null || blocked "borg is not installed on this host"
[ -z "$passphrase_file" ] || [ -r "$passphrase_file" ] || blocked "there is no file $passphrase_file that can be read"
work=$(mktemp -d /run/restore-test-borg.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
begin_notes
know_what_borg_knows
newest_archive || not_opened
if [ -z "$archive" ]; then
  note "problem the repository holds no archive${begins:+ whose name begins with $begins}"
  exit 0
fi
choose || not_opened
if [ ! -s "$work/chosen" ]; then
  note "problem archive $archive holds no file that fits the sample"
  exit 0
fi
check_room
mkdir -p -- "$msp_kept/begun-borg"
sweep begun-borg nobody_is_in
mkdir -m 0700 -- "$place" || blocked "the scratch folder $place cannot be made"
trap remove EXIT
asked=$(wc -l <"$work/chosen")
read_sums || true # then nothing compares
restore
compare
note "figures $(seconds_of "$took") $bytes $asked $good $same"
judge
remove
[ ! -e "$place" ] || failed "the scratch folder $place cannot be removed"
printf 'msp: changed restore-test %s of %s files (%s bytes) of %s were restored, compared and removed again\n' \
  "$good" "$asked" "$bytes" "$archive"
note "done"
