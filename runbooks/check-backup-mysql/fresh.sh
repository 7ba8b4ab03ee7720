#!/bin/sh
# Is there a fresh dump of each database, and did it shrink?
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# By the clock of the host, whose file times they are.
judge() {
  awk -F '\t' -v now="$(date +%s)" -v max_age="$max_age" -v expected="$expected" '
    function said(severity, subject, text) { print "msp: finding " severity " " subject " " text }
    function usual(key, count,    i, j, keep, of) {
      for (i = 1; i <= count; i++) of[i] = size[key, i]
      for (i = 1; i < count; i++) for (j = i + 1; j <= count; j++) if (of[j] < of[i]) { keep = of[i]; of[i] = of[j]; of[j] = keep }
      return count % 2 ? of[(count + 1) / 2] : (of[count / 2] + of[count / 2 + 1]) / 2
    }
    { at[$3] = $1; size[$3, ++count[$3]] = $2 + 0 }
    END {
      for (key in count) {
        age = now - at[key]; newest = size[key, count[key]]
        if (age < -3600) { print "msp: why the newest dump of " key " comes from the future: its age cannot be told"; blind = 1; continue }
        if (age < 0) age = 0
        print "msp: measurement backup_age:" key " " age " seconds"
        printf "msp: measurement backup_size:%s %.0f bytes\n", key, newest
        if (age > max_age + 0) said("critical", key ":age", "the newest dump is " int(age / 3600) " hours old, allowed are " int(max_age / 3600))
        else fresh[key] = 1
        before = count[key] > 1 ? usual(key, count[key] - 1) : 0
        if (newest == 0) said("critical", key ":size", "the newest dump is empty")
        else if (newest < before / 2)
          said("warning", key ":size", sprintf("the newest has %.0f bytes, usual are %.0f: is something missing?", newest, before))
      }
      wanted = split(expected, begins, " ")
      for (i = 1; i <= wanted; i++) {
        found = 0
        for (key in fresh) if (index(key, begins[i]) == 1) found = 1
        word = begins[i]; gsub(/[^A-Za-z0-9@._+\/-]/, "_", word)
        if (!found) said("critical", word ":expected", "no fresh dump has a name that begins so")
      }
      exit blind
    }' || exit 75
}

if [ ! -d "$folder" ] || [ ! -r "$folder" ]; then
  printf 'msp: finding critical folder there is no folder %s that can be read\n' "$folder"
  printf 'msp: why there is no folder %s that can be read\n' "$folder"
  exit 1
fi
say_passed_over
found=$(dumps) || cannot_tell "the folder $folder cannot be read in full"
if [ -z "$found" ]; then
  printf 'msp: finding critical folder it holds no dump\n'
  printf 'msp: why %s holds no dump\n' "$folder"
  exit 1
fi
printf '%s\n' "$found" | judge
[ -z "$blind" ] || exit 75
