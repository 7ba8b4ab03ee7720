#!/bin/sh
# Installs the updates that wait (dnf or zypper) and says what changed.
# Until `install_updates` nothing is changed but the package lists and the store of downloaded packages: every way out
# before it is 75, blocked. What needs a person, such as an installation that was interrupted, is a failure.
# shellcheck disable=SC2034,SC2154  # the parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
export LC_ALL

finish_interrupted_installation() {
  unfinished | sort -u >"$work/unfinished"
  [ -s "$work/unfinished" ] || return 0
  names=$(tr '\n' ' ' <"$work/unfinished")
  [ "$finish_interrupted" = yes ] ||
    failed "an installation was interrupted ($names); look at it, or allow finish-interrupted"
  touched=yes
  while read -r name; do rpm -q --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\n' "$name" | sort -V | tail -n 1; done \
    <"$work/unfinished" >"$work/again"
  # shellcheck disable=SC2046  # one word a package
  if [ "$manager" = dnf ]; then
    patiently ask_dnf -y --refresh reinstall $(cat "$work/again") || true
  else
    patiently ask_zypper refresh || true
    patiently ask_zypper install --force --no-confirm $(cat "$work/again") || true
  fi
  [ -z "$(unfinished)" ] || failed "the interrupted installation cannot be finished: $names"
  for name in $names; do printf 'msp: changed %s its interrupted installation was finished\n' "${name%.*}"; done
}

# dnf without a single repository calls that a success, and zypper then says "nothing to do".
refresh_lists() {
  what="the package lists cannot be refreshed, what would be installed is not known"
  if [ "$manager" = dnf ]; then patiently ask_dnf makecache --refresh; else patiently ask_zypper refresh; fi ||
    blocked "$what: $(complaint '^(error:|\[|.*is invalid|warning)')"
  if grep -q 'no enabled repositories' "$work/log"; then blocked "$what: no repository is enabled"; fi
  if [ "$manager" = dnf ] && [ "$only_security" = yes ] &&
    ! grep -q 'type="updateinfo"' /var/cache/dnf/*/repodata/repomd.xml; then
    blocked "no repository says which updates are for security"
  fi
}

# A new kernel makes place by taking the oldest one away.
refuse_dangerous_removals() {
  side_by_side >"$work/side-by-side" || true
  while read -r kind name arch version; do
    case $kind in remove | replaced) ;; *) continue ;; esac
    case "$name $version.$arch" in
      "openssh-server "* | "sudo "* | "systemd "* | "rpm "* | *" $(uname -r)")
        blocked "the upgrade would remove $name, which this host needs" ;;
    esac
    if [ "$allow_removals" = yes ] || grep -q -x -F -e "$name.$arch" "$work/side-by-side"; then continue; fi
    blocked "the upgrade would remove $name; allow it with allow-removals"
  done <"$work/plan"
}

# The host's own locks are in no plan, and neither of them names those.
locked_by_the_host() {
  if [ "$manager" = dnf ]; then
    [ -e "$work/offered" ] || dnf -q -C repoquery --upgrades --qf '%{name}' </dev/null >"$work/offered" 2>/dev/null || return 1
    grep -q -x -F -e "$1" "$work/offered" || return 0
    awk '{ print $1 }' /etc/dnf/plugins/versionlock.list
  else
    sed -n 's/^solvable_name: *//p' /etc/zypp/locks
  fi 2>/dev/null | while read -r pattern; do
    # shellcheck disable=SC2254  # a lock is a pattern
    case $1 in $pattern) echo yes ;; esac
    case $pattern in "$1"-[0-9]*) echo yes ;; esac
  done | grep -q yes
}
say_what_stays() {
  say_what_is_left_out
  cat "$work/plan" >>"$work/acted"
  while read -r kind name _ version; do
    [ "$kind" != skipped ] || finding info "$name" "is not brought to $version: it does not fit to the other packages, or needs one that stays"
  done <"$work/plan"
  awk -v only_security="$only_security" -v avoid="$work/avoid" -v acted="$work/acted" '
    BEGIN {
      while ((getline name < avoid) > 0) said[name]
      while ((getline line < acted) > 0) { split(line, word, " "); said[word[2]] }
    }
    $2 != "-" && !($1 in said) && (only_security != "yes" || $4 == "security") { print $1, $2, $3 }' "$work/waiting" >"$work/staying"
  while read -r name old new; do
    why="is not brought to $new: it does not fit to the other packages, or needs one that stays"
    if locked_by_the_host "$name"; then why="stays at $old: a person locked it on this host"; fi
    finding info "$name" "$why"
  done <"$work/staying"
}

megabytes_needed() {
  awk '
    function mib(figure, unit) { return figure / (unit ~ /^G/ ? 1 / 1024 : unit ~ /^M/ ? 1 : unit ~ /^k/ ? 1024 : 1048576) }
    /^(Total download size|Total size|Installed size): / { total += mib($(NF - 1), $NF) }
    /^<install-summary / {
      for (field = 2; field <= NF; field++)
        if (split($field, word, "\"") > 1 && (word[2] > 0)) total += word[1] ~ /size=|diff=/ ? word[2] / 1048576 : 0
    }
    END { print int(total) + 1 }' "$work/log"
}

