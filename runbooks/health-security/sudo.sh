#!/bin/sh
# Who may become root without a password?
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# The files that sudo reads, in the order of their mention: a folder's files with a dot or a ~ at their end are no rules.
files_from() {
  seen="$seen $1 "
  printf '%s\n' "$1"
  LC_ALL=C sed -n -e 's/^[@#]include[[:space:]]\{1,\}"\{0,1\}\([^"]*\)"\{0,1\}[[:space:]]*$/file \1/p' \
    -e 's/^[@#]includedir[[:space:]]\{1,\}"\{0,1\}\([^"]*\)"\{0,1\}[[:space:]]*$/folder \1/p' "$1" |
    while read -r kind path; do
      case $path in /*) ;; *) path=${1%/*}/$path ;; esac
      if [ "$kind" = file ]; then set -- "$path"; else set -- "$path"/*; fi
      for file in "$@"; do
        case $file in *[[:cntrl:]]*) continue ;; esac
        case $kind/${file##*/} in folder/*.* | folder/*~) continue ;; esac
        case $seen in *" $file "*) continue ;; esac
        if [ -f "$file" ]; then files_from "$file"; fi
      done
    done
}

# Lines that end with a backslash go on; `#1000` is a user, every other # begins a comment.
judge() {
  awk -v known=" ${sudo_without_password-} " -v file="$shown" '
    function word(text) { gsub(/[^A-Za-z0-9_.:%#@+-]/, "_", text); return text }
    function rule(text) {
      sub(/^[ \t]+/, "", text)
      if (text ~ /^#[^0-9]/ || text == "" || text == "#") return
      gsub(/[ \t]#[^0-9].*$/, "", text)
      split(text, part, /[ \t]+/)
      if (text ~ /^Defaults/ && text ~ /!authenticate/) who = word(part[1])
      else if (text ~ /NOPASSWD *:/) who = word(part[1])
      else return
      if (index(known, " " who " ")) return
      if (text ~ /!authenticate/ || text ~ /NOPASSWD *:([ A-Z_]*:)* *ALL/)
        print "msp: finding warning " who " becomes root by sudo without a password (" file ")"
      else print "msp: finding info " who ":some-commands may run some commands by sudo without a password (" file ")"
    }
    { line = pending $0; pending = "" }
    line ~ /\\$/ { sub(/\\$/, " ", line); pending = line; next }
    { rule(line) }
    END { if (pending != "") rule(pending) }' "$1"
}

if [ ! -e /etc/sudoers ]; then
  echo "this host has no sudo"
  exit 0
fi
[ -r /etc/sudoers ] || blocked "/etc/sudoers cannot be read"
seen=
files_from /etc/sudoers | while read -r file; do
  shown=$(printf '%s' "$file" | LC_ALL=C tr -c 'A-Za-z0-9_./+-' '_')
  printf 'read: %s\n' "$shown"
  judge "$file"
done
