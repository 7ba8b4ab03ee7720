#!/bin/sh
# Counts the updates that wait, and says for how long; what this host sees for the first time, it notes.
# The lists are those that are there: nothing is refreshed, and nothing but the note is written.
# shellcheck disable=SC2034,SC2154  # the parameters and what it shares stand in front of this script
set -eu
LC_ALL=C.UTF-8
export LC_ALL

newest_of() { stat -c %Y -- "$@" 2>/dev/null | sort -n | tail -n 1 | grep . || echo 0; }
# apt keeps no note of when each of its sources answered: the list of one that has nothing new keeps the mirror's time, a
# refresh that some of them missed is a success. A source without a list, and one whose list has ended by its own word
# (Valid-Until), are found all the same.
apt_lists=/var/lib/apt/lists
apt_lists_are_from() {
  printf '%s %s\n' "$(newest_of "$apt_lists"/*Release "${apt_lists%/lists}/periodic/update-success-stamp")" "all sources"
  apt-get update --print-uris </dev/null 2>/dev/null |
    sed -n -e "/^'cdrom:/d" -e "s/^'[^']*' \([^ /]*\)_InRelease .*/\1/p" | while read -r source; do
    list=$apt_lists/${source}_InRelease
    if [ ! -e "$list" ]; then list=$apt_lists/${source}_Release; fi
    until=$(sed -n '/^Valid-Until: */{s///p;q;}' "$list" 2>/dev/null || echo never)
    if [ "$until" = never ]; then
      printf '0 %s\n' "$source"
    elif [ -n "$until" ] && [ "$(date -d "$until" +%s 2>/dev/null || echo 0)" -lt "$(date +%s)" ]; then
      printf '%s %s\n' "$(newest_of "$list")" "$source"
    fi
  done
}
# The time and the name of the oldest; of each repository its newest file counts.
lists_are_from() {
  case $manager in
    apt) apt_lists_are_from ;;
    dnf)
      dnf -q -C repolist </dev/null 2>/dev/null | awk 'NR > 1 { print $1 }' | while read -r id; do
        printf '%s %s\n' "$(newest_of /var/cache/dnf/"$id"-????????????????/repodata/*)" "$id"
      done ;;
    *)
      zypper --xmlout --non-interactive repos </dev/null | sed -n 's/^<repo alias="\([^"]*\)".* enabled="1".*/\1/p' | while read -r alias; do
        folder=/var/cache/zypp/raw/$alias
        printf '%s %s\n' "$(newest_of "$folder" "$folder/repodata/repomd.xml")" "$alias"
      done ;;
  esac | sort -n | head -n 1
}
require_fresh_lists() {
  oldest=$(lists_are_from)
  from=${oldest%% *} which=$(printf '%s' "${oldest#* }" | words 100)
  [ "${from:-0}" -gt 0 ] || blocked "not verified: there are no package lists of ${which:-any repository}"
  age=$(($(date +%s) - from))
  [ "$age" -gt -86400 ] || blocked "not verified: the package lists are of the future ($which); which clock is wrong?"
  [ "$age" -le "$oldest_lists" ] ||
    blocked "not verified: the package lists of $which are $((age / 3600)) hours old, newer updates are not known here"
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
say_undated
keep_first_seen
sort -n -k 5,5 -k 1,1 "$work/first-seen" >"$work/oldest-first"
say_ages security "$security_within"
say_ages other "$others_within"
say_expired_holds
while read -r name day why; do finding info "hold:$name" "is held until $day: $why"; done <"$work/held"
while read -r name old new kind; do printf '%s %s -> %s %s\n' "$name" "$old" "$new" "$kind"; done <"$work/waiting" | quoted
