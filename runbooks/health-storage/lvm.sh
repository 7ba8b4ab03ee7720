#!/bin/sh
# Are thin pools and snapshots of LVM filling up, and is every logical volume whole?
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH


is_used() { cat /sys/block/dm-*/dm/uuid 2>/dev/null | grep -q '^LVM-'; }

# A pool that is full stops every volume in it; a snapshot that is full is lost. The kernel's names hold no blanks.
judge() {
  awk -F '|' -v limit="$pool_limit" '
    function full(what, percent, means) {
      if (percent == "") return
      print "msp: measurement lvm_" what ":" name " " percent " percent"
      if (percent + 0 < limit) return
      severity = (percent + 0 >= 95) ? "critical" : "warning"
      print "msp: finding " severity " " name ":" what " is " percent " % full: " means
    }
    {
      for (i = 1; i <= NF; i++) gsub(/^ +| +$/, "", $i)
      name = $1 "/" $2
      gsub(/[^A-Za-z0-9._:+\/-]/, "_", name)
      if ($3 == "thin-pool") {
        full("data", $4, "when it is full, every volume in it stops")
        full("metadata", $5, "when it is full, the pool must be repaired")
      } else if ($6 != "" && $3 != "thin") full("snapshot", $4, "when it is full, the snapshot is lost")
      if ($7 != "") print "msp: finding critical " name ":health LVM calls it " $7
    }'
}

if ! command -v lvs >/dev/null; then
  if is_used; then
    unknown "this host has logical volumes and no lvs command: they were not looked at"
    exit 75
  fi
  echo "this host has no LVM"
  exit 0
fi
code=0
said=$(lvs --noheadings --nosuffix --separator '|' \
  -o vg_name,lv_name,segtype,data_percent,metadata_percent,origin,lv_health_status 2>/dev/null </dev/null) || code=$?
if [ "$code" -ne 0 ]; then
  unknown "lvs ended with $code: volumes were not looked at"
  exit 75
fi
printf '%s\n' "$said" | quoted
if [ -n "$said" ]; then printf '%s\n' "$said" | judge; fi
missing=$(vgs --noheadings --separator '|' -o vg_name,vg_missing_pv_count 2>/dev/null </dev/null) ||
  unknown "vgs cannot be asked: whether a disk is missing is not known"
printf '%s\n' "$missing" | awk -F '|' '
  { gsub(/[^A-Za-z0-9._+-]/, "", $1) }
  $2 + 0 > 0 { print "msp: finding critical " $1 " " $2 + 0 " of its disks are missing" }'
[ -z "$blind" ] || exit 75
