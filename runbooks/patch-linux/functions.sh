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
# New packages are allowed, because a new kernel is one.
apt_action() { if [ "$allow_removals" = yes ]; then echo dist-upgrade; else echo 'upgrade --with-new-pkgs --no-remove'; fi; }
simulate() {
  pin_avoided
  apt -s -o Debug::NoLocking=1 "$@" >"$work/plan" 2>&1
}
# `name old new security|other`, old is `-` for a package that is new here.
apt_rows() {
  awk '$1 == "Inst" {
    name = $2; old = ($3 ~ /^\[/) ? substr($3, 2, length($3) - 2) : "-"
    rest = $0; sub(/^[^(]*\(/, "", rest); split(rest, word, " "); sub(/^[^ ]* /, "", rest)
    print name, old, word[1], (tolower(rest) ~ /security/) ? "security" : "other" }' "$work/plan"
}
# Also what a person holds back, and what its publisher gives to some hosts first.
apt_waiting() {
  apt-mark showhold >"$work/own-holds" 2>/dev/null || true
  if ! simulate --ignore-hold -o APT::Get::Always-Include-Phased-Updates=true dist-upgrade; then
    finding warning held-packages "are not counted: apt comes to no plan with them"
    simulate dist-upgrade || return 1
  fi
  apt_rows >"$work/waiting"
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
# `name.arch|version` and names of security updates become rows like apt's; what is not installed is new.
rpm_rows() {
  packages | awk -v security="$2" '
    function plain(key) { return substr(key, 1, match(key, /\.[^.]*$/) - 1) }
    BEGIN { while ((getline line < security) > 0) safe[line] = 1 }
    FILENAME == "-" { split($0, word, "|"); old[word[1]] = word[2]; next }
    { split($0, word, "|"); print plain(word[1]), (word[1] in old) ? old[word[1]] : "-", word[2], (plain(word[1]) in safe) ? "security" : "other" }
  ' - "$1" | sort -u
}
# Also what the host's own locks and exclusions keep back.
dnf_waiting() {
  set -- -q -C --disableplugin=versionlock --disableexcludes=all repoquery --upgrades --latest-limit=1
  dnf "$@" --security --qf '%{name}' >"$work/security" 2>"$work/log" </dev/null || return 1
  dnf "$@" --qf '%{name}.%{arch}|%{evr}' >"$work/all" 2>"$work/log" </dev/null || return 1
  rpm_rows "$work/all" "$work/security" >"$work/waiting"
}
zypper_waiting() {
  lock_avoided none
  ask_zypper --xmlout --no-refresh patch --category security --auto-agree-with-licenses --dry-run >"$work/log" 2>&1 && marks=0 || marks=$?
  sed -n -E 's/^<solvable type="package" name="([^"]*)".*/\1/p' "$work/log" >"$work/security"
  case $marks in
    0 | 10[0-3]) ;;
    *) finding warning security-marks "which updates are for security cannot be told: zypper ended with $marks" ;;
  esac
  ask_zypper --xmlout --no-refresh list-updates >"$work/log" 2>&1 || return 1
  grep -o '<update [^>]*>' "$work/log" | awk '
    function value(key) { return match($0, " " key "=\"[^\"]*\"") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4) : "-" }
    value("kind") == "package" { print value("name") "." value("arch") "|" value("edition") }' >"$work/all"
  rpm_rows "$work/all" "$work/security" >"$work/waiting"
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
require_room() {
  for folder in "$@"; do
    [ -d "$folder" ] || continue
    free=$(df -Pk -- "$folder" | awk 'NR == 2 { print int($4 / 1024) }')
    # 0 of 0: a file system that does not count them
    inodes=$(df -Pi -- "$folder" | awk 'NR == 2 { print ($2 == 0 || $4 !~ /^[0-9]+$/) ? 2000 : $4 }')
    [ "$free" -ge "$needed" ] || blocked "not enough room: $folder has $free MiB free, needed are $needed MiB"
    [ "$inodes" -ge 2000 ] || blocked "not enough room: $folder has $inodes inodes free"
  done
}
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

# ---- Holds: a line of /etc/msp-ops/holds is `NAME until 2026-12-31 because WHY`, and holds to the end of that day.
holds=/etc/msp-ops/holds
read_holds() {
  : >"$work/held"
  : >"$work/expired"
  [ -e "$holds" ] || return 0
  [ -n "$(find "$holds" -maxdepth 0 -type f -user 0 ! -perm /022)" ] ||
    blocked "$holds is no file that only root can write: nobody knows whose holds these are"
  right="right is NAME until 2026-12-31 because WHY"
  wrong=$(tr '\000-\010\013-\037\177' '?' <"$holds" | awk -v today="$(date +%F)" -v held="$work/held" -v expired="$work/expired" '
    /^[ \t]*(#|$)/ { next }
    $1 !~ /^[A-Za-z0-9][A-Za-z0-9+._-]*$/ { print FNR ", where no package is named"; exit }
    $2 != "until" || $3 !~ /^2[0-9][0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/ { print FNR ", where no day says until when"; exit }
    $4 != "because" || NF < 5 { print FNR ", where nothing says why"; exit }
    { why = $0; sub(/^[ \t]*([^ \t]+[ \t]+)([^ \t]+[ \t]+)([^ \t]+[ \t]+)([^ \t]+[ \t]+)/, "", why); print $1, $3, why >($3 >= today ? held : expired) }')
  [ -z "$wrong" ] || blocked "$holds cannot be read in line $wrong; $right"
}
say_expired_holds() {
  while read -r name day why; do
    finding warning "hold:$name" "ended on $day and holds no more ($why): remove it from /etc/msp-ops/holds or give it another day"
  done <"$work/expired"
}

# ---- When each version that waits was first seen. A line: `name old new seen since security`, times in seconds since
# 1970: this version was seen, some newer one than the installed waits since, one for security waits since (or `-`).
# A date in the future is of a clock that was wrong: it counts as now.
record=/var/lib/msp-ops/first-seen
note_first_seen() {
  today=$(date +%s)
  [ "$today" -ge 1790000000 ] || return 1
  known=/dev/null
  if [ -f "$record" ] && [ ! -L "$record" ]; then known=$record; fi
  awk -v now="$today" -v known="$known" '
    function past(time) { return (time ~ /^[0-9]+$/ && time + 0 < now + 0) ? time : now }
    BEGIN {
      while ((getline line < known) > 0) {
        if (split(line, word, " ") != 6) continue
        seen[word[1], word[2], word[3]] = past(word[4])
        key = word[1] SUBSEP word[2]
        if (!(key in since) || past(word[5]) < since[key]) since[key] = past(word[5])
        if (word[6] != "-" && (!(key in safe) || past(word[6]) < safe[key])) safe[key] = past(word[6])
      }
    }
    NR > 20000 { exit }
    {
      key = $1 SUBSEP $2
      if (!(key in since)) since[key] = now
      if (!(key in safe)) safe[key] = now
      print $1, $2, $3, ((key SUBSEP $3) in seen) ? seen[key, $3] : now, since[key], ($4 == "security") ? safe[key] : "-"
    }' "$work/waiting" >"$work/first-seen"
}
keep_first_seen() {
  if [ ! -e "$work/first-seen" ] || cmp -s "$work/first-seen" "$record"; then return 0; fi
  (umask 077 && mkdir -p -- "${record%/*}" && cp "$work/first-seen" "$record.$$" && mv -f -- "$record.$$" "$record")
}

# ---- The plan, and what stays out of it.
note_what_waits() {
  case $manager in
    apt) apt_waiting ;;
    dnf) dnf_waiting ;;
    *) zypper_waiting ;;
  esac || blocked "$manager cannot say what waits: $(grep -m 1 -i -E '^(E:|error|problem)|type="error"' "$work/plan" "$work/log" 2>/dev/null | quoted | tr '\n' ' ')"
}
# Everything that waits and is left out: into `avoid` its name, into `stays` `name severity why`.
choose_what_stays() {
  note_first_seen || [ "$min_age$min_age_security" = 00 ] ||
    blocked "the clock of this host says $(date +%F): how long an update has waited cannot be told"
  odd=$(awk '$1 !~ /^[A-Za-z0-9][A-Za-z0-9+._:-]*$/ { print $1; exit }' "$work/waiting" | tr -d '[:cntrl:]')
  [ -z "$odd" ] || blocked "a repository offers '$odd', which is no name of a package"
  : >"$work/stays"
  touch "$work/own-holds"
  {
    for name in ${exclude-}; do printf '%s\n' "$name"; done
    cut -d ' ' -f 1 "$work/held"
    awk -v now="${today:-0}" -v usual="$min_age" -v security="$min_age_security" -v exclude=" ${exclude-} " \
      -v only_security="$only_security" -v stays="$work/stays" -v held="$work/held" -v first="$work/first-seen" -v own="$work/own-holds" '
      function span(seconds) { return seconds >= 172800 ? int(seconds / 86400) " days" : int(seconds / 3600) " hours" }
      function stay(why, severity) { print $1, severity, why >stays }
      BEGIN {
        while ((getline name < own) > 0) stays_anyway[name]
        while ((getline line < held) > 0) { name = line; sub(/ .*/, "", name); sub(/^[^ ]* /, "", line); until[name] = line }
        while ((getline line < first) > 0) { split(line, word, " "); seen[word[1], word[2], word[3]] = word[4] }
      }
      {
        at = $2 == "-" ? "does not come" : "stays at " $2
        wanted = $4 == "security" ? security : usual
        age = ($1, $2, $3) in seen ? now - seen[$1, $2, $3] : 0
      }
      index(exclude, " " $1 " ") { stay("stays as it is: this run excludes it", "info"); next }
      $1 in until { day = until[$1]; why = day; sub(/ .*/, "", day); sub(/^[^ ]* /, "", why); stay(at ": held until " day ": " why, "info"); next }
      $1 in stays_anyway { next }
      age < wanted {
        print $1
        if (only_security != "yes" || $4 == "security")
          stay(at ": " $3 " was first seen " span(age) " ago, and this run takes what has waited " span(wanted), $4 == "security" ? "warning" : "info")
        next
      }
      only_security == "yes" && $4 == "other" && $2 != "-" && "'"$manager"'" == "apt" { print $1 }' "$work/waiting"
  } | sort -u >"$work/avoid"
}
zypper_comes_to_a_plan() {
  # shellcheck disable=SC2086  # an action and its options are words
  ask_zypper --xmlout --no-refresh $scope --dry-run >"$work/log" 2>&1 && grep -q '^<install-summary' "$work/log"
}
plan_once() {
  case $manager in
    apt)
      # shellcheck disable=SC2046  # an action and its options are words
      simulate $(apt_action) || failed "apt cannot plan the upgrade: $(grep -m 1 '^E:' "$work/plan" || tail -n 1 "$work/plan")"
      apt_rows >"$work/planned" ;;
    dnf)
      scope=upgrade
      if [ "$only_security" = yes ]; then scope="upgrade --security"; fi
      # shellcheck disable=SC2086  # an action and its options are words
      if ! ask_dnf -C --assumeno $scope >"$work/log" 2>&1 && ! grep -q '^Operation aborted' "$work/log"; then
        failed "dnf cannot plan the upgrade: $(complaint)"
      fi
      read_dnf_plan "$work/log" >"$work/plan"
      rpm_planned ;;
    *)
      lock_avoided
      scope="update --auto-agree-with-licenses"
      if [ "$only_security" = yes ]; then scope="patch --category security --auto-agree-with-licenses"; fi
      # a patch is all or nothing: where one of its packages is locked, the others are asked for by name
      if [ "$only_security" = yes ] && ! zypper_comes_to_a_plan; then
        scope="update --auto-agree-with-licenses $(sort -u "$work/security" | grep -v -x -F -f "$work/avoid" | tr '\n' ' ')"
        if [ -z "${scope#update --auto-agree-with-licenses }" ]; then
          : >"$work/plan"
          : >"$work/planned"
          return
        fi
      fi
      zypper_comes_to_a_plan || failed "zypper cannot plan the upgrade: $(complaint 'type="error"')"
      read_zypper_plan "$work/log" >"$work/plan"
      rpm_planned ;;
  esac
}
complaint() { grep -m 1 -i -E "${1:-^(error|problem)}" "$work/log" || tail -n 1 "$work/log"; }
rpm_planned() {
  awk '$1 == "install" || $1 == "upgrade" { print $2 "." $3 "|" $4 }' "$work/plan" >"$work/all"
  rpm_rows "$work/all" "$work/security" >"$work/planned"
}
# What is left out may bring another version, or another package, into the plan: that is asked for its age as well.
plan_upgrade() {
  note_what_waits
  rounds=0
  while choose_what_stays && plan_once && grep -v -x -F -f "$work/waiting" "$work/planned" >>"$work/waiting.new"; do
    cat "$work/waiting.new" >>"$work/waiting"
    rm "$work/waiting.new"
    rounds=$((rounds + 1))
    [ "$rounds" -lt 10 ] || blocked "$manager comes to no plan without what stays out of it"
  done
}
# The verification leaves out what this run left out, though it may have grown old enough since.
say_what_is_left_out() {
  while read -r name severity why; do finding "$severity" "$name" "$why"; done <"$work/stays"
  (umask 077 && mkdir -p -- "$msp_kept")
  grep -v ': this run excludes it$' "$work/stays" | cut -d ' ' -f 1 >"$msp_kept/left-out"
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
