#!/bin/sh
# Brings the packages that a run of patch-linux changed back to their versions from before it.
# Until `act` nothing is changed but the store of downloaded packages: every way out before it is 75, blocked.
# shellcheck disable=SC2034,SC2154  # the parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
export LC_ALL
export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1
export NEEDRESTART_SUSPEND=1 NEEDRESTART_MODE=l

# All of them in one transaction: what they need of each other goes back with them.
ask() {
  how=$1
  shift
  # shellcheck disable=SC2046  # one word a package
  case $manager/$how in
    apt/plan) apt -s -o Debug::NoLocking=1 install --allow-downgrades --no-remove "$@" $(cat "$work/words") ;;
    apt/fetch) apt -y install --download-only --allow-downgrades --no-remove $(cat "$work/words") ;;
    apt/act) apt -y install --no-download --allow-downgrades --no-remove $(cat "$work/words") ;;
    dnf/plan) ask_dnf --setopt='*.metadata_expire=never' --assumeno install $(cat "$work/words") ;;
    dnf/fetch) ask_dnf --setopt='*.metadata_expire=never' -y install --downloadonly $(cat "$work/words") ;;
    dnf/act) ask_dnf -C -y install $(cat "$work/words") ;;
    zypper/plan) ask_zypper --xmlout --no-refresh install --oldpackage --dry-run $(cat "$work/words") ;;
    zypper/fetch) ask_zypper --no-refresh install --oldpackage --download-only $(cat "$work/words") ;;
    *) ask_zypper --no-refresh install --oldpackage $(cat "$work/words") ;;
  esac
}
comes_to_a_plan() {
  if [ "$manager" = dnf ]; then
    ask plan >"$work/log" 2>&1 || grep -q '^Operation aborted' "$work/log"
  else
    ask plan >"$work/log" 2>&1 && grep -q -E '^(Inst |<install-summary)' "$work/log"
  fi
}
require_a_plan() {
  comes_to_a_plan || blocked "$manager finds no way back: $(complaint '^(E:|error| *problem)|type="error"' | cut -c 1-300)"
  case $manager in
    dnf) read_dnf_plan "$work/log" ;;
    zypper) read_zypper_plan "$work/log" ;;
    *) sed -n -E 's/^(Remv|Purg) ([^ ]+).*/remove \2/p' "$work/log" ;;
  esac >"$work/plan"
  unfit=$(awk '$1 == "skipped" { printf "%s ", $2 }' "$work/plan")
  [ -z "$unfit" ] || blocked "$unfit: what they need does not go back with them"
  gone=$(awk '$1 == "remove" || $1 == "replaced" { printf "%s ", $2 }' "$work/plan")
  [ -z "$gone" ] || blocked "the way back would remove $gone: name with 'only' what may go back without that"
}
succeeded() { case $1 in 0 | 10[0-2]) ;; *) return 1 ;; esac; }
act() {
  touched=yes
  running_services >"$work/services"
  if [ "$manager" = apt ]; then apt-mark showauto | sort >"$work/automatic"; fi
  patiently ask act && code=0 || code=$?
  if [ "$manager" = apt ]; then
    # apt takes what it is asked for by name for a wish of a person's
    apt-mark showauto | sort >"$work/automatic-now"
    for name in $(comm -23 "$work/automatic" "$work/automatic-now"); do apt-mark -q auto "$name" | quoted; done
  fi
}
say_what_changed() {
  installed_packages >"$work/after"
  awk -F '|' -v apt="$manager" '
    function plain(key) { sub(apt == "apt" ? ":.*" : "\\.[^.]*$", "", key); return key }
    FILENAME == ARGV[1] { was[$1] = $2; had[$0]; next }
    { is[$1] }
    !($0 in had) { print "msp: changed " plain($1) " " (($1 in was) ? was[$1] : "not installed") " -> " $2 }
    END { for (name in was) if (!(name in is)) print "msp: changed " plain(name) " " was[name] " -> removed" }' "$work/installed" "$work/after" | sort
}

touched=
manager=$(manager)
make_work
deadline=$(($(now) + lock_wait))
pin_avoided
lock_avoided
check_host
wait_for_other_managers
half=$(unfinished | tr '\n' ' ')
[ -z "$half" ] || failed "an installation was interrupted ($half): patch-linux finishes it with finish-interrupted"
read_run
say_what_came_new
if [ ! -s "$work/wanted" ]; then
  echo "what run $run changed is as it was before"
  exit 0
fi
find_older_versions
while IFS='|' read -r name version; do
  finding warning "$(plain "$name")" "cannot go back to $version: no repository and no store of downloaded packages has it any more"
done <"$work/lost-versions"
lost=$(cut -d '|' -f 1 "$work/lost-versions" | tr '\n' ' ')
[ -s "$work/words" ] || blocked "none of the versions from before can be had any more: $lost"
require_a_plan
patiently ask fetch && code=0 || code=$?
succeeded "$code" || blocked "the packages cannot be downloaded: $(complaint '^(E:|error|problem)')"
act
say_what_changed
say_lost_services
finding info patch-linux "installs the newer versions again: hold these packages in /etc/msp-ops/holds"
succeeded "$code" || failed "$manager ended with $code: $(complaint '^(E:|error|problem)')"
read_run
still=$(cut -d '|' -f 1 "$work/wanted" | grep -v -x -F -f "$work/lost-versions" | tr '\n' ' ') || true
[ -z "$lost" ] || failed "cannot go back: $lost"
[ -z "$still" ] || failed "not at the version from before: $still"
if [ -s "$work/lost" ]; then failed "does not run any more: $(tr '\n' ' ' <"$work/lost")"; fi
