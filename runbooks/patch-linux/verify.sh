#!/bin/sh
# Asks the package manager again: of what this run was to install, nothing may be left. Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

cannot_tell() {
  printf 'msp: why not verified: %s\n' "$*"
  exit 75
}
failed() {
  printf 'msp: why %s\n' "$*"
  exit 1
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

too_old() { cannot_tell "the package lists were not refreshed in the last three hours"; }

apt_has_nothing_left() {
  command -v apt-get >/dev/null || cannot_tell "this host has no apt-get"
  unfinished=$(dpkg-query -W -f='${db:Status-Abbrev}|${Package}\n' |
    awk -F '|' 'substr($1, 2, 1) ~ /[HUFWt]/ || substr($1, 3, 1) == "R" { printf "%s ", $2 }')
  [ -z "$unfinished" ] || failed "not fully installed: $unfinished"

  [ -n "$(find /var/lib/apt/periodic/update-success-stamp -mmin -180 2>/dev/null)" ] ||
    too_old

  if [ "$allow_removals" = yes ]; then action=dist-upgrade; else action='upgrade --with-new-pkgs --no-remove'; fi
  # shellcheck disable=SC2086  # an action and its options are words
  plan=$(apt-get -s -o Debug::NoLocking=1 $action 2>&1 </dev/null) || cannot_tell "$(printf '%s\n' "$plan" | tail -n 1)"
  printf '%s\n' "$plan" | grep -q ' not upgraded\.$' || cannot_tell "apt did not come to a plan"

  left=$(printf '%s\n' "$plan" | awk -v only_security="$only_security" -v exclude=" ${exclude-} " '
    $1 == "Inst" && $3 ~ /^\[/ && !index(exclude, " " $2 " ") {
      origin = $0; sub(/^[^(]*\([^ ]* /, "", origin)
      if (only_security != "yes" || tolower(origin) ~ /security/) printf "%s ", $2 }')
  [ -z "$left" ] || failed "still to be installed: $left"
  echo "apt has nothing left to install"
}

# Two versions of one package are what is left of an update that was cut: the newer one hides it from the plan.
nothing_is_half_done() {
  twice=$(rpm -qa --qf '%{NAME}.%{ARCH}\n' | sort | uniq -d | grep -v -E '^(kernel[a-z-]*|kmod-.*|gpg-pubkey)\.' | tr '\n' ' ') || true
  for name in $twice; do
    rpm -q --provides -- "$name" | grep -q -E '^(installonlypkg|multiversion)\(' || failed "an installation was interrupted: $name is there twice"
  done
}

dnf_has_nothing_left() {
  nothing_is_half_done
  repositories=$(dnf -q -C repolist </dev/null | awk 'NR > 1 { print $1 }') || cannot_tell "dnf cannot name its repositories"
  [ -n "$repositories" ] || cannot_tell "no repository is enabled"
  for id in $repositories; do
    [ -n "$(find /var/cache/dnf/"$id"-????????????????/repodata -mmin -180 2>/dev/null)" ] || too_old
  done
  set -- -C --color=never --nobest --assumeno ${exclude:+--exclude="$(echo "$exclude" | tr ' ' ',')"} upgrade
  if [ "$only_security" = yes ]; then set -- "$@" --security; fi
  plan=$(dnf "$@" 2>&1 </dev/null) || printf '%s\n' "$plan" | grep -q '^Operation aborted' ||
    cannot_tell "$(printf '%s\n' "$plan" | grep -m 1 '^Error' || echo "dnf did not come to a plan")"
  # what does not fit to other packages stays: it is no part of the plan
  left=$(printf '%s\n' "$plan" | awk '
    /^(Installing|Upgrading)/ { open = 1; next }
    /^[^ ]/ { open = 0 }
    open && /^ [^ ]/ { printf "%s ", $1 }')
  [ -z "$left" ] || failed "still to be installed: $left"
  echo "dnf has nothing left to install"
}

zypper_has_nothing_left() {
  nothing_is_half_done
  aliases=$(zypper -x --non-interactive lr </dev/null | sed -n 's/^<repo alias="\([^"]*\)".* enabled="1".*/\1/p')
  [ -n "$aliases" ] || cannot_tell "no repository is enabled"
  printf '%s\n' "$aliases" | while read -r alias; do
    folder=/var/cache/zypp/raw/$alias
    [ -n "$(find "$folder" "$folder/repodata/repomd.xml" -maxdepth 0 -mmin -180 2>/dev/null)" ] || exit 1
  done || too_old
  work=$(mktemp -d /run/patch-linux.XXXXXX) || cannot_tell "no room in /run"
  trap 'rm -rf -- "$work"' EXIT
  {
    cat /etc/zypp/locks 2>/dev/null || true
    for name in ${exclude-}; do
      printf '\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: %s\n' "$name"
    done
  } >"$work/locks"
  { grep -s -v '^ *locksfile.path' /etc/zypp/zypp.conf || echo '[main]'; } | sed "s|^\[main\]|&\nlocksfile.path = $work/locks|" >"$work/zypp.conf"
  if [ "$only_security" = yes ]; then set -- patch --category security; else set -- update; fi
  ZYPP_CONF="$work/zypp.conf" zypper --non-interactive --xmlout --no-refresh "$@" --auto-agree-with-licenses --dry-run \
    >"$work/plan" 2>&1 </dev/null || cannot_tell "zypper did not come to a plan"
  grep -q '^<install-summary' "$work/plan" || cannot_tell "zypper did not come to a plan"
  left=$(awk '
    /^<to-(install|upgrade)/ { open = 1 }
    /^<\/to-/ { open = 0 }
    open && /^<solvable type="package"/ { sub(/.* name="/, ""); sub(/".*/, ""); printf "%s ", $0 }' "$work/plan")
  [ -z "$left" ] || failed "still to be installed: $left"
  echo "zypper has nothing left to install"
}

case $(manager) in
  apt) apt_has_nothing_left ;;
  dnf) dnf_has_nothing_left ;;
  zypper) zypper_has_nothing_left ;;
  *) cannot_tell "this host is none whose packages are known here" ;;
esac
