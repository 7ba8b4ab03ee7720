#!/bin/sh
# Removes old kernels, fetched packages, old journal entries and old temporary files, and says how many bytes that gave.
# The kernels come first: whoever else installs something blocks them, and then nothing at all has been changed.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 NEEDRESTART_MODE=l

# By find and not by du -x, which passes over every file of a container's overlay.
bytes_in() { find "$@" -xdev -type f -printf '%b\n' 2>/dev/null | awk '{ blocks += $1 } END { printf "%.0f\n", blocks * 512 }'; }

apt() { apt-get -q -o DPkg::Use-Pty=0 -o APT::Get::AutomaticRemove=false "$@" </dev/null; }
patiently() {
  while :; do
    { apt "$@" 2>&1 && echo 0 >"$work/code" || echo $? >"$work/code"; } | tee "$work/log" | quoted
    if ! grep -q 'Could not get lock' "$work/log"; then return "$(cat "$work/code")"; fi
    [ "$(now)" -lt "$deadline" ] || blocked "another package manager is at work: $(grep -m 1 -o 'Could not get lock.*' "$work/log")"
    sleep 1
  done
}

packages_of() {
  for part in image image-unsigned headers modules modules-extra tools; do
    state=$(dpkg-query -W -f='${db:Status-Abbrev}' "linux-$part-$1" 2>/dev/null) || continue
    case $state in ?i*) printf 'linux-%s-%s\n' "$part" "$1" ;; esac
    case $state in hi*) printf 'msp: finding info linux-%s-%s stays: a person put it on hold\n' "$part" "$1" >&3 ;; esac
  done
}
# What else apt would remove or install for it, or a word of a held package.
side_effects() {
  apt -s -o Debug::NoLocking=1 purge "$@" >"$work/plan" 2>&1 || grep -m 1 '^E:' "$work/plan" || echo "apt cannot plan it"
  awk '$1 ~ /^(Remv|Purg|Inst)$/ { print $1, $2 }' "$work/plan" | sort -u | while read -r verb name; do
    case " $* " in *" $name "*) [ "$verb" = Inst ] || continue ;; esac
    printf '%s\n' "$name"
  done
}
remove_kernel() {
  packages_of "$1" >"$work/packages" 3>"$work/held"
  cat "$work/held"
  if [ -s "$work/held" ]; then return 0; fi
  # shellcheck disable=SC2046  # names of packages are words
  set -- "$1" $(cat "$work/packages")
  release=$1
  shift
  also=$(side_effects "$@" | tr '\n' ' ')
  if [ -n "$also" ]; then
    printf 'msp: finding info linux-image-%s stays: apt would also touch %s\n' "$release" "$also"
    return 0
  fi
  patiently -y purge "$@" || failed "kernel $release cannot be removed: $(grep -m 1 '^E: ' "$work/log" || tail -n 1 "$work/log")"
  if kernels | grep -q -x -F -e "$release"; then failed "kernel $release is still there after its removal"; fi
  printf 'msp: changed kernel:%s removed\n' "$release"
}
remove_old_kernels() {
  if [ "$keep_kernels" = yes ] || ! command -v dpkg-query >/dev/null; then return 0; fi
  if ! kernels | grep -q -x -F -e "$running"; then
    printf 'the running kernel %s is no package of this host: kernels are left alone\n' "$running"
    return 0
  fi
  old_kernels >"$work/old"
  if [ ! -s "$work/old" ]; then return 0; fi
  if ! patiently check; then
    if grep -q 'The list of sources could not be read' "$work/log"; then
      blocked "the list of package sources cannot be read: $(grep -m 1 '^E:' "$work/log")"
    fi
    failed "the installed packages do not fit together (fix-packages): $(grep -m 1 '^E:' "$work/log")"
  fi
  before=$(bytes_in /boot /lib/modules /usr/src)
  while read -r release; do remove_kernel "$release"; done <"$work/old"
  count kernels "$((before - $(bytes_in /boot /lib/modules /usr/src)))"
}

count() {
  if [ "$2" -gt 0 ]; then
    total=$((total + $2))
    printf 'msp: measurement freed:%s %s bytes\n' "$1" "$2"
  fi
}
# Runs a class of removals on folders that it is measured by.
class() {
  name=$1 how=$2
  shift 2
  before=$(bytes_in "$@")
  { "$how" "$@" 2>&1 || printf '%s: could not be done in full\n' "$name"; } | quoted
  gained=$((before - $(bytes_in "$@")))
  if [ "$gained" -gt 0 ]; then printf 'msp: changed %s freed %s KiB\n' "$name" "$((gained / 1024))"; fi
  count "$name" "$gained"
}
fetched_packages() { find "$@" -xdev -type f \( -name '*.deb' -o -name '*.rpm' \) -delete; }
journal() {
  if [ "$(bytes_in "$1")" -le "$journal_keep" ]; then return 0; fi
  journalctl --rotate
  journalctl --quiet --vacuum-size="$journal_keep"
}
# The host's own rules say how old temporary files may grow, and which must stay.
temporary_files() {
  if command -v systemd-tmpfiles >/dev/null; then systemd-tmpfiles --clean; fi
}

[ "$(id -u)" -eq 0 ] || blocked "clearing away needs root"
echo "--- clearing away"
work=$(mktemp -d /run/clean-up.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
running=$(uname -r)
total=0
deadline=$(($(now) + lock_wait))
remove_old_kernels
for folder in /var/cache/apt/archives /var/cache/dnf /var/cache/yum /var/cache/zypp/packages; do
  if [ -d "$folder" ]; then class fetched-packages fetched_packages "$folder"; fi
done
if [ -d /var/log/journal ]; then class journal journal /var/log/journal; fi
class temporary-files temporary_files /tmp /var/tmp
printf 'msp: measurement freed %s bytes\n' "$total"
