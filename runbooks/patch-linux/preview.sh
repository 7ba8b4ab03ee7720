#!/bin/sh
# Says which packages would change, from the package lists as they are. Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Others chose these words and names: none of their lines may pass for a report.
quoted() { LC_ALL=C sed -u -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }

if ! command -v apt-get >/dev/null; then
  echo "msp: why this host has no apt-get: this runbook knows apt only"
  exit 75
fi
newest=$(for list in /var/lib/apt/lists/*Release /var/lib/apt/periodic/update-success-stamp; do
  if [ -e "$list" ]; then stat -c %Y -- "$list"; fi
done | sort -n | tail -n 1)
if [ -z "$newest" ]; then
  echo "msp: why there are no package lists yet: the run itself fetches them"
  exit 75
fi
echo "package lists are $((($(date +%s) - newest) / 3600)) hours old; the run refreshes them first"

if [ "$allow_removals" = yes ]; then action=dist-upgrade; else action='upgrade --with-new-pkgs --no-remove'; fi
# shellcheck disable=SC2086  # an action and its options are words
if ! plan=$(apt-get -s -o Debug::NoLocking=1 $action 2>&1 </dev/null); then
  printf 'msp: why %s\n' "$(printf '%s\n' "$plan" | tail -n 1)"
  exit 75
fi
printf '%s\n' "$plan" | awk -v only_security="$only_security" -v exclude=" ${exclude-} " '
  $1 == "Inst" {
    old = ($3 ~ /^\[/) ? substr($3, 2, length($3) - 2) : "-"
    rest = $0; sub(/^[^(]*\(/, "", rest); split(rest, word, " "); sub(/^[^ ]* /, "", rest)
    is_security = tolower(rest) ~ /security/
    why = ""
    if (index(exclude, " " $2 " ")) why = " (excluded: stays)"
    else if (only_security == "yes" && !is_security && old != "-") why = " (not a security update: stays)"
    else count++
    print $2 " " (old == "-" ? "new" : old) " -> " word[1] (is_security ? " [security]" : "") why }
  $1 == "Remv" || $1 == "Purg" { print $2 " would be removed" }
  END { print (count + 0) " packages would change" }' | quoted
printf '%s\n' "$plan" | sed -n '/^The following packages have been kept back/,/^[^ ]/s/^  /kept back: /p'
