#!/bin/sh
# Are the kernel's own RAID arrays (md) whole? The kernel says it in /proc/mdstat; mdadm is asked what that leaves out.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH


# One array is a few lines; `[4/3]` is how many members it should have and how many it has.
judge() {
  awk '
    function said(severity, subject, text) {
      gsub(/[^A-Za-z0-9._:\/-]/, "_", subject)
      print "msp: finding " severity " " subject " " text
    }
    function finish() {
      if (name == "") return
      arrays++
      # a container of external metadata (IMSM, DDF) never runs by itself: the arrays in it do
      if (state != "active" && container) state = "active"
      if (state != "active") said("critical", name, "is " state ": its data cannot be used")
      else if (wanted > present && rebuild) said("warning", name, "has " present " of " wanted " members, and " rebuild)
      else if (wanted > present)
        said("critical", name, "has " present " of " wanted " members " map ": no rebuild is at work")
      else if (resync) said("info", name, resync)
      if (wanted != "") print "msp: measurement raid_missing:" name " " wanted - present " members"
      for (each in faulty) said("warning", name ":" each, "was thrown out of " name " as faulty: replace it")
      name = ""; container = wanted = present = map = rebuild = resync = ""; split("", faulty)
    }
    /^(Personalities|unused devices)/ { understood = 1; next }
    /^[^ ]+ : / {
      finish(); name = $1; state = $3
      for (i = 4; i <= NF; i++) if ($i ~ /\(F\)/) { member = $i; sub(/\[.*/, "", member); faulty[member] = 1 }
      next
    }
    name != "" && match($0, /\[[0-9]+\/[0-9]+\]/) {
      split(substr($0, RSTART + 1, RLENGTH - 2), count, "/"); wanted = count[1]; present = count[2]; map = $NF
    }
    / super external:[a-z]/ { container = 1 }
    name != "" && match($0, /recovery *= *[0-9.]+%|recovery=(DELAYED|PENDING)/) {
      rebuild = "a rebuild is at work: " substr($0, RSTART, RLENGTH)
    }
    name != "" && match($0, /resync *= *[0-9.]+%|resync=(DELAYED|PENDING)/) {
      resync = "its copies are compared and made equal: " substr($0, RSTART, RLENGTH)
    }
    END { finish(); print "md arrays: " arrays + 0; exit !understood }'
}

# A second opinion: 2 means that the array is lost, 4 that mdadm could not tell; 1 the kernel has said already.
ask_mdadm() {
  if ! command -v mdadm >/dev/null; then
    echo "mdadm is not installed: only the kernel was asked"
    return 0
  fi
  sed -n 's/^\(md[^ ]*\) : active .*/\1/p' /proc/mdstat | {
    while read -r name; do
      code=0
      said=$(mdadm --detail --test "/dev/$name" 2>&1 </dev/null) || code=$?
      printf '%s\n' "$said" | quoted
      case $code in
        0 | 1) ;;
        2) printf 'msp: finding critical %s mdadm calls it unusable\n' "$name" ;;
        *) unknown "mdadm cannot tell how $name is: it ended with $code" ;;
      esac
    done
    [ -z "$blind" ]
  } || blind=yes
}

if [ ! -e /proc/mdstat ]; then
  if [ -e /proc/self ]; then
    echo "this kernel has no md arrays"
    exit 0
  fi
  unknown "/proc is not there: nobody can say whether this host has arrays"
  exit 75
fi
quoted </proc/mdstat
judge </proc/mdstat || unknown "/proc/mdstat cannot be understood"
ask_mdadm
[ -z "$blind" ] || exit 75
