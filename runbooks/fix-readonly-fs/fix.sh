#!/bin/sh
# Looks for the cause first: where the kernel tells of errors, writing makes it worse, and it stays as it is.
# A mounted file system is never checked: that is for the next boot. Writes nowhere but in /run before it is writable.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TMPDIR=/run
export LC_ALL PATH TMPDIR

refuse_what_must_stay() {
  case $type in
    squashfs | iso9660 | udf | erofs | cramfs | romfs) blocked "$target is a $type: it cannot be written" ;;
    nfs* | cifs | smb* | fuse* | 9p | ceph | glusterfs) blocked "$target is on another host ($type): look there" ;;
    proc | sysfs | cgroup* | devtmpfs | securityfs) blocked "$target is no file system that keeps data ($type)" ;;
  esac
  case ",$(findmnt --noheadings --raw --fstab --output OPTIONS --target "$target" 2>/dev/null)," in
    *,ro,*) blocked "/etc/fstab says that $target is read-only: somebody wants it so" ;;
  esac
  for device in $(devices); do
    if [ "$(cat "/sys/class/block/$device/ro" 2>/dev/null)" = 1 ]; then blocked "the device $device is write-protected"; fi
  done
}
refuse_where_errors_are() {
  [ -n "$(kernel_log | head -n 1)" ] || blocked "what the kernel says cannot be read: why it is read-only is not known"
  bad_lines >"$work/errors"
  if [ -s "$work/errors" ]; then
    tail -n 20 "$work/errors" | quoted
    blocked "the kernel tells of errors, $target stays read-only; save what can be read, look at the disk (smartctl)," \
      "then check it at the next boot: $(head -n 1 "$work/errors")"
  fi
  case $type in
    ext[234])
      state=$(dumpe2fs -h -- "$source" 2>/dev/null | sed -n 's/^Filesystem state: *//p')
      [ -n "$state" ] || blocked "dumpe2fs does not tell in which state $source is"
      case $state in *error*) blocked "$source is marked as damaged ($state): it must be checked at the next boot" ;; esac ;;
  esac
}
# The file system, or only this mount of it (as a bind mount, or a service's own view).
make_writable() {
  kind=mount
  case ",$(of_mount FS-OPTIONS)," in *,ro,*) kind=fs ;; esac
  if [ "$kind" = fs ]; then set -- remount,rw; else set -- remount,bind,rw; fi
  said=$(mount -o "$1" -- "$target" 2>&1) || failed "$target cannot be made writable: $(printf '%s\n' "$said" | head -n 1)"
}
# A write that reached the device, and is read back from where it lies.
can_be_written() {
  probe=$(mktemp -- "$target/.msp-ops-probe.XXXXXX" 2>/dev/null) || return 1
  { echo "written by msp-ops" >"$probe" && sync -- "$probe" && grep -q "written by msp-ops" "$probe"; } 2>/dev/null && code=0 || code=1
  rm -f -- "$probe"
  return "$code"
}

[ "$(id -u)" -eq 0 ] || blocked "mounting needs root"
command -v findmnt >/dev/null || blocked "no findmnt to look at mounts with"
[ -e "$path" ] || blocked "there is no $path on this host"
work=$(mktemp -d) || blocked "no room in /run"
trap 'rm -rf -- "$work"' EXIT
target=$(of_mount TARGET) source=$(of_mount SOURCE) type=$(of_mount FSTYPE)
if ! is_read_only; then
  can_be_written || blocked "$target is not mounted read-only, and a file cannot be written there: is it full (fix-disk-full)?"
  printf '%s is writable\n' "$target"
  exit 0
fi
echo "--- the mount"
findmnt --target "$path" | quoted
refuse_what_must_stay
refuse_where_errors_are
make_writable
if is_read_only; then failed "$target is still read-only after its remount"; fi
printf 'msp: changed %s is writable\n' "$(printf '%s' "$target" | tr ' ' '_')"
umask 077
mkdir -p -- "$msp_kept" || failed "$target is mounted writable, and $msp_kept cannot be written"
printf '%s\n' "$kind" >"$msp_kept/kind"
printf '%s\n' "$target" >"$msp_kept/target"
bad_lines >"$work/errors"
can_be_written || failed "a file cannot be written to $target"
if [ -s "$work/errors" ]; then failed "with the first writes the kernel told of errors: $(head -n 1 "$work/errors")"; fi
echo "a file was written, read back and removed"
