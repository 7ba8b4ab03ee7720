#!/bin/sh
# Installs the updates that wait (apt) and says what changed.
# Until `install_updates` nothing is changed but the package lists and the store of downloaded packages: every way out
# before it is 75, blocked. What needs a person, such as an installation that was interrupted, is a failure.
# shellcheck disable=SC2034,SC2154  # the parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
export LC_ALL
# NEEDRESTART_*: its hook would restart services, or ask, in the middle of the installation.
export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1
export NEEDRESTART_SUSPEND=1 NEEDRESTART_MODE=l

finish_interrupted_installation() {
  names=$(unfinished | tr '\n' ' ')
  if [ -z "$names" ] && [ -z "$(ls -A /var/lib/dpkg/updates)" ]; then return; fi
  if [ "$finish_interrupted" != yes ]; then
    failed "an installation was interrupted (${names:-see /var/lib/dpkg/updates}); look at it, or allow finish-interrupted"
  fi
  touched=yes
  dpkg --configure -a --force-confdef --force-confold </dev/null 2>&1 | quoted
  still=$(unfinished | tr '\n' ' ')
  [ -z "$still" ] || failed "the interrupted installation cannot be finished: $still"
  for name in $names; do printf 'msp: changed %s its interrupted installation was finished\n' "$name"; done
}

check_packages_fit() {
  if patiently apt check; then return 0; fi
  if grep -q 'The list of sources could not be read' "$work/log"; then
    blocked "the list of package sources cannot be read: $(grep -m 1 '^E:' "$work/log")"
  fi
  failed "the installed packages do not fit together: $(grep -m 1 '^E:' "$work/log")"
}

# A refresh that failed ends with 0 (apt before 2.1 whatever one asks): the text counts as well.
refresh_lists() {
  patiently apt update -o APT::Update::Error-Mode=any && code=0 || code=$?
  if [ "$code" -ne 0 ] || grep -q -E '^(Err:|W: (Failed to fetch|Some index files|GPG error)|E: )' "$work/log"; then
    why=$(grep -m 1 -E '^(E|W): ' "$work/log" || echo "apt-get update ended with $code")
    blocked "the package lists cannot be refreshed, what would be installed is not known: $why"
  fi
  mkdir -p /var/lib/apt/periodic
  touch /var/lib/apt/periodic/update-success-stamp
}

refuse_dangerous_removals() {
  awk '$1 == "Remv" || $1 == "Purg" { print $2 }' "$work/plan" >"$work/removals"
  while read -r name; do
    marks=$(dpkg-query -W -f='${Essential} ${Protected} ${Important}' -- "$name" 2>/dev/null || echo unknown)
    case "$marks $name " in
      *yes* | *unknown* | *" openssh-server "* | *" sudo "* | *" systemd "* | *" linux-image-$(uname -r) "*)
        blocked "the upgrade would remove $name, which this host needs" ;;
    esac
    [ "$allow_removals" = yes ] || blocked "the upgrade would remove $name; allow it with allow-removals"
  done <"$work/removals"
}

say_what_stays() {
  say_what_is_left_out
  sed -n '/^The following upgrades have been deferred/,/^[^ ]/s/^  //p' "$work/plan" | tr ' ' '\n' >"$work/phased"
  sed -n '/^The following packages have been kept back/,/^[^ ]/s/^  //p' "$work/plan" | tr ' ' '\n' |
    while read -r name; do
      if [ -z "$name" ] || grep -q -x -F -e "$name" "$work/avoid"; then continue; fi
      state=$(dpkg-query -W -f='${db:Status-Abbrev}${Version}' -- "$name" 2>/dev/null | head -n 1)
      why="apt keeps it back for the sake of other packages (a removal, or one that must not change)"
      if [ -s "$work/stays" ]; then why="it needs what this run leaves out, or apt keeps it back for the sake of other packages"; fi
      case $state in h*) why="a person put it on hold" ;; esac
      if grep -q -x -F -e "$name" "$work/phased"; then why="its publisher has not yet released it to every host"; fi
      finding info "$name" "stays at ${state#???}: $why"
    done
}

