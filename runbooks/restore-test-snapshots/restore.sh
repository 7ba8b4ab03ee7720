#!/bin/sh
# Restores a sample of the newest complete snapshot into a scratch folder, compares it, and removes it, whatever comes.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

remove() { rm -rf -- "$place" "$work"; }

restore() {
  cut -d ' ' -f 2- "$work/chosen" | sed 's/^/.\//' >"$work/names"
  began=$(hundredths) code=0
  { tar -cf - -C "$folder/$newest" --no-recursion -T "$work/names" 2>"$work/reading" || echo cut >"$work/cut"; } |
    tar -xpf - -C "$place" 2>"$work/said" || code=$?
  took=$(($(hundredths) - began))
  cat "$work/reading" "$work/said" | head -n 20 | quoted
}

# With a manifest, by its sums; else by those of the snapshot, which proves the way and not the copy.
sum_of() {
  if [ -n "$manifest" ]; then
    LC_ALL=C NAME=$1 awk 'length($1) == 64 { name = substr($0, 67); sub(/^\.\//, "", name); if (name == ENVIRON["NAME"]) { print $1; exit } }' "$folder/$newest/$manifest"
  else
    sha256sum <"$folder/$newest/$1" | cut -d ' ' -f 1
  fi
}
compare() {
  good=0 same=0 bytes=0 unlisted=0
  while read -r size name; do
    copy=$place/$name
    sum=$(sum_of "$name")
    if [ -z "$sum" ]; then
      asked=$((asked - 1)) unlisted=$((unlisted + 1))
      continue
    fi
    if [ ! -f "$copy" ] || [ -L "$copy" ] || [ "$(sha256sum <"$copy" | cut -d ' ' -f 1)" != "$sum" ]; then
      printf '%s\n' "not restored as it was: $name" | quoted
      continue
    fi
    good=$((good + 1)) bytes=$((bytes + size))
    live=${original%/}/$name
    if [ -n "$original" ] && [ -f "$live" ] && [ ! -L "$live" ] && [ "$(stat -c '%s %Y' -- "$live")" = "$(stat -c '%s %Y' -- "$copy")" ]; then
      if cmp -s -- "$live" "$copy"; then same=$((same + 1)); else note "differs $live"; fi
    fi
  done <"$work/chosen"
}

[ "$(id -u)" -eq 0 ] || blocked "restoring owners and modes needs root"
[ -d "$folder" ] || blocked "there is no folder $folder with snapshots"
work=$(mktemp -d /run/restore-test-snapshots.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
begin_notes
newest_snapshot
if [ -z "$newest" ]; then
  note "problem $folder holds no complete snapshot${begins:+ whose name begins with $begins}"
  exit 0
fi
if [ -n "$manifest" ] && [ ! -s "$folder/$newest/$manifest" ]; then
  note "problem $newest has no $manifest: nothing says what its files should be"
  exit 0
fi
choose
passed=$(wc -l <"$work/passed-over")
if [ "$passed" -gt 0 ]; then note "passed $passed"; fi
if [ ! -s "$work/chosen" ]; then
  note "problem $newest holds no file that fits the sample"
  exit 0
fi
check_room
mkdir -p -- "$msp_kept/begun-snapshots"
sweep begun-snapshots nobody_is_in
mkdir -m 0700 -- "$place" || blocked "the scratch folder $place cannot be made"
trap remove EXIT
asked=$(wc -l <"$work/chosen")
restore
compare
note "figures $(seconds_of "$took") $bytes $asked $good $same"
if [ "$unlisted" -gt 0 ]; then note "unlisted $unlisted"; fi
if [ -e "$work/cut" ] || [ "$code" -ne 0 ] || [ "$good" -lt "$asked" ]; then
  note "problem of $asked files of $newest $good came back as they were: $({ cat "$work/reading" "$work/said" && echo "their content is another"; } | grep -m 1 . | words 200)"
fi
remove
[ ! -e "$place" ] || failed "the scratch folder $place cannot be removed"
printf 'msp: changed restore-test %s of %s files (%s bytes) of %s were restored, compared and removed again\n' \
  "$good" "$asked" "$bytes" "$newest"
note "done"
