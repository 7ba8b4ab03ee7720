#!/bin/sh
# What the scripts share. Of patch-linux, patch-scan and patch-rollback, what has one name is the same.
# shellcheck disable=SC2034,SC2154  # parameters stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Once something was changed, no way out is "blocked" any more.
blocked() {
  printf 'msp: why %s\n' "$*"
  if [ -n "${touched-}" ]; then exit 1; fi
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

# Whose packages these are: the system says it first, for openSUSE has dnf as well and a Debian may have both.
manager() {
  like=" $(sed -n -e 's/^ID=//p' -e 's/^ID_LIKE=//p' /etc/os-release | tr -d "\"'" | tr '\n' ' ') "
  case $like in
    *" debian "* | *" ubuntu "*) echo apt ;;
    *" suse "* | *" opensuse "* | *" sles "*) echo zypper ;;
    *" rhel "* | *" fedora "* | *" centos "*) echo dnf ;;
    *) if command -v apt-get >/dev/null; then echo apt; else echo none; fi ;;
  esac
}
make_work() {
  work=$(mktemp -d /run/msp-ops-packages.XXXXXX) || blocked "no room in /run"
  trap 'rm -rf -- "$work"' EXIT
  : >"$work/avoid"
}

# ---- apt. What is out of scope is pinned for this call alone: no hold is set that a crash would leave behind.
# DPkg::Lock::Timeout covers one of apt's three locks only; who changes something waits for all of them.
apt() {
  apt-get -q -o DPkg::Lock::Timeout="$(left)" -o DPkg::Use-Pty=0 -o Acquire::Retries=2 \
    -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o APT::Get::AutomaticRemove=false \
    -o Dir::Etc::Preferences="$work/preferences" \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null
}
pin_avoided() {
  if [ -e /etc/apt/preferences ]; then cat /etc/apt/preferences; fi >"$work/preferences"
  while read -r name; do
    printf '\nPackage: %s\nPin: version *\nPin-Priority: -1\n' "$name"
  done <"$work/avoid" >>"$work/preferences"
}
apt_unfinished() {
  dpkg-query -W -f='${db:Status-Abbrev}|${Package}\n' |
    awk -F '|' 'substr($1, 2, 1) ~ /[HUFWt]/ || substr($1, 3, 1) == "R" { print $2 }'
}

# ---- dnf and zypper. Each repository must answer, also one that its file lets be skipped.
avoided() { tr '\n' ',' <"$work/avoid" | sed 's/,$//'; }
ask_dnf() {
  out=$(avoided)
  dnf --color=never --nobest --setopt=exit_on_lock=1 --setopt='*.skip_if_unavailable=0' "$@" ${out:+--exclude="$out"} </dev/null
}
ask_zypper() { ZYPP_CONF="$work/zypp.conf" zypper --non-interactive --no-color "$@" </dev/null; }
# Locked for this call alone; `none`: neither what this run leaves out nor what the host locks.
lock_avoided() {
  if [ "${1-}" = none ]; then
    : >"$work/locks"
  else
    {
      cat /etc/zypp/locks 2>/dev/null || true
      while read -r name; do
        printf '\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: %s\n' "$name"
      done <"$work/avoid"
    } >"$work/locks"
  fi
  { grep -s -v '^ *locksfile.path' /etc/zypp/zypp.conf || echo '[main]'; } >"$work/zypp.conf"
  sed -i "s|^\[main\]|&\nlocksfile.path = $work/locks|" "$work/zypp.conf"
}
packages() { rpm -qa --qf '%{NAME}.%{ARCH}|%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' | sed 's/|0:/|/' | sort; }
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

# ---- What a change asks of the host, before and after.
require_manager() {
  program=$manager
  if [ "$manager" = apt ]; then program=apt-get; fi
  [ "$manager" != none ] || blocked "this host is none whose packages are known here"
  command -v "$program" >/dev/null || blocked "this host has no $program"
}
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
unfinished() { if [ "$manager" = apt ]; then apt_unfinished; else rpm_unfinished; fi; }
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

