#!/bin/sh
# Which updates wait, since when, and what a person holds back. Needs packages.sh.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# ---- apt
simulate() {
  pin_avoided
  apt -s -o Debug::NoLocking=1 "$@" >"$work/plan" 2>&1
}
# `name old new security|other`, old is `-` for a package that is new here.
apt_rows() {
  awk '$1 == "Inst" {
    name = $2; old = ($3 ~ /^\[/) ? substr($3, 2, length($3) - 2) : "-"
    rest = $0; sub(/^[^(]*\(/, "", rest); split(rest, word, " "); sub(/^[^ ]* /, "", rest)
    print name, old, word[1], (tolower(rest) ~ /security/) ? "security" : "other" }' "$work/plan"
}
# Also what a person holds back, and what its publisher gives to some hosts first.
apt_waiting() {
  apt-mark showhold >"$work/own-holds" 2>/dev/null || true
  if ! simulate --ignore-hold -o APT::Get::Always-Include-Phased-Updates=true dist-upgrade; then
    finding warning held-packages "are not counted: apt comes to no plan with them"
    simulate dist-upgrade || return 1
  fi
  apt_rows >"$work/waiting"
}

# ---- dnf and zypper
# `name.arch|version` and names of security updates become rows like apt's; what is not installed is new.
rpm_rows() {
  packages | awk -v security="$2" '
    function plain(key) { return substr(key, 1, match(key, /\.[^.]*$/) - 1) }
    BEGIN { while ((getline line < security) > 0) safe[line] = 1 }
    FILENAME == "-" { split($0, word, "|"); old[word[1]] = word[2]; next }
    { split($0, word, "|"); print plain(word[1]), (word[1] in old) ? old[word[1]] : "-", word[2], (plain(word[1]) in safe) ? "security" : "other" }
  ' - "$1" | sort -u
}
# Also what the host's own locks and exclusions keep back.
dnf_waiting() {
  set -- -q -C --disableplugin=versionlock --disableexcludes=all repoquery --upgrades --latest-limit=1
  dnf "$@" --security --qf '%{name}' >"$work/security" 2>"$work/log" </dev/null || return 1
  dnf "$@" --qf '%{name}.%{arch}|%{evr}' >"$work/all" 2>"$work/log" </dev/null || return 1
  rpm_rows "$work/all" "$work/security" >"$work/waiting"
}
zypper_waiting() {
  lock_avoided none
  ask_zypper --xmlout --no-refresh patch --category security --auto-agree-with-licenses --dry-run >"$work/log" 2>&1 && marks=0 || marks=$?
  sed -n -E 's/^<solvable type="package" name="([^"]*)".*/\1/p' "$work/log" >"$work/security"
  case $marks in
    0 | 10[0-3]) ;;
    *) finding warning security-marks "which updates are for security cannot be told: zypper ended with $marks" ;;
  esac
  ask_zypper --xmlout --no-refresh list-updates >"$work/log" 2>&1 || return 1
  grep -o '<update [^>]*>' "$work/log" | awk '
    function value(key) { return match($0, " " key "=\"[^\"]*\"") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4) : "-" }
    value("kind") == "package" { print value("name") "." value("arch") "|" value("edition") }' >"$work/all"
  rpm_rows "$work/all" "$work/security" >"$work/waiting"
}

note_what_waits() {
  case $manager in
    apt) apt_waiting ;;
    dnf) dnf_waiting ;;
    *) zypper_waiting ;;
  esac || blocked "$manager cannot say what waits: $(grep -h -m 1 -i -E '^(E:|error|problem)|type="error"' "$work/plan" "$work/log" 2>/dev/null | quoted | tr '\n' ' ')"
}

