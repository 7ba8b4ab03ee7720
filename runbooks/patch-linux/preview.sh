#!/bin/sh
# Says which packages would change, from the package lists as they are. Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Others chose these words and names: none of their lines may pass for a report.
quoted() { LC_ALL=C sed -u -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }

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

preview_apt() {
  if ! command -v apt-get >/dev/null; then
    echo "msp: why this host has no apt-get"
    exit 75
  fi
  newest=$(for list in /var/lib/apt/lists/*Release /var/lib/apt/periodic/update-success-stamp; do
    if [ -e "$list" ]; then stat -c %Y -- "$list"; fi
  done | sort -n | tail -n 1)
  if [ -z "$newest" ]; then
    echo "msp: why there are no package lists yet: the run itself fetches them"
    exit 75
  fi
  echo "package lists are $((($(date +%s) - newest) / 3600)) hours old; the run refreshes them first"

  if [ "$allow_removals" = yes ]; then action=dist-upgrade; else action='upgrade --with-new-pkgs --no-remove'; fi
  # shellcheck disable=SC2086  # an action and its options are words
  if ! plan=$(apt-get -s -o Debug::NoLocking=1 $action 2>&1 </dev/null); then
    printf 'msp: why %s\n' "$(printf '%s\n' "$plan" | tail -n 1)"
    exit 75
  fi
  printf '%s\n' "$plan" | awk -v only_security="$only_security" -v exclude=" ${exclude-} " '
    $1 == "Inst" {
      old = ($3 ~ /^\[/) ? substr($3, 2, length($3) - 2) : "-"
      rest = $0; sub(/^[^(]*\(/, "", rest); split(rest, word, " "); sub(/^[^ ]* /, "", rest)
      is_security = tolower(rest) ~ /security/
      why = ""
      if (index(exclude, " " $2 " ")) why = " (excluded: stays)"
      else if (only_security == "yes" && !is_security && old != "-") why = " (not a security update: stays)"
      else count++
      print $2 " " (old == "-" ? "new" : old) " -> " word[1] (is_security ? " [security]" : "") why }
    $1 == "Remv" || $1 == "Purg" { print $2 " would be removed" }
    END { print (count + 0) " packages would change" }' | quoted
  printf '%s\n' "$plan" | sed -n '/^The following packages have been kept back/,/^[^ ]/s/^  /kept back: /p'
}

# The plan is `name|arch|version|security or nothing`, a line a package.
say_rpm_plan() {
  while IFS='|' read -r name arch new mark; do
    old=$(rpm -q --qf '%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' -- "$name.$arch" 2>/dev/null | sed -n 's/^0://; /^[^ ]*$/p' |
      sort -V | tail -n 1)
    case " ${exclude-} " in
      *" $name "*) why=" (excluded: stays)" ;;
      *)
        why=
        if [ "$only_security" = yes ] && [ -z "$mark" ]; then why=" (not a security update: stays)"; else echo >>"$work/count"; fi ;;
    esac
    printf '%s %s -> %s%s%s\n' "$name" "${old:-new}" "$new" "${mark:+ [security]}" "$why"
  done <"$work/plan" | quoted
  printf '%s packages would change\n' "$(wc -l <"$work/count")" | quoted
}

blocked() {
  printf 'msp: why %s\n' "$*"
  exit 75
}

preview_dnf() {
  command -v dnf >/dev/null || blocked "this host has no dnf"
  for file in /var/cache/dnf/*/repodata; do
    [ -e "$file" ] || blocked "there are no package lists yet: the run itself fetches them"
    break
  done
  set -- -q -C repoquery --upgrades --latest-limit=1
  if ! dnf "$@" --security --qf '%{name}|%{arch}|%{evr}|security' >"$work/security" 2>"$work/said" </dev/null ||
    ! dnf "$@" --qf '%{name}|%{arch}|%{evr}|' >"$work/all" 2>"$work/said" </dev/null; then
    blocked "dnf cannot say what waits: $(tail -n 1 "$work/said")"
  fi
  sed 's/|security$/|/' "$work/security" >"$work/marked"
  grep -v -x -F -f "$work/marked" "$work/all" >"$work/plan" || true
  cat "$work/security" >>"$work/plan"
  say_rpm_plan
}

preview_zypper() {
  command -v zypper >/dev/null || blocked "this host has no zypper"
  ls /var/cache/zypp/raw/*/repodata >/dev/null 2>&1 || blocked "there are no package lists yet: the run itself fetches them"
  set -- --non-interactive --xmlout --no-refresh
  if ! zypper "$@" update --auto-agree-with-licenses --dry-run >"$work/all" 2>&1 </dev/null ||
    ! zypper "$@" patch --category security --auto-agree-with-licenses --dry-run >"$work/security" 2>&1 </dev/null; then
    blocked "zypper cannot say what waits: $(sed -n 's/^<message type="error">\(.*\)<.*/\1/p' "$work/all" "$work/security" | head -n 1)"
  fi
  for kind in security all; do
    sed -n -E 's/^<solvable type="package" name="([^"]*)" edition="([^"]*)" arch="([^"]*)".*/\1|\3|\2|/p' "$work/$kind" >"$work/$kind.list"
  done
  grep -v -x -F -f "$work/security.list" "$work/all.list" >"$work/plan" || true
  sed 's/$/security/' "$work/security.list" >>"$work/plan"
  say_rpm_plan
}

work=$(mktemp -d /run/patch-linux.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
: >"$work/count"
case $(manager) in
  apt) preview_apt ;;
  dnf) preview_dnf ;;
  zypper) preview_zypper ;;
  *) blocked "this host is none whose packages are known here" ;;
esac
