#!/bin/sh
# Installs the updates that wait (apt) and says what changed.
# Until `install_updates` nothing is changed but the package lists and the store of downloaded packages: every way out
# before it is 75, blocked. What needs a person, such as an installation that was interrupted, is a failure.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
# NEEDRESTART_*: its hook would restart services, or ask, in the middle of the installation.
export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1
export NEEDRESTART_SUSPEND=1 NEEDRESTART_MODE=l

blocked() {
  printf 'msp: why %s\n' "$*"
  if [ -n "$finished" ]; then exit 1; fi
  exit 75
}
failed() {
  printf 'msp: why %s\n' "$*"
  exit 1
}
finding() { printf 'msp: finding %s %s %s\n' "$@"; }

# Others chose these words and names: none of their lines may pass for a report.
quoted() { LC_ALL=C sed -u -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }

now() {
  read -r up _ </proc/uptime
  echo "${up%%.*}"
}
left() {
  seconds=$((deadline - $(now)))
  if [ "$seconds" -gt 0 ]; then echo "$seconds"; else echo 0; fi
}

# DPkg::Lock::Timeout covers one of apt's three locks only; `patiently` waits for all of them.
apt() {
  apt-get -q -o DPkg::Lock::Timeout="$(left)" -o DPkg::Use-Pty=0 -o Acquire::Retries=2 \
    -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o APT::Get::AutomaticRemove=false \
    -o Dir::Etc::Preferences="$work/preferences" \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null
}
patiently() {
  while :; do
    { apt "$@" 2>&1 && echo 0 >"$work/code" || echo $? >"$work/code"; } | tee "$work/log" | quoted
    if ! grep -q 'Could not get lock' "$work/log"; then return "$(cat "$work/code")"; fi
    if [ "$(left)" -eq 0 ]; then
      blocked "another package manager is at work: $(grep -m 1 -o 'Could not get lock.*' "$work/log")"
    fi
    sleep 1
  done
}

check_host() {
  command -v apt-get >/dev/null || blocked "this host has no apt-get"
  [ "$(id -u)" -eq 0 ] || blocked "installing updates needs root"
  [ -w /var/lib/dpkg ] || blocked "the file system of /var/lib/dpkg is read-only"
}

# unattended-upgrades lets go of the locks between packages: its service must have ended, the locks do not tell.
# Only then does an unfinished package mean that nobody is at work on it.
wait_for_other_managers() {
  while busy=$(systemctl list-units --state=activating,active --plain --no-legend --no-pager \
    apt-daily.service apt-daily-upgrade.service 2>/dev/null | cut -d ' ' -f 1 | grep .); do
    [ "$(left)" -gt 0 ] || blocked "another package manager is at work: $(echo "$busy" | tr '\n' ' ')"
    sleep 1
  done
  patiently check || true
}

unfinished() {
  dpkg-query -W -f='${db:Status-Abbrev}|${Package}\n' |
    awk -F '|' 'substr($1, 2, 1) ~ /[HUFWt]/ || substr($1, 3, 1) == "R" { print $2 }'
}

finish_interrupted_installation() {
  names=$(unfinished | tr '\n' ' ')
  if [ -z "$names" ] && [ -z "$(ls -A /var/lib/dpkg/updates)" ]; then return; fi
  if [ "$finish_interrupted" != yes ]; then
    failed "an installation was interrupted (${names:-see /var/lib/dpkg/updates}); look at it, or allow finish-interrupted"
  fi
  finished=yes
  dpkg --configure -a --force-confdef --force-confold </dev/null 2>&1 | quoted
  still=$(unfinished | tr '\n' ' ')
  [ -z "$still" ] || failed "the interrupted installation cannot be finished: $still"
  for name in $names; do printf 'msp: changed %s its interrupted installation was finished\n' "$name"; done
}

check_packages_fit() {
  patiently check || failed "the installed packages do not fit together: $(grep -m 1 '^E:' "$work/log")"
}

require_room() {
  for folder in "$@"; do
    [ -d "$folder" ] || continue
    free=$(df -Pk -- "$folder" | awk 'NR == 2 { print int($4 / 1024) }')
    inodes=$(df -Pi -- "$folder" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$needed" ] || blocked "not enough room: $folder has $free MiB free, needed are $needed MiB"
    case $inodes in *[!0-9]* | '') continue ;; esac
    # 0 of 0: a file system that does not count them
    [ "$inodes" -ge 2000 ] || [ "$(df -Pi -- "$folder" | awk 'NR == 2 { print $2 }')" -eq 0 ] ||
      blocked "not enough room: $folder has $inodes inodes free"
  done
}

# A refresh that failed ends with 0 (apt before 2.1 whatever one asks): the text counts as well.
refresh_lists() {
  patiently update -o APT::Update::Error-Mode=any && code=0 || code=$?
  if [ "$code" -ne 0 ] || grep -q -E '^(Err:|W: (Failed to fetch|Some index files|GPG error)|E: )' "$work/log"; then
    why=$(grep -m 1 -E '^(E|W): ' "$work/log" || echo "apt-get update ended with $code")
    blocked "the package lists cannot be refreshed, what would be installed is not known: $why"
  fi
  mkdir -p /var/lib/apt/periodic
  touch /var/lib/apt/periodic/update-success-stamp
}

