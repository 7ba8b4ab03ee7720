#!/bin/sh
# What the scripts of this runbook share: words of others, borg without questions, the archives by their series.
# shellcheck disable=SC2154,SC2034  # the runbook's parameters stand in front of this, a script behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# One line an archive: seconds since 1970, the series that it belongs to, its name. A series is what is left of a name
# without date, weekday and number; a name that is not as people write names is counted and passed over.
archives() {
  awk -v begins="$begins" '
    function days(y, m, d) {
      if (m < 3) { y--; m += 12 }
      return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469
    }
    !match($0, /[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) { exit 1 }
    {
      time = substr($0, RSTART, 19); name = $0; sub(/^[^|]*[|]/, "", name)
      if (index(name, begins) != 1) next
      if (name !~ /^[A-Za-z0-9][A-Za-z0-9 @._:+,=-]*$/) { print "odd"; next }
      at = days(substr(time, 1, 4) + 0, substr(time, 6, 2) + 0, substr(time, 9, 2) + 0) * 86400
      at += substr(time, 12, 2) * 3600 + substr(time, 15, 2) * 60 + substr(time, 18, 2)
      key = name; two = "[0-9][0-9]"
      gsub(two two "[-_.]?" two "[-_.]?" two "([-_.tT@]?" two "[-:_.h]?" two "([-:_.m]?" two "([.][0-9]+)?)?)?[zZ]?", "#", key)
      gsub(/(mon|tue|wed|thu|fri|sat|sun|Mon|Tue|Wed|Thu|Fri|Sat|Sun)([a-z]*day)?/, "#", key)
      sub(/[.-][0-9]+$/, "", key); gsub(/[^A-Za-z0-9@._+#-]/, "_", key)
      printf "%d %s %s\n", at, key, name
    }' "$work/listed" >"$work/found" || cannot_tell "borg lists its archives in a way that is not known here: $(head -n 1 "$work/listed" | words 300)"
  odd=$(grep -c -x odd "$work/found") || true
  if [ "$odd" -gt 0 ]; then printf 'msp: finding warning names %s archives have names that are not looked at\n' "$odd"; fi
  grep -v -x odd "$work/found" | sort -n >"$work/archives" || true
}

# Locks are passed by, so that no backup waits: one that removes old archives meanwhile may look like damage.
is_busy() {
  case $(cat "$work/said") in *'acquire the lock'* | *'onnection closed'* | *'onnection refused'* | *'timed out'*) return 0 ;; esac
  [ -e "$repository/lock.exclusive" ]
}

begin() {
  command -v borg >/dev/null || cannot_tell "borg is not installed on this host"
  [ -z "$passphrase_file" ] || [ -r "$passphrase_file" ] || cannot_tell "there is no file $passphrase_file that can be read"
  work=$(mktemp -d /run/check-backup-borg.XXXXXX) || cannot_tell "no room in /run"
  trap 'rm -rf -- "$work"' EXIT
  trap 'exit 143' TERM INT HUP
  know_what_borg_knows
}
