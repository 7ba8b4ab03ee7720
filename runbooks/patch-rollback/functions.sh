#!/bin/sh
# What an earlier run of patch-linux changed, and where its versions from before can be had.
# shellcheck disable=SC2034,SC2154  # parameters and report.sh stand in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# patch-linux keeps `name|version` of each package from before and after it.
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
downloaded() {
  find "$2" -type f -name "$(plain "${1%|*}")-*.rpm" ! -name '*[[:space:][:cntrl:]]*' 2>/dev/null | while read -r file; do
    if [ "$(rpm -qp --qf '%{NAME}.%{ARCH}|%{EPOCHNUM}:%{VERSION}-%{RELEASE}' -- "$file" 2>/dev/null | sed 's/|0:/|/')" = "$1" ]; then
      printf '%s\n' "$file"
      break
    fi
  done
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
# Into `words` what the package manager is asked for, into `lost` what nobody has any more.
find_older_versions() {
  : >"$work/words"
  : >"$work/lost-versions"
  while IFS='|' read -r name version; do
    word=$(word_for "$name" "$version")
    if [ -n "$word" ]; then printf '%s\n' "$word" >>"$work/words"; else printf '%s|%s\n' "$name" "$version" >>"$work/lost-versions"; fi
  done <"$work/wanted"
}
# What came in place of nothing stays. A kernel does not stay quietly: the newest one is what the next start boots.
is_kernel() {
  case $1 in linux-image-[0-9]* | linux-image-unsigned-[0-9]* | kernel | kernel-core | kernel-default | kernel-uek | kernel-uek-core | kernel-rt-core) ;; *) return 1 ;; esac
}
say_new_kernel() {
  release=$(uname -r)
  case "linux-image-$release $release" in
    "$1 "* | *" $2.${3##*.}") advice="and it runs now: restart into the kernel from before by the boot menu, then remove this one" ;;
    *)
      advice="and the next start boots it: remove it before that, or choose the kernel from before in the boot menu"
      if command -v grubby >/dev/null; then advice="and the next start boots it: grubby --set-default /boot/vmlinuz-$release keeps the one that runs now"; fi ;;
  esac
  finding warning "$1" "$2 came with run $run in place of nothing and stays, $advice"
}
say_what_came_new() {
  while IFS='|' read -r name version; do
    if is_kernel "$(plain "$name")"; then
      say_new_kernel "$(plain "$name")" "$version" "$name"
    else
      finding info "$(plain "$name")" "$version came with run $run in place of nothing, and stays"
    fi
  done <"$work/new"
}
