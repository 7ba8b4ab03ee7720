#!/bin/sh
# Finishes what was interrupted, fetches what is missing and installs anew what is damaged.
# Nothing is changed before nobody else is at work: until then every way out is 75, blocked.
# shellcheck disable=SC2034,SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
# NEEDRESTART_*: its hook would restart services, or ask, in the middle of the installation.
export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1
export NEEDRESTART_SUSPEND=1 NEEDRESTART_MODE=l


# Without its caches: damaged lists are named once, then apt caches what it could read and calls that sound.
apt() {
  apt-get -q -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o DPkg::Lock::Timeout="$(left)" \
    -o DPkg::Use-Pty=0 -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o APT::Get::AutomaticRemove=false \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null
}
# What a program says is shown and kept in `log`; it ends as the program did.
shown() {
  { "$@" 2>&1 && echo 0 >"$work/code" || echo $? >"$work/code"; } | tee "$work/log" | quoted
  return "$(cat "$work/code")"
}
# DPkg::Lock::Timeout covers one of apt's three locks only, and dpkg waits for none.
patiently() {
  while :; do
    if shown "$@"; then return 0; else code=$?; fi
    busy=$(grep -m 1 -o -E 'Could not get lock.*|(dpkg|database) .* locked by another process.*' "$work/log") || return "$code"
    [ "$(left)" -gt 0 ] || blocked "another package manager is at work: $busy"
    sleep 1
  done
}

check_host() {
  [ "$(id -u)" -eq 0 ] || blocked "repairing packages needs root"
  [ -w /var/lib/dpkg ] || blocked "the file system of /var/lib/dpkg is read-only"
  free=$(df -Pk /var/lib/dpkg | awk 'NR == 2 { print int($4 / 1024) }')
  [ "$free" -ge 20 ] || blocked "the file system of /var/lib/dpkg has $free MiB free: make room first (fix-disk-full)"
  dpkg-query -W >/dev/null 2>"$work/log" ||
    blocked "dpkg cannot read its own status, copies of it lie in /var/backups: $(head -n 1 "$work/log")"
}

# unattended-upgrades lets go of the locks between packages: its service must have ended, the locks do not tell.
wait_for_other_managers() {
  while busy=$(systemctl list-units --state=activating,active --plain --no-legend --no-pager \
    apt-daily.service apt-daily-upgrade.service 2>/dev/null | cut -d ' ' -f 1 | grep .); do
    [ "$(left)" -gt 0 ] || blocked "another package manager is at work: $(printf '%s\n' "$busy" | tr '\n' ' ')"
    sleep 1
  done
  patiently apt check || true
}

# By what it says: it ends with 0 whatever it finds.
audit() { dpkg --audit 2>&1; }
to_install_anew() {
  audit | awk '/^[^ ]/ { if (!open) head = ""; head = head " " $0; open = 1 }
    /^ / { open = 0; if (head ~ /reinstalled|half installed/) print $1 }'
}
is_whole() {
  [ -z "$(audit)" ] && [ -z "$(ls -A /var/lib/dpkg/updates)" ] && apt -o Debug::NoLocking=1 check >"$work/log" 2>&1
}

remember() {
  dpkg-query -W -f='${db:Status-Abbrev}|${binary:Package}|${Version}\n' | sort >"$work/$1"
  to_install_anew >"$work/$1-damaged"
}

# Lists that cannot be parsed keep apt from doing anything at all; the refresh fetches them anew.
drop_damaged_lists() {
  shown apt check || true
  if grep -q -E '/var/lib/apt/lists/|package cache file is corrupted' "$work/log"; then
    find /var/lib/apt/lists -maxdepth 1 -type f ! -name lock -delete
    echo 'msp: changed package-lists were damaged and are fetched anew'
  fi
}
# A refresh that failed ends with 0 (apt before 2.1 whatever one asks): the text counts. What it names, a person mends.
refresh_lists() {
  patiently apt update -o APT::Update::Error-Mode=any || true
  grep -E '^(E|W): ' "$work/log" | grep -v -E 'Some index files failed|Problem unlinking' | sort -u | awk '
    { source = "all"; for (i = 2; i <= NF; i++) if ($i ~ /^\047?(https?|ftp|file|cdrom):/) { source = $i; break }
      gsub(/[^[:alnum:].:\/_-]/, "", source)
      if (!seen[source]++) print "msp: finding warning package-lists:" source " " substr($0, 4) }' >"$work/lists"
  cat "$work/lists"
}

