#!/bin/sh
# What do the disks say of themselves (SMART)? smartctl ends with a mask of bits: most of them are no failure of the call.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH


sold_as() { cat "/sys/block/$1"*/device/vendor "/sys/block/$1"*/device/model 2>/dev/null | tr -s ' \n' ' '; }

# Lent by a hypervisor or by a server of disks, or a stick: none has SMART that says anything about this host. What a
# RAID controller shows as a disk is none either; those behind it are asked, where smartctl finds them.
has_none() {
  case $(sold_as "$1") in
    *QEMU* | *VBOX* | *VMware* | *Msft* | *Virtual* | *Google* | *Amazon* | *LIO-ORG* | *IET* | *Xen*) return 0 ;;
    *PERC* | *AVAGO* | *LSI* | *BROADCOM* | *LOGICAL* | *Adaptec* | *ServeRA*) [ -n "$behind_controller" ] && return 0 ;;
  esac
  [ "$(cat "/sys/block/$1/removable" 2>/dev/null)" = 1 ]
}

known_to_kernel() {
  for path in /sys/block/sd* /sys/block/hd* /sys/block/nvme*n*; do
    if [ -e "$path/device" ] && ! has_none "${path##*/}"; then printf '%s\n' "${path##*/}"; fi
  done
}

finding() { printf 'msp: finding %s %s:%s %s\n' "$1" "$disk" "$2" "$3"; }
bit() { [ $(($1 >> $2 & 1)) -eq 1 ]; }

# gron's form, one value a line, is part of smartctl since 7.0: no reader of JSON is needed on the host.
readings() {
  awk -v disk="$1" '
    function said(severity, topic, text) { print "msp: finding " severity " " disk ":" topic " " text }
    function measured(name, value, unit) {
      if (value ~ /^[0-9]+$/) print "msp: measurement " name ":" disk " " value " " unit
    }
    {
      at = index($0, " = ")
      if (!at) next
      key = substr($0, 6, at - 6); value = substr($0, at + 3); sub(/;$/, "", value); gsub(/^"|"$/, "", value)
      has[key] = value
      if (key ~ /^ata_smart_attributes\.table\[[0-9]+\]\.id$/) { row = key; sub(/\.id$/, "", row); rows[value] = row }
    }
    function raw(id) { return (id in rows) ? has[rows[id] ".raw.value"] : "" }
    function count(id, topic, text) { if (raw(id) + 0 > 0) said("warning", topic, raw(id) " " text) }
    END {
      if (!("smart_status.passed" in has)) exit 3
      count(5, "reallocated", "sectors were replaced by spare ones")
      count(197, "pending", "sectors cannot be read and wait for a write")
      count(198, "uncorrectable", "sectors could not be read in its own test")
      count(187, "uncorrected", "reads were lost")
      measured("disk_reallocated", raw(5), "sectors")
      measured("disk_pending", raw(197), "sectors")
      nvme = "nvme_smart_health_information_log."
      if (has[nvme "critical_warning"] + 0 > 0)
        said("critical", "warning", "it warns of itself (NVMe critical warning " has[nvme "critical_warning"] ")")
      lost = has[nvme "media_errors"]
      if (lost + 0 > 0) said("warning", "media", lost " reads or writes were lost")
      worn = has[nvme "percentage_used"]
      if (worn + 0 >= 90) said("warning", "worn", worn " % of the life that its maker promises is used")
      measured("disk_worn", worn, "percent")
      if (has["scsi_grown_defect_list"] + 0 > 0)
        said("warning", "defects", has["scsi_grown_defect_list"] " blocks were replaced by spare ones")
      scsi = "scsi_error_counter_log."
      lost = has[scsi "read.total_uncorrected_errors"] + has[scsi "write.total_uncorrected_errors"]
      if (lost > 0) said("warning", "uncorrected", lost " reads or writes were lost")
      measured("disk_temperature", has["temperature.current"], "celsius")
      measured("disk_hours", has["power_on_time.hours"], "hours")
    }'
}

# smartctl before 7.0 knows no --json: then its bits must do.
judge() {
  disk=$1 path=$2 code=0
  shift 2
  text=$(smartctl --json=g -a "$@" -- "$path" 2>/dev/null </dev/null) || code=$?
  case $text in json*) told=yes ;; *) told='' ;; esac
  if [ -z "$told" ]; then
    code=0
    text=$(smartctl -a "$@" -- "$path" 2>&1 </dev/null) || code=$?
  fi
  printf '%s: smartctl ended with %s\n' "$disk" "$code"
  if bit "$code" 0 || bit "$code" 1; then
    why=$(printf '%s\n' "$text" | sed -n 's/^json\.smartctl\.messages\[0]\.string = "\(.*\)";$/\1/p')
    unknown "$disk cannot be asked: $(printf '%s' "${why:-smartctl ended with $code}" | LC_ALL=C tr '[:cntrl:]' '?')"
    return 0
  fi
  if bit "$code" 3; then finding critical failing "it calls itself failing: save its data, replace it"; fi
  if bit "$code" 4; then finding critical prefail "a value that foretells failure is below its limit"; fi
  if bit "$code" 5; then finding warning was-below "a value was below its limit at some time"; fi
  if bit "$code" 6; then finding info error-log "it keeps a log of errors, and that is not empty"; fi
  if bit "$code" 7; then finding warning self-test "a test of its own has failed"; fi
  if [ -z "$told" ]; then
    if bit "$code" 2; then unknown "$disk did not answer every question of smartctl (its exit code is $code)"; fi
    return 0
  fi
  printf '%s\n' "$text" | readings "$disk" || {
    if bit "$code" 3; then return 0; fi
    unknown "$disk does not say whether it is well (smartctl ended with $code)"
  }
}

behind_controller=
if ! command -v smartctl >/dev/null; then
  disks=$(known_to_kernel | tr '\n' ' ')
  if [ -z "$disks" ]; then
    echo "this host has no disk with SMART"
    exit 0
  fi
  unknown "smartctl is not installed (smartmontools): not looked at: $disks"
  exit 75
fi
found=$(smartctl --scan 2>/dev/null </dev/null |
  sed -n 's|^\(/dev/[A-Za-z0-9_/-]*\) -d \([A-Za-z0-9_,+/-]*\) .*|\1 \2|p') || true
case $found in *,*) behind_controller=yes ;; esac
# What smartctl does not find and the kernel knows is asked as well: it must not be passed over in silence.
{
  printf '%s\n' "$found"
  known_to_kernel | while read -r disk; do
    case " $(printf '%s' "$found" | tr '\n' ' ')" in
      *" /dev/$disk "* | *" /dev/${disk%n[0-9]*} "*) ;;
      *) printf '/dev/%s auto\n' "$disk" ;;
    esac
  done
} | {
  asked=0
  while read -r path type; do
    name=${path#/dev/}
    case $type in
      '') continue ;;
      *,*) name=$name:$type ;;
      *) if has_none "$name"; then continue; fi ;;
    esac
    asked=$((asked + 1))
    judge "$name" "$path" -d "$type"
  done
  printf 'disks asked: %s\n' "$asked"
  [ -z "$blind" ]
} || exit 75