# ---- Holds: a line of /etc/msp-ops/holds is `NAME until 2026-12-31 because WHY`, and holds to the end of that day.
holds=/etc/msp-ops/holds
read_holds() {
  : >"$work/held"
  : >"$work/expired"
  [ -e "$holds" ] || return 0
  [ -n "$(find "$holds" -maxdepth 0 -type f -user 0 ! -perm /022)" ] ||
    blocked "$holds is no file that only root can write: nobody knows whose holds these are"
  right="right is NAME until 2026-12-31 because WHY"
  wrong=$(tr '\000-\010\013-\037\177' '?' <"$holds" | awk -v today="$(date +%F)" -v held="$work/held" -v expired="$work/expired" '
    /^[ \t]*(#|$)/ { next }
    $1 !~ /^[A-Za-z0-9][A-Za-z0-9+._-]*$/ { print FNR ", where no package is named"; exit }
    $2 != "until" || $3 !~ /^2[0-9][0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/ { print FNR ", where no day says until when"; exit }
    $4 != "because" || NF < 5 { print FNR ", where nothing says why"; exit }
    { why = $0; sub(/^[ \t]*([^ \t]+[ \t]+)([^ \t]+[ \t]+)([^ \t]+[ \t]+)([^ \t]+[ \t]+)/, "", why); print $1, $3, why >($3 >= today ? held : expired) }')
  [ -z "$wrong" ] || blocked "$holds cannot be read in line $wrong; $right"
}
say_expired_holds() {
  while read -r name day why; do
    finding warning "hold:$name" "ended on $day and holds no more ($why): remove it from /etc/msp-ops/holds or give it another day"
  done <"$work/expired"
}

# ---- When each version that waits was first seen. A line: `name old new seen since security`, times in seconds since
# 1970: this version was seen, some newer one than the installed waits since, one for security waits since (or `-`).
# A date in the future is of a clock that was ahead: since when such a version waits nobody knows (`undated`), so it
# counts as now, and a run that lets versions wait holds it.
record=/var/lib/msp-ops/first-seen
note_first_seen() {
  today=$(date +%s)
  [ "$today" -ge 1790000000 ] || return 1
  known=/dev/null
  if [ -f "$record" ] && [ ! -L "$record" ]; then known=$record; fi
  : >"$work/undated"
  awk -v now="$today" -v known="$known" -v undated="$work/undated" '
    function past(time) { return (time ~ /^[0-9]+$/ && time + 0 < now + 0) ? time : now }
    BEGIN {
      while ((getline line < known) > 0) {
        if (split(line, word, " ") != 6) continue
        seen[word[1], word[2], word[3]] = past(word[4])
        for (i = 4; i <= 6; i++) if (word[i] ~ /^[0-9]+$/ && word[i] + 0 > now + 600) odd[word[1], word[2], word[3]]
        key = word[1] SUBSEP word[2]
        if (!(key in since) || past(word[5]) < since[key]) since[key] = past(word[5])
        if (word[6] != "-" && (!(key in safe) || past(word[6]) < safe[key])) safe[key] = past(word[6])
      }
    }
    NR > 20000 { exit }
    {
      key = $1 SUBSEP $2
      if (!(key in since)) since[key] = now
      if (!(key in safe)) safe[key] = now
      if ((key SUBSEP $3) in odd) print $1, $2, $3 >undated
      print $1, $2, $3, ((key SUBSEP $3) in seen) ? seen[key, $3] : now, since[key], ($4 == "security") ? safe[key] : "-"
    }' "$work/waiting" >"$work/first-seen"
}
keep_first_seen() {
  if [ ! -e "$work/first-seen" ] || cmp -s "$work/first-seen" "$record"; then return 0; fi
  (umask 077 && mkdir -p -- "${record%/*}" && cp "$work/first-seen" "$record.$$" && mv -f -- "$record.$$" "$record")
}
say_undated() {
  [ -s "$work/undated" ] || return 0
  finding warning first-seen "this host's clock was ahead when $(wc -l <"$work/undated") of the waiting versions were first seen: how long they have waited is not known, they count from now on"
}
