#!/bin/sh
# Installs the updates that wait (dnf or zypper) and says what changed.
# Until `install_updates` nothing is changed but the package lists and the store of downloaded packages: every way out
# before it is 75, blocked. What needs a person, such as an installation that was interrupted, is a failure.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

blocked() {
  printf 'msp: why %s\n' "$*"
  if [ -n "$touched" ]; then exit 1; fi
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
    *) echo none ;;
  esac
}

# Each repository must answer, also one that its file lets be skipped; lists that were refreshed stay as they are.
ask_dnf() {
  dnf --color=never --nobest --setopt=exit_on_lock=1 --setopt='*.skip_if_unavailable=0' "$@" \
    ${exclude:+--exclude="$(echo "$exclude" | tr ' ' ',')"} </dev/null
}
ask_zypper() { ZYPP_CONF="$work/zypp.conf" zypper --non-interactive --no-color "$@" </dev/null; }

# Neither of them waits for a lock by itself for as long as it is told.
patiently() {
  while :; do
    { "$@" 2>&1 && echo 0 >"$work/code" || echo $? >"$work/code"; } | tee "$work/log" | quoted
    holder=$(grep -m 1 -E 'already locked by|System management is locked|create transaction lock' "$work/log") ||
      return "$(cat "$work/code")"
    [ "$(left)" -gt 0 ] || blocked "another package manager is at work: $holder"
    sleep 1
  done
}
complaint() { grep -m 1 -i -E "${1:-^(error|problem)}" "$work/log" || tail -n 1 "$work/log"; }

check_host() {
  [ "$manager" != none ] || blocked "this host is none whose packages are known here: no Red Hat, no SUSE"
  command -v "$manager" >/dev/null || blocked "this host has no $manager"
  case $("$manager" --version 2>&1 | head -n 1) in
    dnf5* | yum*) blocked "this host has $("$manager" --version 2>&1 | head -n 1): this runbook knows dnf 4 only" ;;
  esac
  [ "$(id -u)" -eq 0 ] || blocked "installing updates needs root"
  if [ -e /run/ostree-booted ] || command -v transactional-update >/dev/null; then
    blocked "the system of this host is an image: it is updated as a whole"
  fi
  database=$(rpm -E '%_dbpath')
  [ -w "$database" ] || blocked "the file system of $database is read-only"
}

