#!/bin/sh
# Are the ZFS pools well?
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH


# `zpool status -x` tells only of pools that are not well, in paragraphs of `key: text`.
judge() {
  awk '
    function finish() {
      if (pool == "") return
      sound = (errors ~ /^No known data errors/)
      severity = (state == "ONLINE" && sound) ? "warning" : "critical"
      gsub(/[^A-Za-z0-9._:-]/, "_", pool)
      print "msp: finding " severity " " pool " is " state ": " status (sound ? "" : " Errors: " errors)
      pool = state = status = errors = key = ""
    }
    match($0, /^ *[a-z]+: /) {
      key = $1; text = $0; sub(/^ *[a-z]+: +/, "", text)
      if (key == "pool:") { finish(); pool = text }
      else if (key == "state:") state = text
      else if (key == "status:") status = text
      else if (key == "errors:") errors = text
      next
    }
    /^ *[a-z]+:$/ { key = $1; next }
    key == "status:" && /^[ \t]+[^ \t]/ { text = $0; sub(/^[ \t]+/, "", text); status = status " " text }
    END { finish() }'
}

if ! command -v zpool >/dev/null; then
  if [ -e /proc/spl/kstat/zfs ] || grep -q '^[^ ]* [^ ]* zfs ' /proc/mounts; then
    unknown "this host has ZFS and no zpool command: its pools were not looked at"
    exit 75
  fi
  echo "this host has no ZFS"
  exit 0
fi
# Without its module zpool cannot look, and there is no pool in use either.
if [ ! -e /proc/spl/kstat/zfs ] && [ ! -e /sys/module/zfs ]; then
  echo "ZFS is installed and not loaded: no pool is in use"
  exit 0
fi
code=0
said=$(zpool status -x 2>&1 </dev/null) || code=$?
printf '%s\n' "$said" | quoted
printf '%s\n' "$said" | judge
if [ "$code" -ne 0 ]; then unknown "zpool status ended with $code"; fi
case $said in
  *"all pools are healthy"* | *"no pools available"* | *pool:*) ;;
  *) unknown "zpool status says nothing that can be understood" ;;
esac
zpool list -H -o name,capacity,health 2>/dev/null </dev/null | awk -F '\t' '
  { gsub(/[^A-Za-z0-9._:-]/, "_", $1); sub(/%/, "", $2) }
  $2 ~ /^[0-9]+$/ { print "msp: measurement zfs_used_percent:" $1 " " $2 " percent" }' || true
[ -z "$blind" ] || exit 75