configure() { patiently dpkg --configure -a --force-confdef --force-confold || true; }

refuse_dangerous_removals() {
  awk '$1 == "Remv" || $1 == "Purg" { print $2 }' "$work/plan" >"$work/removals"
  while read -r name; do
    marks=$(dpkg-query -W -f='${Essential} ${Protected} ${Important}' -- "$name" 2>/dev/null || echo unknown)
    case "$marks $name " in
      *yes* | *unknown* | *" openssh-server "* | *" sudo "* | *" systemd "* | *" linux-image-$(uname -r) "*)
        failed "the repair would remove $name, which this host needs" ;;
    esac
    [ "$allow_removals" = yes ] || failed "the repair would remove $name; allow it with allow-removals"
  done <"$work/removals"
}
# Its plan is looked at first: apt repairs unmet dependencies by removing whoever has them, too.
fetch_what_is_missing() {
  if ! apt -s -o Debug::NoLocking=1 -f install >"$work/plan" 2>&1; then
    quoted <"$work/plan"
    failed "apt cannot plan a repair: $(grep -m 1 '^E:' "$work/plan" || tail -n 1 "$work/plan")"
  fi
  if ! grep -q -E '^(Inst|Remv|Purg) ' "$work/plan"; then return 0; fi
  refuse_dangerous_removals
  patiently apt -y -f install || true
}
install_anew() {
  to_install_anew >"$work/damaged"
  while read -r name; do
    patiently apt -y --no-remove --reinstall install -- "$name" || true
  done <"$work/damaged"
}

say_what_changed() {
  awk -F '|' '
    function state(word) {
      return substr(word, 2, 1) == "U" ? "unpacked" : substr(word, 2, 1) == "F" ? "half configured" : \
        substr(word, 2, 1) == "H" ? "half installed" : tolower(substr(word, 2, 1)) ~ /[wt]/ ? "waiting for triggers" : \
        substr(word, 2, 1) == "i" ? "installed" : "not installed"
    }
    NR == FNR { before[$2] = $3 " " state($1); next }
    { was = ($2 in before) ? before[$2] : "not installed"; now = $3 " " state($1)
      if (was != now) print "msp: changed " $2 " " was " -> " now; seen[$2] = 1 }
    END { for (name in before) if (!(name in seen)) print "msp: changed " name " " before[name] " -> removed" }
  ' "$work/before" "$work/after"
  grep -v -x -F -f "$work/after-damaged" "$work/before-damaged" | while read -r name; do
    printf 'msp: changed %s was damaged and is installed anew\n' "$name"
  done
}

# The line before dpkg's own is the last one that the package's script said.
why_not_whole() {
  audit | quoted
  audit | awk '/^ / { print $1 }' | sort -u | head -n 5 | while read -r name; do
    last=$(awk -v name="$name" '/^dpkg: error processing package / && $5 == name { print before } { before = $0 }' \
      "$work/all" | tail -n 1)
    printf '%s%s; ' "$name" "${last:+ ($last)}"
  done
  grep -m 1 '^E: ' "$work/log" || true
}

work=$(mktemp -d /run/fix-packages.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
deadline=$(($(now) + lock_wait))
: >"$work/all"

check_host
wait_for_other_managers
remember before
touched=yes
if is_whole; then echo "every package is whole"; else
  echo "--- dpkg --audit"
  audit | quoted
  drop_damaged_lists
  configure
  cat "$work/log" >>"$work/all"
fi
refresh_lists
if ! is_whole; then
  for work_on in fetch_what_is_missing install_anew configure; do
    "$work_on"
    cat "$work/log" >>"$work/all"
  done
fi
remember after
say_what_changed
is_whole || failed "still broken: $(why_not_whole | grep -v '^  ' | tr '\n' ' ')"
