#!/bin/sh
# What a change of packages asks of the host before it, and what is to be seen after it. Needs packages.sh.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

complaint() { grep -m 1 -i -E "${1:-^(error|problem)}" "$work/log" || tail -n 1 "$work/log"; }

# ---- dnf and zypper. Each repository must answer, also one that its file lets be skipped.
avoided() { tr '\n' ',' <"$work/avoid" | sed 's/,$//'; }
ask_dnf() {
  out=$(avoided)
  dnf --color=never --nobest --setopt=exit_on_lock=1 --setopt='*.skip_if_unavailable=0' "$@" ${out:+--exclude="$out"} </dev/null
}
# A line a package: `install|upgrade|remove|replaced|skipped name arch version`.
read_dnf_plan() {
  awk '
    function flush() { if (kind != "" && row != "") { split(row, word, " "); print kind, word[1], word[2], word[3] } row = "" }
    /^[^ ]/ { flush() }
    /^Installing/ { kind = "install"; next }
    /^(Upgrading|Downgrading|Reinstalling)/ { kind = "upgrade"; next }
    /^Removing/ { kind = "remove"; next }
    /^Skipping/ { kind = "skipped"; next }
    /^\(/ { next }
    /^[^ ]/ { kind = ""; next }
    /^ +replacing / { split($2, name, /\.[^.]*$/); arch = $2; sub(/.*\./, "", arch); other = other "replaced " name[1] " " arch " " $3 "\n"; next }
    /^ [^ ]/ { flush(); row = $0; next }
    { row = row " " $0 }
    END { flush(); printf "%s", other }' "$1"
}
read_zypper_plan() {
  awk '
    function value(key) { return match($0, " " key "=\"[^\"]*\"") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4) : "-" }
    /^<to-install>/ { kind = "install" }
    /^<to-(upgrade|downgrade|reinstall|change)/ { kind = "upgrade" }
    /^<to-remove>/ { kind = "remove" }
    /^<\/to-/ { kind = "" }
    /^<solvable type="package"/ && kind != "" { print kind, value("name"), value("arch"), value("edition") }' "$1"
}

# ---- An installation that somebody has left half done.
apt_unfinished() {
  dpkg-query -W -f='${db:Status-Abbrev}|${Package}\n' |
    awk -F '|' 'substr($1, 2, 1) ~ /[HUFWt]/ || substr($1, 3, 1) == "R" { print $2 }'
}
# Of these a host has several versions on purpose.
side_by_side() {
  for what in 'installonlypkg(kernel)' 'installonlypkg(kernel-module)' 'installonlypkg(vm)' 'multiversion(kernel)'; do
    rpm -q --whatprovides --qf '%{NAME}.%{ARCH}\n' "$what" 2>/dev/null || true
  done | grep -v '^no package'
  packages | grep -E -o '^(kernel[a-z-]*|gpg-pubkey)\.[^|]*'
}
# An update that was cut leaves the old version beside the new one, or scripts that should have come at the end.
rpm_unfinished() {
  side_by_side >"$work/side-by-side" || true
  packages | cut -d '|' -f 1 | uniq -d | grep -v -x -F -f "$work/side-by-side" || true
  if [ "$manager" = zypper ]; then return; fi
  TZ=UTC ask_dnf -q -C history info last >"$work/last" 2>/dev/null || return 0
  if ! grep -q -E '^End time +: .* 1970 ' "$work/last"; then return; fi
  sed -n -E 's/^[ *]*(Install|Upgrade|Reinstall) +([^ ]+).*/\2/p' "$work/last" | while read -r name; do
    rpm -q --qf '%{NAME}.%{ARCH}\n' -- "$name" 2>/dev/null || true
  done | grep -v '^package '
}
unfinished() { if [ "$manager" = apt ]; then apt_unfinished; else rpm_unfinished; fi; }

# ---- Nobody else is at work.
# Neither of them waits for each of its locks by itself for as long as it is told.
patiently() {
  while :; do
    { "$@" 2>&1 && echo 0 >"$work/code" || echo $? >"$work/code"; } | tee "$work/log" | quoted
    holder=$(grep -m 1 -o -E 'Could not get lock.*|.*(already locked by|System management is locked|create transaction lock).*' "$work/log") ||
      return "$(cat "$work/code")"
    [ "$(left)" -gt 0 ] || blocked "another package manager is at work: $holder"
    sleep 1
  done
}
# Some let go of the locks between packages: their service must have ended, the locks do not tell.
wait_for_services_of_others() {
  while busy=$(systemctl list-units --state=activating,active --plain --no-legend --no-pager "$@" 2>/dev/null |
    cut -d ' ' -f 1 | grep .); do
    [ "$(left)" -gt 0 ] || blocked "another package manager is at work: $(echo "$busy" | tr '\n' ' ')"
    sleep 1
  done
}
check_host() {
  require_manager
  [ "$(id -u)" -eq 0 ] || blocked "changing packages needs root"
  if [ "$manager" = apt ]; then
    database=/var/lib/dpkg
  else
    case $("$manager" --version 2>&1 | head -n 1) in
      dnf5* | yum*) blocked "this host has $("$manager" --version 2>&1 | head -n 1): this runbook knows dnf 4 only" ;;
    esac
    if [ -e /run/ostree-booted ] || command -v transactional-update >/dev/null; then
      blocked "the system of this host is an image: it is updated as a whole"
    fi
    database=$(rpm -E '%_dbpath')
  fi
  [ -w "$database" ] || blocked "the file system of $database is read-only"
}
# Only when nobody is at work does an unfinished package mean that somebody left it. The transaction lock of rpm itself
# is what a lone rpm holds; looking at its database needs that lock.
wait_for_other_managers() {
  if [ "$manager" = apt ]; then
    wait_for_services_of_others apt-daily.service apt-daily-upgrade.service
    patiently apt check || true
  else
    wait_for_services_of_others dnf-automatic.service dnf-automatic-install.service packagekit-offline-update.service
    patiently rpm --verifydb || failed "the database of installed packages is damaged: $(complaint '^error')"
  fi
}

# ---- Services before and after.
running_services() {
  systemctl list-units --type=service --state=running --plain --no-legend --no-pager --full 2>/dev/null |
    cut -d ' ' -f 1 | grep -v -E '^(user@|session-|apt-daily|dnf-|packagekit)' || true
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
say_lost_services() {
  tries=0
  while lost_services >"$work/lost" && [ -s "$work/lost" ] && [ "$tries" -lt 30 ]; do
    tries=$((tries + 1))
    sleep 1
  done
  while read -r unit; do finding critical "$unit" "ran before the updates and does not run now"; done <"$work/lost"
}