megabytes_needed() {
  # shellcheck disable=SC2086  # an action and its options are words
  { apt -o Debug::NoLocking=1 --assume-no $action 2>/dev/null || true; } | awk '
    function mib(figure, unit) {
      gsub(",", "", figure)
      return figure / 1048576 * (unit ~ /^G/ ? 1e9 : unit ~ /^M/ ? 1e6 : unit ~ /^k/ ? 1e3 : 1)
    }
    /^Need to get / { total += mib($4, $5) }
    /^After this operation, .* will be used/ { total += mib($4, $5) }
    END { print int(total) + 1 }'
}

download() {
  # shellcheck disable=SC2086  # an action and its options are words
  patiently apt -y --download-only $action ||
    blocked "the packages cannot be downloaded: $(grep -m 1 -E '^(E|W): ' "$work/log")"
}

states() { dpkg-query -W -f='${db:Status-Abbrev}|${binary:Package}|${Version}\n' | awk -F '|' '$1 !~ /^.n/' | sort; }
installed() { awk -F '|' '$1 !~ /^.c/ { print $2 "|" $3 }' "$1"; }

install_updates() {
  states >"$work/before"
  (umask 077 && mkdir -p -- "$msp_kept")
  installed "$work/before" >"$msp_kept/packages-before"
  running_services >"$work/services"
  touch "$work/start"
  # shellcheck disable=SC2086  # an action and its options are words
  patiently apt -y --no-download $action && apt_code=0 || apt_code=$?
  states >"$work/after"
  installed "$work/after" >"$msp_kept/packages-after"
}

say_what_changed() {
  awk -F '|' '
    NR == FNR { before[$2] = ($1 ~ /^.c/) ? "not installed" : $3; next }
    { now = ($1 ~ /^.c/) ? "not installed" : $3; after[$2] = now
      was = ($2 in before) ? before[$2] : "not installed"
      if (was != now) print "msp: changed " $2 " " was " -> " (now == "not installed" ? "removed" : now) }
    END { for (name in before) if (!(name in after)) print "msp: changed " name " " before[name] " -> removed" }
  ' "$work/before" "$work/after"
  LC_ALL=C find /etc -xdev ! -path '*[[:cntrl:]]*' -cnewer "$work/start" \
    \( -name '*.dpkg-dist' -o -name '*.dpkg-new' -o -name '*.ucf-dist' \) |
    while read -r file; do
      finding warning "${file%.*}" "was changed by hand and kept; the package's own version lies beside it as ${file##*/}"
    done
}

# The line before dpkg's own is the last one that the package's script said.
say_what_failed() {
  unfinished >"$work/unfinished"
  while read -r name; do
    last=$(awk -v name="$name" '/^dpkg: error processing package / && $5 == name { print before } { before = $0 }' \
      "$work/log" | tail -n 1)
    finding critical "$name" "is not fully installed: ${last:-its script failed}"
  done <"$work/unfinished"
  say_lost_services
}

touched=
manager=$(manager)
if [ "$manager" != apt ]; then
  echo "the packages of this host are not apt's: nothing to do here"
  exit 0
fi
make_work
pin_avoided
action=$(apt_action)
deadline=$(($(now) + lock_wait))

check_host
wait_for_other_managers
finish_interrupted_installation
check_packages_fit
needed=$min_free
require_room /var/lib/apt/lists /var/cache/apt/archives /var/lib/dpkg
read_holds
say_expired_holds
refresh_lists
plan_upgrade
keep_first_seen
refuse_dangerous_removals
say_what_stays
if ! grep -q -E '^(Inst|Remv|Purg) ' "$work/plan"; then
  echo "nothing is left to install"
  exit 0
fi
needed=$((min_free + $(megabytes_needed)))
require_room /var/cache/apt/archives /usr /var/lib/dpkg
needed=$min_free
if grep -q -E '^Inst linux-image-' "$work/plan"; then require_room /boot; fi
download
install_updates
say_what_changed
say_what_failed
if [ -s "$work/unfinished" ]; then failed "not fully installed: $(tr '\n' ' ' <"$work/unfinished")"; fi
if [ "$apt_code" -ne 0 ]; then failed "apt-get ended with $apt_code: $(grep -m 1 '^E: ' "$work/log" || tail -n 1 "$work/log")"; fi
if [ -s "$work/lost" ]; then failed "does not run any more: $(tr '\n' ' ' <"$work/lost")"; fi