# ---- What an earlier run of patch-linux changed. It keeps `name|version` of each package from before and after it.
installed_packages() {
  if [ "$manager" != apt ]; then
    packages
    return
  fi
  dpkg-query -W -f='${db:Status-Abbrev}|${binary:Package}|${Version}\n' | awk -F '|' '$1 !~ /^.[nc]/ { print $2 "|" $3 }' | sort
}
plain() { if [ "$manager" = apt ]; then echo "${1%%:*}"; else echo "${1%.*}"; fi; }
# Into `wanted` the packages that are not as they were, into `new` what came with the run in place of nothing.
read_run() {
  kept=${msp_kept%/*}/$run
  [ -s "$kept/packages-before" ] || blocked "this host keeps nothing of run $run: it did not patch this host, or more than 90 days ago"
  installed_packages >"$work/installed"
  after=$kept/packages-after
  if [ ! -e "$after" ]; then after=$work/installed; fi
  grep -v -x -F -f "$after" "$kept/packages-before" >"$work/changed" || true
  # a kernel comes beside the older one
  grep -v -x -F -f "$kept/packages-before" "$after" | awk -F '|' -v changed="$work/changed" '
    BEGIN { while ((getline line < changed) > 0) { split(line, word, "|"); was[word[1]] } }
    !($1 in was)' | grep -x -F -f "$work/installed" >"$work/new" || true
  grep -v -x -F -f "$work/installed" "$work/changed" >"$work/all" || true
  for name in ${only-}; do
    awk -F '|' -v name="$name" -v apt="$manager" '{ sub(apt == "apt" ? ":.*" : "\\.[^.]*$", "", $1) } $1 == name { found = 1 } END { exit !found }' "$work/changed" ||
      blocked "run $run did not change $name on this host"
  done
  while IFS='|' read -r name version; do
    case " ${only:-$(plain "$name")} " in *" $(plain "$name") "*) printf '%s|%s\n' "$name" "$version" ;; esac
  done <"$work/all" >"$work/wanted"
}
# A word for the package manager, or nothing: what the repositories have, else what was downloaded once.
word_for() {
  case $manager in
    apt)
      if apt-cache madison -- "$1" 2>/dev/null | awk -F ' *[|] *' -v version="$2" '$2 == version { found = 1 } END { exit !found }'; then
        printf '%s=%s\n' "$1" "$2"
        return
      fi
      for file in /var/cache/apt/archives/"${1%%:*}"_*.deb; do
        if [ "$(dpkg-deb -f "$file" Version 2>/dev/null)" = "$2" ]; then
          printf '%s\n' "$file"
          return
        fi
      done ;;
    dnf)
      if dnf -q -C repoquery --disableplugin=versionlock --qf '%{name}.%{arch}|%{evr}' -- "${1%.*}" 2>/dev/null </dev/null | sed 's/|0:/|/' |
        grep -q -x -F -e "$1|$2"; then
        printf '%s-%s.%s\n' "${1%.*}" "$2" "${1##*.}"
      else
        downloaded "$1|$2" /var/cache/dnf
      fi ;;
    *)
      if ask_zypper --xmlout --no-refresh search --details --match-exact -- "${1%.*}" 2>/dev/null |
        grep -F -e " edition=\"$2\"" | grep -q -F -e " arch=\"${1##*.}\""; then
        printf '%s.%s=%s\n' "${1%.*}" "${1##*.}" "$2"
      else
        downloaded "$1|$2" /var/cache/zypp/packages
      fi ;;
  esac
}
downloaded() {
  find "$2" -type f -name "$(plain "${1%|*}")-*.rpm" ! -name '*[[:space:][:cntrl:]]*' 2>/dev/null | while read -r file; do
    if [ "$(rpm -qp --qf '%{NAME}.%{ARCH}|%{EPOCHNUM}:%{VERSION}-%{RELEASE}' -- "$file" 2>/dev/null | sed 's/|0:/|/')" = "$1" ]; then
      printf '%s\n' "$file"
      break
    fi
  done
}
# Into `words` what the package manager is asked for, into `lost` what nobody has any more.
find_older_versions() {
  : >"$work/words"
  : >"$work/lost-versions"
  while IFS='|' read -r name version; do
    word=$(word_for "$name" "$version")
    if [ -n "$word" ]; then printf '%s\n' "$word" >>"$work/words"; else printf '%s|%s\n' "$name" "$version" >>"$work/lost-versions"; fi
  done <"$work/wanted"
}
complaint() { grep -m 1 -i -E "${1:-^(error|problem)}" "$work/log" || tail -n 1 "$work/log"; }

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