# The transaction lock of rpm itself is what a lone rpm holds; looking at its database needs that lock.
wait_for_other_managers() {
  while busy=$(systemctl list-units --state=activating,active --plain --no-legend --no-pager \
    dnf-automatic.service dnf-automatic-install.service packagekit-offline-update.service 2>/dev/null |
    cut -d ' ' -f 1 | grep .); do
    [ "$(left)" -gt 0 ] || blocked "another package manager is at work: $(echo "$busy" | tr '\n' ' ')"
    sleep 1
  done
  patiently rpm --verifydb || failed "the database of installed packages is damaged: $(complaint '^error')"
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
unfinished() {
  side_by_side >"$work/side-by-side" || true
  packages | cut -d '|' -f 1 | uniq -d | grep -v -x -F -f "$work/side-by-side" || true
  if [ "$manager" = zypper ]; then return; fi
  TZ=UTC ask_dnf -q -C history info last >"$work/last" 2>/dev/null || return 0
  if ! grep -q -E '^End time +: .* 1970 ' "$work/last"; then return; fi
  sed -n -E 's/^[ *]*(Install|Upgrade|Reinstall) +([^ ]+).*/\2/p' "$work/last" | while read -r name; do
    rpm -q --qf '%{NAME}.%{ARCH}\n' -- "$name" 2>/dev/null || true
  done | grep -v '^package '
}

finish_interrupted_installation() {
  unfinished | sort -u >"$work/unfinished"
  [ -s "$work/unfinished" ] || return 0
  names=$(tr '\n' ' ' <"$work/unfinished")
  [ "$finish_interrupted" = yes ] ||
    failed "an installation was interrupted ($names); look at it, or allow finish-interrupted"
  touched=yes
  while read -r name; do rpm -q --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\n' "$name" | sort -V | tail -n 1; done \
    <"$work/unfinished" >"$work/again"
  # shellcheck disable=SC2046  # one word a package
  if [ "$manager" = dnf ]; then
    patiently ask_dnf -y --refresh reinstall $(cat "$work/again") || true
  else
    patiently ask_zypper refresh || true
    patiently ask_zypper install --force --no-confirm $(cat "$work/again") || true
  fi
  [ -z "$(unfinished)" ] || failed "the interrupted installation cannot be finished: $names"
  for name in $names; do printf 'msp: changed %s its interrupted installation was finished\n' "${name%.*}"; done
}

require_room() {
  for folder in "$@"; do
    [ -d "$folder" ] || continue
    free=$(df -Pk -- "$folder" | awk 'NR == 2 { print int($4 / 1024) }')
    inodes=$(df -Pi -- "$folder" | awk 'NR == 2 { print ($2 == 0 || $4 !~ /^[0-9]+$/) ? 2000 : $4 }')
    [ "$free" -ge "$needed" ] || blocked "not enough room: $folder has $free MiB free, needed are $needed MiB"
    [ "$inodes" -ge 2000 ] || blocked "not enough room: $folder has $inodes inodes free"
  done
}

# dnf without a single repository calls that a success, and zypper then says "nothing to do".
refresh_lists() {
  what="the package lists cannot be refreshed, what would be installed is not known"
  if [ "$manager" = dnf ]; then patiently ask_dnf makecache --refresh; else patiently ask_zypper refresh; fi ||
    blocked "$what: $(complaint '^(error:|\[|.*is invalid|warning)')"
  if grep -q 'no enabled repositories' "$work/log"; then blocked "$what: no repository is enabled"; fi
  if [ "$manager" = dnf ] && [ "$only_security" = yes ] &&
    ! grep -q 'type="updateinfo"' /var/cache/dnf/*/repodata/repomd.xml; then
    blocked "no repository says which updates are for security"
  fi
}

# What is out of scope is locked for this call alone: no lock is set that a crash would leave behind.
lock_excluded() {
  {
    cat /etc/zypp/locks 2>/dev/null || true
    for name in ${exclude-}; do
      printf '\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: %s\n' "$name"
    done
  } >"$work/locks"
  { grep -s -v '^ *locksfile.path' /etc/zypp/zypp.conf || echo '[main]'; } >"$work/zypp.conf"
  sed -i "s|^\[main\]|&\nlocksfile.path = $work/locks|" "$work/zypp.conf"
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

plan_upgrade() {
  if [ "$manager" = dnf ]; then
    if [ "$only_security" = yes ]; then scope="upgrade --security"; else scope=upgrade; fi
    # shellcheck disable=SC2086  # an action and its options are words
    if ! ask_dnf -C --assumeno $scope >"$work/log" 2>&1 && ! grep -q '^Operation aborted' "$work/log"; then
      failed "dnf cannot plan the upgrade: $(complaint)"
    fi
    read_dnf_plan "$work/log" >"$work/plan"
    return
  fi
  scope="update --auto-agree-with-licenses"
  if [ "$only_security" = yes ]; then scope="patch --category security --auto-agree-with-licenses"; fi
  # shellcheck disable=SC2086  # an action and its options are words
  if ! ask_zypper --xmlout --no-refresh $scope --dry-run >"$work/log" 2>&1 || ! grep -q '^<install-summary' "$work/log"; then
    failed "zypper cannot plan the upgrade: $(complaint 'type="error"')"
  fi
  read_zypper_plan "$work/log" >"$work/plan"
}

# A new kernel makes place by taking the oldest one away.
refuse_dangerous_removals() {
  side_by_side >"$work/side-by-side" || true
  while read -r kind name arch version; do
    case $kind in remove | replaced) ;; *) continue ;; esac
    case "$name $version.$arch" in
      "openssh-server "* | "sudo "* | "systemd "* | "rpm "* | *" $(uname -r)")
        blocked "the upgrade would remove $name, which this host needs" ;;
    esac
    if [ "$allow_removals" = yes ] || grep -q -x -F -e "$name.$arch" "$work/side-by-side"; then continue; fi
    blocked "the upgrade would remove $name; allow it with allow-removals"
  done <"$work/plan"
}

say_what_stays() {
  while read -r kind name _ version; do
    [ "$kind" != skipped ] || finding info "$name" "is not brought to $version: it does not fit to the other packages"
  done <"$work/plan"
  for name in ${exclude-}; do finding info "$name" "stays as it is: this run excludes it"; done
}

megabytes_needed() {
  awk '
    function mib(figure, unit) { return figure / (unit ~ /^G/ ? 1 / 1024 : unit ~ /^M/ ? 1 : unit ~ /^k/ ? 1024 : 1048576) }
    /^(Total download size|Total size|Installed size): / { total += mib($(NF - 1), $NF) }
    /^<install-summary / {
      for (field = 2; field <= NF; field++)
        if (split($field, word, "\"") > 1 && (word[2] > 0)) total += word[1] ~ /size=|diff=/ ? word[2] / 1048576 : 0
    }
    END { print int(total) + 1 }' "$work/log"
}

act() {
  # shellcheck disable=SC2086  # an action and its options are words
  if [ "$manager" = dnf ]; then patiently ask_dnf -y "$@" $scope; else patiently ask_zypper --no-refresh $scope "$@"; fi
}
download() {
  if [ "$manager" = dnf ]; then act --setopt='*.metadata_expire=never' --downloadonly; else act --download-only; fi && code=0 || code=$?
  case $code in
    0 | 10[0-3]) ;;
    *) blocked "the packages cannot be downloaded: $(complaint '^(error|problem|.*GPG)')" ;;
  esac
}

running_services() {
  systemctl list-units --type=service --state=running --plain --no-legend --no-pager --full 2>/dev/null |
    cut -d ' ' -f 1 | grep -v -E '^(user@|session-|dnf-|packagekit)' || true
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

remember() {
  packages >"$work/before"
  running_services >"$work/services"
  touch "$work/start"
  (umask 077 && mkdir -p -- "$msp_kept")
  cp "$work/before" "$msp_kept/packages-before"
}
install_updates() {
  touched=yes
  if [ "$manager" = dnf ]; then act -C; else act; fi && code=0 || code=$?
  cat "$work/log" >>"$work/said"
  cat "$work/plan" >>"$work/planned"
}

say_what_changed() {
  packages >"$work/after"
  awk -F '|' '
    NR == FNR { before[$1] = before[$1] " " $2; was[$0]; next }
    { after[$1] = after[$1] " " $2; is[$0] }
    function gone(list, others, key,   word, count, index_, told) {
      count = split(list, word, " ")
      for (index_ = 1; index_ <= count; index_++) if (!((key "|" word[index_]) in others)) told = told (told ? "," : "") word[index_]
      return told
    }
    function shown(key) { return key ~ /\.(i[3-6]86|armv7hl)$/ ? key : substr(key, 1, match(key, /\.[^.]*$/) - 1) }
    END {
      for (key in after) if (new = gone(after[key], was, key)) { old = gone(before[key], is, key); print "msp: changed " shown(key) " " (old ? old : "not installed") " -> " new }
      for (key in before) if ((old = gone(before[key], is, key)) && !gone(after[key], was, key)) print "msp: changed " shown(key) " " old " -> removed"
    }' "$work/before" "$work/after" | sort
  LC_ALL=C find /etc -xdev ! -path '*[[:cntrl:]]*' -cnewer "$work/start" \( -name '*.rpmnew' -o -name '*.rpmsave' \) |
    while read -r file; do
      case $file in
        *.rpmnew) finding warning "${file%.*}" "was changed by hand and kept; the package's own version lies beside it as ${file##*/}" ;;
        *) finding warning "${file%.*}" "was changed by hand and replaced; what it was lies beside it as ${file##*/}" ;;
      esac
    done
}

