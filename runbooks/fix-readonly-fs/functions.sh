#!/bin/sh
# Is it read-only, and what does the kernel say of its device?
# shellcheck disable=SC2154  # the parameters stand in front of it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

of_mount() { findmnt --noheadings --list --first-only --nofsroot --output "$1" --target "$path"; }
# Of the mount and of the file system under it: either may be read-only.
is_read_only() { case ",$(of_mount VFS-OPTIONS),$(of_mount FS-OPTIONS)," in *,ro,*) return 0 ;; *) return 1 ;; esac; }

# The device and all that it is made of (sda1 sda; dm-0 sda2 sda), one a line; nothing for what has no device.
devices() { lsblk --noheadings --raw --inverse --output KNAME -- "$(of_mount SOURCE)" 2>/dev/null | sort -u || true; }
kernel_log() {
  {
    dmesg 2>/dev/null || true
    journalctl --no-pager --quiet --dmesg --boot --output=cat 2>/dev/null || true
  } | LC_ALL=C tr "\000-\010\013-\037\177" "?" | sed "s/^\[ *[0-9.]*\] //" | awk "!seen[\$0]++"
}
errors='I/O error|medium error|write error|Aborting journal|EXT[234]-fs (error|warning.*checksum)|Remounting filesystem read-only|'
errors="$errors"'XFS .*(orruption|Shutting down|log I/O)|BTRFS.*(error|critical|forced readonly)|F2FS-fs.*(nconsist|orrupt)|'
errors="$errors"'rejecting I/O to (offline|dead)|ata[0-9.]+: .*(failed|error|exception)|nvme.*(timeout|controller is down|I/O .*QID)'
# What the kernel says of our devices, and what it says of no device that can be told: that may be ours.
bad_lines() {
  devices >"$work/ours"
  for each in /sys/class/block/*; do printf "%s\n" "${each##*/}"; done >"$work/all"
  kernel_log | grep -E -e "$errors" | awk -v ours="$work/ours" -v all="$work/all" '
    BEGIN { while ((getline name < ours) > 0) mine[name] = 1; while ((getline name < all) > 0) known[name] = 1 }
    { line = $0; gsub(/[^[:alnum:]-]+/, " ", line); n = split(line, word, " "); of_us = 0; of_others = 0
      for (i = 1; i <= n; i++) { if (word[i] in mine) of_us = 1; else if (word[i] in known) of_others = 1 }
      if (of_us || !of_others) print }' || true
}