# New packages are allowed, because a new kernel is one.
if [ "$allow_removals" = yes ]; then action=dist-upgrade; else action='upgrade --with-new-pkgs --no-remove'; fi

simulate() {
  # shellcheck disable=SC2086  # an action and its options are words
  apt -s -o Debug::NoLocking=1 $action >"$work/plan" 2>&1 ||
    failed "apt cannot plan the upgrade: $(grep -m 1 '^E:' "$work/plan" || tail -n 1 "$work/plan")"
}

# `name old new security|other`, old is `-` for a package that is new here.
planned() {
  awk '$1 == "Inst" {
    name = $2; old = ($3 ~ /^\[/) ? substr($3, 2, length($3) - 2) : "-"
    rest = $0; sub(/^[^(]*\(/, "", rest); split(rest, word, " "); sub(/^[^ ]* /, "", rest)
    print name, old, word[1], (tolower(rest) ~ /security/) ? "security" : "other" }' "$work/plan"
}

# What is out of scope is pinned for this call alone: no hold is set that a crash would leave behind.
plan_upgrade() {
  simulate
  planned | awk -v only_security="$only_security" -v exclude=" ${exclude-} " '
    index(exclude, " " $1 " ") || (only_security == "yes" && $4 == "other" && $2 != "-") { print $1 }' >"$work/avoid"
  if [ -s "$work/avoid" ]; then
    while read -r name; do
      printf '\nPackage: %s\nPin: version *\nPin-Priority: -1\n' "$name"
    done <"$work/avoid" >>"$work/preferences"
    simulate
  fi
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
  sed -n '/^The following upgrades have been deferred/,/^[^ ]/s/^  //p' "$work/plan" | tr ' ' '\n' >"$work/phased"
  sed -n '/^The following packages have been kept back/,/^[^ ]/s/^  //p' "$work/plan" | tr ' ' '\n' |
    while read -r name; do
      [ -n "$name" ] || continue
      state=$(dpkg-query -W -f='${db:Status-Abbrev}${Version}' -- "$name" 2>/dev/null | head -n 1)
      why="apt keeps it back for the sake of other packages (a removal, or one that must not change)"
      case $state in h*) why="a person put it on hold" ;; esac
      if grep -q -x -F -e "$name" "$work/phased"; then why="its publisher has not yet released it to every host"; fi
      finding info "$name" "stays at ${state#???}: $why"
    done
  for name in ${exclude-}; do
    if grep -q -x -F -e "$name" "$work/avoid"; then finding info "$name" "stays as it is: this run excludes it"; fi
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
  patiently -y --download-only $action ||
    blocked "the packages cannot be downloaded: $(grep -m 1 -E '^(E|W): ' "$work/log")"
}

packages() { dpkg-query -W -f='${db:Status-Abbrev}|${binary:Package}|${Version}\n' | awk -F '|' '$1 !~ /^.n/' | sort; }

running_services() {
  systemctl list-units --type=service --state=running --plain --no-legend --no-pager --full 2>/dev/null |
    cut -d ' ' -f 1 | grep -v -E '^(user@|session-|apt-daily|packagekit)' || true
}

# A service that D-Bus starts when needed may have gone to sleep; one that is enabled may not.
lost_services() {
  while read -r unit; do
    state=$(systemctl show -p ActiveState --value -- "$unit")
    enabled=$(systemctl show -p UnitFileState --value -- "$unit")
    case $state/$enabled in
      active/* | reloading/*) ;;
      failed/* | activating/* | */enabled* | */generated) printf '%s\n' "$unit" ;;
    esac
  done <"$work/services"
}

install_updates() {
  packages >"$work/before"
  running_services >"$work/services"
  touch "$work/start"
  # shellcheck disable=SC2086  # an action and its options are words
  patiently -y --no-download $action && apt_code=0 || apt_code=$?
  packages >"$work/after"
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
  tries=0
  while lost_services >"$work/lost" && [ -s "$work/lost" ] && [ "$tries" -lt 30 ]; do
    tries=$((tries + 1))
    sleep 1
  done
  while read -r unit; do
    finding critical "$unit" "ran before the updates and does not run now"
  done <"$work/lost"
}

finished=
# a Red Hat or SUSE that has apt-get as well
case " $(sed -n -e 's/^ID=//p' -e 's/^ID_LIKE=//p' /etc/os-release | tr -d "\"'" | tr '\n' ' ') " in
  *" debian "* | *" ubuntu "*) ;;
  *" rhel "* | *" fedora "* | *" centos "* | *" suse "* | *" opensuse "*)
    echo "the packages of this host are not apt's: nothing to do here"
    exit 0 ;;
esac
work=$(mktemp -d /run/patch-linux.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
: >"$work/preferences"
if [ -e /etc/apt/preferences ]; then cp /etc/apt/preferences "$work/preferences"; fi
deadline=$(($(now) + lock_wait))

check_host
wait_for_other_managers
finish_interrupted_installation
check_packages_fit
needed=$min_free
require_room /var/lib/apt/lists /var/cache/apt/archives /var/lib/dpkg
refresh_lists
plan_upgrade
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