# dnf may end with 0 although it skipped a package; rpm counts a package whose last script failed as installed.
say_what_failed() {
  : >"$work/failures"
  while read -r kind name arch version; do
    case $kind in install | upgrade) ;; *) continue ;; esac
    grep -q -x -F -e "$name.$arch|$version" "$work/after" || printf '%s is not at %s\n' "$name" "$version"
  done <"$work/planned" >>"$work/failures"
  sed -n -E 's/^.*%([a-z]+)\((.*)-[^-]+-[^-]+\) scriptlet failed.*/\2 \1/p' "$work/said" | sort -u >"$work/scripts"
  while read -r name script; do printf '%s its %s script failed\n' "$name" "$script"; done <"$work/scripts" >>"$work/failures"
  while read -r name what; do
    last=$(awk -v name="$name" 'index($0, "(" name "-") && / scriptlet failed/ { print before } { before = $0 }' "$work/said" | tail -n 1)
    finding critical "$name" "$what${last:+: $last}"
  done <"$work/failures"
  tries=0
  while lost_services >"$work/lost" && [ -s "$work/lost" ] && [ "$tries" -lt 30 ]; do
    tries=$((tries + 1))
    sleep 1
  done
  while read -r unit; do finding critical "$unit" "ran before the updates and does not run now"; done <"$work/lost"
}

touched=
manager=$(manager)
if [ "$manager" = apt ]; then
  echo "the packages of this host are apt's: nothing to do here"
  exit 0
fi
work=$(mktemp -d /run/patch-linux.XXXXXX) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
deadline=$(($(now) + lock_wait))

check_host
lock_excluded
wait_for_other_managers
finish_interrupted_installation
needed=$min_free
require_room /var/cache "$database"
refresh_lists
round=1
while plan_upgrade && grep -q -E '^(install|upgrade|remove|replaced) ' "$work/plan"; do
  refuse_dangerous_removals
  needed=$((min_free + $(megabytes_needed)))
  require_room /var/cache /usr "$database"
  needed=$min_free
  if grep -q -E '^(install|upgrade) kernel' "$work/plan"; then require_room /boot; fi
  download
  if [ "$round" -eq 1 ]; then remember; fi
  install_updates
  # 103: zypper updated itself first and asks to be called again
  if [ "$code" -ne 103 ] || [ "$round" -gt 3 ]; then break; fi
  round=$((round + 1))
done
say_what_stays
if [ ! -e "$work/said" ]; then
  echo "nothing is left to install"
  exit 0
fi
say_what_changed
say_what_failed
if [ -s "$work/failures" ]; then failed "not fully installed: $(cut -d ' ' -f 1 "$work/failures" | sort -u | tr '\n' ' ')"; fi
case $code in
  0 | 100 | 101 | 102) ;;
  103) if [ "$round" -gt 3 ]; then failed "zypper asks to be called again and again"; fi ;;
  106) failed "zypper left repositories out" ;;
  107) failed "the script of a package failed: $(complaint 'scriptlet failed|error')" ;;
  *) failed "$manager ended with $code: $(complaint)" ;;
esac
if [ -s "$work/lost" ]; then failed "does not run any more: $(tr '\n' ' ' <"$work/lost")"; fi
