#!/bin/sh
# Whose packages a host has, and how its package manager is asked.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

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
require_manager() {
  program=$manager
  if [ "$manager" = apt ]; then program=apt-get; fi
  [ "$manager" != none ] || blocked "this host is none whose packages are known here"
  command -v "$program" >/dev/null || blocked "this host has no $program"
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

# ---- dnf and zypper.
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
