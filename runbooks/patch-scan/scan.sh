#!/bin/sh
# Counts the updates that wait, and says for how long; what this host sees for the first time, it notes.
# The lists are those that are there: nothing is refreshed, and nothing but the note is written.
# shellcheck disable=SC2034,SC2154  # the parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
export LC_ALL

# The oldest of the newest file of each repository; apt's lists have the mirror's time, its stamp that of the refresh.
lists_are_from() {
  case $manager in
    apt)
      for list in /var/lib/apt/lists/*Release /var/lib/apt/periodic/update-success-stamp; do
        if [ -e "$list" ]; then stat -c %Y -- "$list"; fi
      done | sort -n | tail -n 1 ;;
    dnf)
      dnf -q -C repolist </dev/null 2>/dev/null | awk 'NR > 1 { print $1 }' | while read -r id; do
        stat -c %Y /var/cache/dnf/"$id"-????????????????/repodata/* 2>/dev/null | sort -n | tail -n 1 | grep . || echo 0
      done | sort -n | head -n 1 ;;
    *)
      zypper --xmlout --non-interactive repos </dev/null | sed -n 's/^<repo alias="\([^"]*\)".* enabled="1".*/\1/p' | while read -r alias; do
        folder=/var/cache/zypp/raw/$alias
        stat -c %Y "$folder" "$folder/repodata/repomd.xml" 2>/dev/null | sort -n | tail -n 1 | grep . || echo 0
      done | sort -n | head -n 1 ;;
  esac
}
require_fresh_lists() {
  from=$(lists_are_from)
  [ "${from:-0}" -gt 0 ] || blocked "not verified: there are no package lists, or not of each repository"
  age=$(($(date +%s) - from))
  [ "$age" -gt -86400 ] || blocked "not verified: the package lists are of the future; which clock is wrong?"
  [ "$age" -le "$oldest_lists" ] ||
    blocked "not verified: the package lists are $((age / 3600)) hours old, newer updates are not known here"
}

# `security` counts from the day on which the first security update came, `other` from that of any newer version.
say_ages() {
  awk -v now="$today" -v within="$2" -v which="$1" '
    function count(days,   n, i) { for (i = 1; i <= total; i++) if (waits[i] > days * 86400) n++; return n + 0 }
    FILENAME == ARGV[1] { kind[$1, $2, $3] = $4; next }
    kind[$1, $2, $3] == which && $2 != "-" {
      total++
      waits[total] = now - (which == "security" ? $6 : $5)
      if (waits[total] > longest) longest = waits[total]
      if (waits[total] > within) { late++; if (late <= 5) told = told (told ? ", " : "") $1 " " $2 " -> " $3 " (" int(waits[total] / 86400) " days)" }
    }
    END {
      print "msp: measurement " which "_updates_waiting " total + 0 " packages"
      print "msp: measurement " which "_updates_waiting_over_7_days " count(7) " packages"
      print "msp: measurement " which "_updates_waiting_over_30_days " count(30) " packages"
      print "msp: measurement " which "_updates_longest_wait " longest + 0 " seconds"
      if (late) print "msp: finding " (which == "security" ? "warning" : "info") " " which "-updates " late " wait for more than " (within >= 86400 ? int(within / 86400) " days" : int(within / 3600) " hours") ": " told (late > 5 ? " and " late - 5 " more" : "")
    }' "$work/waiting" "$work/oldest-first"
}

manager=$(manager)
require_manager
make_work
deadline=$(now)
: >"$work/plan"
require_fresh_lists
read_holds
note_what_waits
note_first_seen || blocked "the clock of this host says $(date +%F): how long an update has waited cannot be told"
keep_first_seen
sort -n -k 5,5 -k 1,1 "$work/first-seen" >"$work/oldest-first"
say_ages security "$security_within"
say_ages other "$others_within"
say_expired_holds
while read -r name day why; do finding info "hold:$name" "is held until $day: $why"; done <"$work/held"
while read -r name old new kind; do printf '%s %s -> %s %s\n' "$name" "$old" "$new" "$kind"; done <"$work/waiting" | quoted
