#!/bin/sh
# Which archives are there, how old is the newest of each series, and did it shrink? borg lists damaged ones, too.
# shellcheck disable=SC2154  # functions.sh and the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

list() {
  if ask_borg list --bypass-lock --format '{time}|{archive}{NL}' "$repository" >"$work/listed"; then return 0; fi
  head -n 20 "$work/said" | quoted
  why=$(why)
  case $(cat "$work/said") in
    *'does not exist'* | *'not a valid repository'* | *'has no manifest'* | *'ntegrity'*)
      finding critical repository "cannot be opened: $why"
      printf 'msp: why the repository cannot be opened: %s\n' "$why"
      exit 1 ;;
  esac
  cannot_tell "borg cannot look into the repository: $why"
}

# As it was before the copy was packed: what borg would give back.
size_of() {
  ask_borg list --bypass-lock --format '{type} {size}{NL}' "$repository::$1" >"$work/files" || return 1
  awk '$1 == "-" { files++; bytes += $2 } END { printf "%d %.0f\n", files, bytes }' "$work/files"
}

judge_age() {
  age=$(($(date +%s) - $2))
  [ "$age" -ge -3600 ] || cannot_tell "the newest archive of $1 comes from the future: the clock of a host is wrong"
  if [ "$age" -lt 0 ]; then age=0; fi
  printf 'msp: measurement backup_age:%s %s seconds\n' "$1" "$age"
  if [ "$age" -gt "$max_age" ]; then
    finding critical "$1:age" "the newest archive is $((age / 3600)) hours old, allowed are $((max_age / 3600))"
  else
    printf '%s\n' "$1" >>"$work/fresh"
  fi
}

judge_size() {
  awk -v key="$1" '$2 == key' "$work/archives" | tail -n 4 | cut -d ' ' -f 3- >"$work/names"
  : >"$work/sizes"
  while read -r name; do
    size=$(size_of "$name") || {
      finding critical "$1:listing" "the files of an archive cannot be listed: $(why)"
      return 0
    }
    printf '%s\n' "$size" >>"$work/sizes"
  done <"$work/names"
  awk -v key="$1" '
    { files = $1; bytes = $2; earlier[NR] = $2 }
    END {
      print "msp: measurement backup_size:" key " " bytes " bytes"
      print "msp: measurement backup_files:" key " " files " files"
      if (!files) { print "msp: finding critical " key ":size the newest archive holds no file"; exit }
      for (i = 1; i < NR; i++) for (j = i + 1; j < NR; j++) if (earlier[j] < earlier[i]) {
        keep = earlier[i]; earlier[i] = earlier[j]; earlier[j] = keep
      }
      n = NR - 1; usual = n % 2 ? earlier[(n + 1) / 2] : (earlier[n / 2] + earlier[n / 2 + 1]) / 2
      if (n && bytes < usual / 2)
        printf "msp: finding warning %s:size the newest has %s bytes, usual are %d: is something missing?\n", key, bytes, usual
    }' "$work/sizes"
}

# A source that is missing is a warning of borg alone: the archive is made without it.
judge_paths() {
  newest=$(tail -n 1 "$work/archives" | cut -d ' ' -f 3-)
  set -f
  for path in $paths; do
    set +f
    held=$(ask_borg list --bypass-lock --format 'x{NL}' "$repository::$newest" "pp:${path#/}" | head -n 1) || true
    [ -n "$held" ] || finding critical "$(printf '%s' "$path" | tr -c 'A-Za-z0-9/._-' _):path" "the newest archive does not hold this path"
  done
}

judge_expected() {
  set -f
  for wanted in $expected; do
    set +f
    awk -v wanted="$wanted" 'index($0, wanted) == 1 { found = 1 } END { exit !found }' "$work/fresh" ||
      finding critical "$(printf '%s' "$wanted" | tr -c 'A-Za-z0-9@._-' _):expected" "no fresh archive has a name that begins so"
  done
}

begin
list
archives
: >"$work/fresh"
if [ ! -s "$work/archives" ]; then
  none="the repository holds no archive${begins:+ whose name begins with $begins}"
  finding critical archives "$none"
  printf 'msp: why %s\n' "$none"
  exit 1
fi
awk '{ newest[$2] = $1 } END { for (key in newest) print key, newest[key] }' "$work/archives" | sort >"$work/series"
while read -r key at; do
  printf '%s: %s archives\n' "$key" "$(awk -v key="$key" '$2 == key' "$work/archives" | wc -l)"
  judge_age "$key" "$at"
  judge_size "$key"
done <"$work/series"
judge_paths
judge_expected
