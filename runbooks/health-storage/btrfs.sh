#!/bin/sh
# Have the devices of btrfs file systems lost reads, writes or data? Each counts since it was made, or since a reset.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH


mounts() { awk '$3 == "btrfs" && !seen[$1]++ { print $2, $4 }' /proc/mounts; }

judge() {
  awk '
    match($0, /^\[[^]]*\]\.[a-z_]+ +[0-9]+$/) {
      device = $0; sub(/^\[/, "", device); sub(/\]\..*/, "", device)
      counter = $1; sub(/^.*\]\./, "", counter); understood = 1
      if (device ~ /missing|devid:/) missing[device] = 1
      sub(/^\/dev\//, "", device); gsub(/[^A-Za-z0-9._:\/-]/, "_", device)
      print "msp: measurement btrfs_" counter ":" device " " $NF " errors"
      if ($NF > 0) {
        severity = (counter ~ /^(corruption|generation)/) ? "critical" : "warning"
        print "msp: finding " severity " " device ":" counter " " $NF " since the counter began"
      }
    }
    END {
      for (device in missing) print "msp: finding critical missing a device of the file system is missing"
      exit !understood
    }'
}

if [ -z "$(mounts)" ]; then
  echo "no btrfs is mounted"
  exit 0
fi
if ! command -v btrfs >/dev/null; then
  unknown "btrfs is mounted and its program is not installed (btrfs-progs): its devices were not looked at"
  exit 75
fi
mounts | {
  while read -r escaped options; do
    at=$(printf '%b' "$(printf '%s' "$escaped" | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')")
    code=0
    said=$(btrfs device stats -- "$at" 2>&1 </dev/null) || code=$?
    printf '%s (%s)\n' "$at" "$options" | quoted
    printf '%s\n' "$said" | quoted
    printf '%s\n' "$said" | judge || code=1
    if [ "$code" -ne 0 ]; then unknown "a btrfs file system cannot be asked: $(printf '%s\n' "$said" | tail -n 1)"; fi
    case ",$options," in
      *,degraded,*) printf 'msp: finding critical degraded a btrfs file system is mounted without all of its devices\n' ;;
    esac
  done
  [ -z "$blind" ]
} || exit 75
