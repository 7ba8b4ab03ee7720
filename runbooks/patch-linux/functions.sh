#!/bin/sh
# The plan, and what stays out of it.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# New packages are allowed, because a new kernel is one.
apt_action() { if [ "$allow_removals" = yes ]; then echo dist-upgrade; else echo 'upgrade --with-new-pkgs --no-remove'; fi; }
require_room() {
  for folder in "$@"; do
    [ -d "$folder" ] || continue
    free=$(df -Pk -- "$folder" | awk 'NR == 2 { print int($4 / 1024) }')
    # 0 of 0: a file system that does not count them
    inodes=$(df -Pi -- "$folder" | awk 'NR == 2 { print ($2 == 0 || $4 !~ /^[0-9]+$/) ? 2000 : $4 }')
    [ "$free" -ge "$needed" ] || blocked "not enough room: $folder has $free MiB free, needed are $needed MiB"
    [ "$inodes" -ge 2000 ] || blocked "not enough room: $folder has $inodes inodes free"
  done
}
# Everything that waits and is left out: into `avoid` its name, into `stays` `name severity why`.
choose_what_stays() {
  note_first_seen || [ "$min_age$min_age_security" = 00 ] ||
    blocked "the clock of this host says $(date +%F): how long an update has waited cannot be told"
  odd=$(awk '$1 !~ /^[A-Za-z0-9][A-Za-z0-9+._:-]*$/ { print $1; exit }' "$work/waiting" | tr -d '[:cntrl:]')
  [ -z "$odd" ] || blocked "a repository offers '$odd', which is no name of a package"
  : >"$work/stays"
  touch "$work/own-holds"
  {
    for name in ${exclude-}; do printf '%s\n' "$name"; done
    cut -d ' ' -f 1 "$work/held"
    awk -v now="${today:-0}" -v usual="$min_age" -v security="$min_age_security" -v exclude=" ${exclude-} " \
      -v only_security="$only_security" -v stays="$work/stays" -v held="$work/held" -v first="$work/first-seen" -v undated="$work/undated" -v own="$work/own-holds" '
      function span(seconds) { return seconds >= 172800 ? int(seconds / 86400) " days" : int(seconds / 3600) " hours" }
      function stay(why, severity) { print $1, severity, why >stays }
      BEGIN {
        while ((getline name < own) > 0) stays_anyway[name]
        while ((getline line < held) > 0) { name = line; sub(/ .*/, "", name); sub(/^[^ ]* /, "", line); until[name] = line }
        while ((getline line < undated) > 0) { split(line, word, " "); odd[word[1], word[2], word[3]] }
        while ((getline line < first) > 0) { split(line, word, " "); seen[word[1], word[2], word[3]] = word[4] }
      }
      {
        at = $2 == "-" ? "does not come" : "stays at " $2
        wanted = $4 == "security" ? security : usual
        age = ($1, $2, $3) in seen ? now - seen[$1, $2, $3] : 0
      }
      index(exclude, " " $1 " ") { stay("stays as it is: this run excludes it", "info"); next }
      $1 in until { day = until[$1]; why = day; sub(/ .*/, "", day); sub(/^[^ ]* /, "", why); stay(at ": held until " day ": " why, "info"); next }
      $1 in stays_anyway { next }
      age < wanted {
        print $1
        if (only_security != "yes" || $4 == "security")
          if (($1, $2, $3) in odd) stay(at ": since when " $3 " waits is not known (this host'"'"'s clock was ahead), and this run takes what has waited " span(wanted), "warning")
          else stay(at ": " $3 " was first seen " span(age) " ago, and this run takes what has waited " span(wanted), $4 == "security" ? "warning" : "info")
        next
      }
      only_security == "yes" && $4 == "other" && $2 != "-" && "'"$manager"'" == "apt" { print $1 }' "$work/waiting"
  } | sort -u >"$work/avoid"
}
rpm_planned() {
  awk '$1 == "install" || $1 == "upgrade" { print $2 "." $3 "|" $4 }' "$work/plan" >"$work/all"
  rpm_rows "$work/all" "$work/security" >"$work/planned"
}
zypper_comes_to_a_plan() {
  # shellcheck disable=SC2086  # an action and its options are words
  ask_zypper --xmlout --no-refresh $scope --dry-run >"$work/log" 2>&1 && grep -q '^<install-summary' "$work/log"
}
plan_once() {
  case $manager in
    apt)
      # shellcheck disable=SC2046  # an action and its options are words
      simulate $(apt_action) || failed "apt cannot plan the upgrade: $(grep -m 1 '^E:' "$work/plan" || tail -n 1 "$work/plan")"
      apt_rows >"$work/planned" ;;
    dnf)
      scope=upgrade
      if [ "$only_security" = yes ]; then scope="upgrade --security"; fi
      # shellcheck disable=SC2086  # an action and its options are words
      if ! ask_dnf -C --assumeno $scope >"$work/log" 2>&1 && ! grep -q '^Operation aborted' "$work/log"; then
        failed "dnf cannot plan the upgrade: $(complaint)"
      fi
      read_dnf_plan "$work/log" >"$work/plan"
      rpm_planned ;;
    *)
      lock_avoided
      scope="update --auto-agree-with-licenses"
      if [ "$only_security" = yes ]; then scope="patch --category security --auto-agree-with-licenses"; fi
      # a patch is all or nothing: where one of its packages is locked, the others are asked for by name
      if [ "$only_security" = yes ] && ! zypper_comes_to_a_plan; then
        scope="update --auto-agree-with-licenses $(sort -u "$work/security" | grep -v -x -F -f "$work/avoid" | tr '\n' ' ')"
        if [ -z "${scope#update --auto-agree-with-licenses }" ]; then
          : >"$work/plan"
          : >"$work/planned"
          return
        fi
      fi
      zypper_comes_to_a_plan || failed "zypper cannot plan the upgrade: $(complaint 'type="error"')"
      read_zypper_plan "$work/log" >"$work/plan"
      rpm_planned ;;
  esac
}
# What is left out may bring another version, or another package, into the plan: that is asked for its age as well.
plan_upgrade() {
  note_what_waits
  rounds=0
  while choose_what_stays && plan_once && grep -v -x -F -f "$work/waiting" "$work/planned" >>"$work/waiting.new"; do
    cat "$work/waiting.new" >>"$work/waiting"
    rm "$work/waiting.new"
    rounds=$((rounds + 1))
    [ "$rounds" -lt 10 ] || blocked "$manager comes to no plan without what stays out of it"
  done
}
# The verification leaves out what this run left out, though it may have grown old enough since.
say_what_is_left_out() {
  while read -r name severity why; do finding "$severity" "$name" "$why"; done <"$work/stays"
  (umask 077 && mkdir -p -- "$msp_kept")
  grep -v ': this run excludes it$' "$work/stays" | cut -d ' ' -f 1 >"$msp_kept/left-out"
}