act() {
  # shellcheck disable=SC2086  # an action and its options are words
  if [ "$manager" = dnf ]; then patiently ask_dnf -y "$@" $scope; else patiently ask_zypper --no-refresh $scope "$@"; fi
}
download() {
  if [ "$manager" = dnf ]; then act --setopt='*.metadata_expire=never' --downloadonly; else act --download-only; fi && code=0 || code=$?
  case $code in
    0 | 10[0-3]) ;;
    *) blocked "the packages cannot be downloaded: $(complaint '^(error|problem|.*GPG)')" ;;
  esac
}

remember() {
  running_services >"$work/services"
  touch "$work/start"
  (umask 077 && mkdir -p -- "$msp_kept")
  packages >"$work/before"
  cp "$work/before" "$msp_kept/packages-before"
}
install_updates() {
  touched=yes
  if [ "$manager" = dnf ]; then act -C; else act; fi && code=0 || code=$?
  cat "$work/log" >>"$work/said"
  cat "$work/plan" >>"$work/acted"
  packages >"$work/after"
  cp "$work/after" "$msp_kept/packages-after"
}

say_what_changed() {
  awk -F '|' '
    NR == FNR { before[$1] = before[$1] " " $2; was[$0]; next }
    { after[$1] = after[$1] " " $2; is[$0] }
    function gone(list, others, key,   word, count, index_, told) {
      count = split(list, word, " ")
      for (index_ = 1; index_ <= count; index_++) if (!((key "|" word[index_]) in others)) told = told (told ? "," : "") word[index_]
      return told
    }
    function shown(key) { return key ~ /\.(i[3-6]86|armv7hl)$/ ? key : substr(key, 1, match(key, /\.[^.]*$/) - 1) }
    END {
      for (key in after) if (new = gone(after[key], was, key)) { old = gone(before[key], is, key); print "msp: changed " shown(key) " " (old ? old : "not installed") " -> " new }
      for (key in before) if ((old = gone(before[key], is, key)) && !gone(after[key], was, key)) print "msp: changed " shown(key) " " old " -> removed"
    }' "$work/before" "$work/after" | sort
  LC_ALL=C find /etc -xdev ! -path '*[[:cntrl:]]*' -cnewer "$work/start" \( -name '*.rpmnew' -o -name '*.rpmsave' \) |
    while read -r file; do
      case $file in
        *.rpmnew) finding warning "${file%.*}" "was changed by hand and kept; the package's own version lies beside it as ${file##*/}" ;;
        *) finding warning "${file%.*}" "was changed by hand and replaced; what it was lies beside it as ${file##*/}" ;;
      esac
    done
}

# dnf may end with 0 although it skipped a package; rpm counts a package whose last script failed as installed.
say_what_failed() {
  : >"$work/failures"
  while read -r kind name arch version; do
    case $kind in install | upgrade) ;; *) continue ;; esac
    grep -q -x -F -e "$name.$arch|$version" "$work/after" || printf '%s is not at %s\n' "$name" "$version"
  done <"$work/acted" >>"$work/failures"
  sed -n -E 's/^.*%([a-z]+)\((.*)-[^-]+-[^-]+\) scriptlet failed.*/\2 \1/p' "$work/said" | sort -u >"$work/scripts"
  while read -r name script; do printf '%s its %s script failed\n' "$name" "$script"; done <"$work/scripts" >>"$work/failures"
  while read -r name what; do
    last=$(awk -v name="$name" 'index($0, "(" name "-") && / scriptlet failed/ { print before } { before = $0 }' "$work/said" | tail -n 1)
    finding critical "$name" "$what${last:+: $last}"
  done <"$work/failures"
  say_lost_services
}

touched=
manager=$(manager)
if [ "$manager" = apt ]; then
  echo "the packages of this host are apt's: nothing to do here"
  exit 0
fi
make_work
deadline=$(($(now) + lock_wait))

check_host
lock_avoided
wait_for_other_managers
finish_interrupted_installation
needed=$min_free
require_room /var/cache "$database"
read_holds
say_expired_holds
refresh_lists
round=1
while plan_upgrade && keep_first_seen && grep -q -E '^(install|upgrade|remove|replaced) ' "$work/plan"; do
  refuse_dangerous_removals
  needed=$((min_free + $(megabytes_needed)))
  require_room /var/cache /usr "$database"
  needed=$min_free
  if grep -q -E '^(install|upgrade) kernel' "$work/plan"; then require_room /boot; fi
  download
  if [ "$round" -eq 1 ]; then remember; fi
  install_updates
  # 103: zypper updated itself first and asks to be called again
  if [ "$code" -ne 103 ] || [ "$round" -gt 3 ]; then break; fi
  round=$((round + 1))
done
say_what_stays
if [ ! -e "$work/said" ]; then
  echo "nothing is left to install"
  exit 0
fi
say_what_changed
say_what_failed
if [ -s "$work/failures" ]; then failed "not fully installed: $(cut -d ' ' -f 1 "$work/failures" | sort -u | tr '\n' ' ')"; fi
case $code in
  0 | 100 | 101 | 102) ;;
  103) if [ "$round" -gt 3 ]; then failed "zypper asks to be called again and again"; fi ;;
  106) failed "zypper left repositories out" ;;
  107) failed "the script of a package failed: $(complaint 'scriptlet failed|error')" ;;
  *) failed "$manager ended with $code: $(complaint)" ;;
esac
if [ -s "$work/lost" ]; then failed "does not run any more: $(tr '\n' ' ' <"$work/lost")"; fi
