#!/bin/sh
# Can the newest dump of each series be read to its end? mysqldump writes its last words only when it is done.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

magic() { head -c 4 -- "$1" | od -An -tx1 | tr -d ' \n'; }

opener() {
  case $(magic "$1") in
    1f8b*) echo gzip ;;
    28b52ffd) echo zstd ;;
    fd377a58) echo xz ;;
    425a68*) echo bzip2 ;;
    2d2d* | 2f2a* | 5345* | 0a* | efbbbf2d) echo cat ;;
    '') echo none ;;
    *) echo unknown ;;
  esac
}
# The packer's own word comes last: it has seen the whole file and its checksum.
contents() {
  case $1 in
    cat) nice cat -- "$2" 2>&1 ;;
    *) nice "$1" -dc -- "$2" 2>"$work/said" ;;
  esac || printf '\n(cut)\n'
}
# Of a comment at the beginning of a line: in data, mysqldump writes an end of line as two signs.
read_to_end() {
  contents "$1" "$2" | LC_ALL=C awk '
    /^-- (MySQL|MariaDB) dump/ || /^-- Server version/ { known = 1 }
    /^CREATE TABLE / { tables++ }
    /^-- Dump completed/ { done = NR }
    { last = $0 }
    END {
      if (last == "(cut)") print "cut"
      else if (!known) print "strange"
      else if (!done || NR - done > 12) print "unfinished"
      else print "whole", tables + 0
    }'
}

damaged() {
  age=$(($(date +%s) - $1))
  if [ "$age" -lt 120 ]; then
    unknown "$2 is not whole but was written a moment ago: is it still being written?"
    return 0
  fi
  printf 'msp: measurement backup_read:%s 0 dumps\n' "$2"
  printf 'msp: finding critical %s:data %s cannot be read to its end: %s\n' "$2" "$3" "$4"
}

prove() {
  with=$(opener "$3")
  case $with in
    none) damaged "$1" "$2" "$3" "it is empty"; return 0 ;;
    unknown) damaged "$1" "$2" "$3" "it is no dump in a form that is known here (is it encrypted?)"; return 0 ;;
  esac
  if ! command -v "$with" >/dev/null; then
    unknown "$2 was not read: $with is not installed on this host"
    return 0
  fi
  : >"$work/said"
  told=$(read_to_end "$with" "$3")
  case $told in
    whole*)
      printf 'msp: measurement backup_read:%s 1 dumps\n' "$2"
      printf 'msp: measurement backup_tables:%s %s tables\n' "$2" "${told#whole }"
      printf '%s is whole: %s tables\n' "$2" "${told#whole }"
      [ "$told" != "whole 0" ] || printf 'msp: finding warning %s:tables the dump is whole and creates no table\n' "$2" ;;
    cut) damaged "$1" "$2" "$3" "$(grep -m 1 . "$work/said" | words 200)" ;;
    strange) damaged "$1" "$2" "$3" "it does not begin as a dump of MySQL or MariaDB does" ;;
    *) damaged "$1" "$2" "$3" "it does not end with: Dump completed (a dump made with skip-comments never does)" ;;
  esac
}

tab=$(printf "\t")
work=$(mktemp -d /run/check-backup-mysql.XXXXXX) || cannot_tell "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
{ [ -d "$folder" ] && dumps >"$work/dumps"; } || cannot_tell "the folder $folder cannot be read in full"
say_passed_over
[ -s "$work/dumps" ] || cannot_tell "there is no dump that could be read"
awk -F '\t' -v OFS='\t' '{ newest[$3] = $1 OFS $3 OFS $4 } END { for (key in newest) print newest[key] }' "$work/dumps" |
  sort >"$work/newest"
while IFS="$tab" read -r at key path; do prove "$at" "$key" "$path" </dev/null; done <"$work/newest"
[ -z "$blind" ] || exit 75
