#!/bin/sh
# The dumps, by their series.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

files() {
  find -H "$folder" -maxdepth 2 -type f ! -iname '*.sha*' ! -iname '*.md5' ! -iname '*.log' ! -iname '*.tmp' ! -iname '*.part*' "$@"
}
# Those whose names no line can hold: nothing is known of them.
say_passed_over() {
  count=$(files -path '*[[:cntrl:]]*' -print0 | LC_ALL=C tr -dc '\0' | wc -c)
  case $count in
    0) ;;
    1) unknown "1 file with control characters in its name was not looked at" ;;
    *) unknown "$count files with control characters in their names were not looked at" ;;
  esac
}
# Seconds, bytes, series and path of each dump, the oldest first. A series is what is left of a name without date,
# weekday and number. Whoever may write there chose the names: those with control characters are only counted.
dumps() {
  tab=$(printf '\t')
  files ! -path '*[[:cntrl:]]*' \( -iname '*.sql' -o -iname '*.sql.*' -o -iname '*.sql-*' -o -iname '*.dump' \
    -o -iname '*.dump.*' -o -iname '*.gz' -o -iname '*.zst' -o -iname '*.xz' -o -iname '*.bz2' \) \
    -exec stat -c "%Y$tab%s$tab%n" -- {} + | sort -n | tail -n 400 |
    LC_ALL=C folder=${folder%/} awk -F '\t' -v OFS='\t' '
      BEGIN { d = "[0-9][0-9]"; date = d d "[-_.]?" d "[-_.]?" d "([-_.tT@]?" d "[-:_.h]?" d "([-:_.m]?" d ")?)?[zZ]?" }
      { key = substr($3, length(ENVIRON["folder"]) + 1); sub("^/*", "", key)
        gsub(date, "#", key); sub(/[.][0-9]+$/, "", key)
        gsub(/(mon|tue|wed|thu|fri|sat|sun|Mon|Tue|Wed|Thu|Fri|Sat|Sun)([a-z]*day)?/, "#", key)
        gsub(/[^A-Za-z0-9@._+#\/-]/, "_", key); print $1, $2, key, $3 }'
}
