#!/bin/sh
# What is on this host, as text that stays the same while the host does: two snapshots can be compared line by line.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH


section() { printf '%s\n' "--- $1"; }
lines_of() { printf '%s\n' "$1" | grep -c . || true; }
measured() { printf 'msp: measurement %s %s %s\n' "$@"; }

system() {
  section system
  {
    printf 'name: %s\n' "$(uname -n)"
    sed -n 's/^PRETTY_NAME=/release: /p' /etc/os-release 2>/dev/null | tr -d '"'
    printf 'kernel: %s %s\n' "$(uname -r)" "$(uname -m)"
    printf 'virtualisation: %s\n' "$(systemd-detect-virt 2>/dev/null || true)"
    printf 'time zone: %s\n' "$(readlink /etc/localtime 2>/dev/null | sed 's|.*/zoneinfo/||')"
  } | quoted
}

# Memory in whole GiB: what the kernel keeps for itself changes with every kernel.
hardware() {
  section hardware
  {
    for part in sys_vendor product_name product_serial bios_version; do
      if [ -r "/sys/class/dmi/id/$part" ]; then printf '%s: %s\n' "$part" "$(cat "/sys/class/dmi/id/$part")"; fi
    done
    printf 'processors: %s\n' "$(grep -c '^processor' /proc/cpuinfo)"
    sed -n 's/^model name[[:space:]]*: /processor: /p' /proc/cpuinfo | sort -u
    awk '$1 == "MemTotal:" { printf "memory: %d GiB\n", ($2 + 1048575) / 1048576 }' /proc/meminfo
    for path in /sys/block/*; do
      case ${path##*/} in loop* | ram* | zram* | dm-* | sr* | fd*) continue ;; esac
      [ -r "$path/size" ] || continue
      model=$(cat "$path/device/model" 2>/dev/null) || true
      printf 'disk: %s %s MiB %s\n' "${path##*/}" "$(($(cat "$path/size") / 2048))" "$model"
    done
    for path in /sys/class/net/*; do
      if [ -e "$path/device" ]; then printf 'link: %s %s\n' "${path##*/}" "$(cat "$path/address")"; fi
    done
  } | quoted
}

packages() {
  section packages
  if command -v dpkg-query >/dev/null; then
    all=$(dpkg-query -W -f='${db:Status-Abbrev} ${binary:Package} ${Version}\n' | sed -n 's/^\(.\)i  */\1 /p')
    all=$(printf '%s\n' "$all" | sed -e 's/^h \(.*\)/\1 (on hold)/' -e 's/^. //')
  elif command -v rpm >/dev/null; then
    all=$(rpm -qa --qf '%{NAME}.%{ARCH} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\n')
  elif command -v apk >/dev/null; then
    all=$(apk info -v 2>/dev/null)
  elif command -v pacman >/dev/null; then
    all=$(pacman -Q)
  else
    unknown "packages: none of dpkg, rpm, apk and pacman is here"
    return 0
  fi
  printf '%s\n' "$all" | sort | quoted
  if [ "$(lines_of "$all")" -eq 0 ]; then unknown "the list of packages is empty"; fi
  measured packages "$(lines_of "$all")" packages
}

# Without process ids, which change with every start.
listeners() {
  section listeners
  if ! command -v ss >/dev/null; then
    unknown "listeners: ss is not installed (iproute2)"
    return 0
  fi
  borrowed=$(cat /proc/sys/net/ipv4/ip_local_port_range 2>/dev/null || echo 32768 60999)
  all=$(ss -ltunp 2>/dev/null </dev/null | awk -v borrowed="$borrowed" '
    BEGIN { split(borrowed, range, " ") }
    $1 !~ /^(tcp|udp)$/ { next }
    { port = $5; sub(/.*:/, "", port) }
    $1 == "udp" && port + 0 >= range[1] + 0 && port + 0 <= range[2] + 0 { next }
    { program = $0; if (!sub(/^.*users:\(\("/, "", program)) program = "the kernel"
      sub(/".*/, "", program); print $1, $5, program }' | sort -u)
  printf '%s\n' "$all" | grep . | quoted || true
  measured listeners "$(lines_of "$all")" sockets
}

users() {
  section users
  awk -F : '{ print $1 " uid " $3 " gid " $4 " " $6 " " $7 }' /etc/passwd | sort | quoted
  section groups
  awk -F : '$4 != "" { print $1 ": " $4 }' /etc/group | sort | quoted
  measured accounts "$(grep -c : /etc/passwd)" accounts
}

services() {
  section services
  if ! command -v systemctl >/dev/null; then
    unknown "services: systemd does not run this host"
    return 0
  fi
  all=$(systemctl list-unit-files --type=service,timer,socket --state=enabled,enabled-runtime,generated \
    --no-legend --no-pager --plain 2>/dev/null </dev/null | awk '{ print $1, $2 }' | sort)
  printf '%s\n' "$all" | quoted
  section "running services"
  running=$(systemctl list-units --type=service --state=running --no-legend --no-pager --plain --full 2>/dev/null </dev/null |
    awk '{ print $1 }' | grep -v -E '^(user@|session-)' | sort) || true
  printf '%s\n' "$running" | quoted
  if [ -z "$all$running" ]; then unknown "services: systemd lists none"; fi
  measured services_enabled "$(lines_of "$all")" units
  measured services_running "$(lines_of "$running")" units
}

mounts() {
  section mounts
  awk '$1 ~ /^(\/dev\/|[^ ]*:\/|\/\/)/ || $3 ~ /^(zfs|btrfs|overlay)$/ { print $1 " on " $2 " as " $3 }' /proc/mounts |
    sort -u | quoted
}

system
hardware
packages
services
listeners
users
mounts
[ -z "$blind" ] || exit 75
