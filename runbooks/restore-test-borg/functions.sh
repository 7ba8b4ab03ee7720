#!/bin/sh
# Where the sample is restored, which files it is made of, and how borg is asked.
# shellcheck disable=SC2034,SC2154  # the parameters stand in front of it, and the scripts use what it finds
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

place=${scratch%/}/msp-ops-restore-test-${msp_kept##*/}

failed() {
  printf 'msp: why %s\n' "$*"
  exit 1
}
blocked() {
  printf 'msp: why %s\n' "$*"
  exit 75
}
# Others chose these words and names: none of their lines may pass for a report.
quoted() { LC_ALL=C sed -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }
words() { LC_ALL=C tr '[:cntrl:]' ' ' | cut -c 1-"$1" | sed 's/ *$//'; }
# The line of borg's that says something; around it stand those of Python.
why() {
  { grep -v -E '^( |Traceback|Local Exc|Exception ign|Platform:|Linux:|Borg:|PID:|sys.argv:|SSH_|$)' "$work/said" ||
    echo "borg does not say why"; } | head -n 1 | words 200
}

# What this host knows of its repositories, as a copy: so borg sees one that was moved or put in another's place, and
# nothing is noted for the next time.
know_what_borg_knows() {
  known=${HOME:-/root}/.config/borg/security
  if [ -d "$known" ]; then cp -R -- "$known" "$work/security"; fi
}
# No lock is taken and none is broken. To its questions borg gets a no, but for the one that a parameter has answered.
ask_borg() {
  unencrypted=no
  if [ -z "$passphrase_file" ]; then unencrypted=yes; fi
  TZ=UTC BORG_CACHE_DIR=$work/cache BORG_SECURITY_DIR=$work/security BORG_RSH='ssh -o BatchMode=yes' \
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=$unencrypted BORG_RELOCATED_REPO_ACCESS_IS_OK=no BORG_PASSPHRASE_FD=3 \
    nice borg "$@" 3<"${passphrase_file:-/dev/null}" </dev/null 2>"$work/said"
}
# One that removes old archives meanwhile may look like damage.
is_busy() { [ -e "$repository/lock.exclusive" ]; }

newest_archive() {
  ask_borg list --bypass-lock --last 1 --glob-archives "$begins*" --format '{archive}{NL}' "$repository" >"$work/archive" ||
    return 1
  archive=$(cat "$work/archive")
  case $archive in *[[:cntrl:]]*) blocked "the newest archive has a name that is not looked at" ;; esac
}
# Bytes and name of files, in an order that is the same each time: so a sound sample never hides that another one was
# not. A name with control characters is passed over. All names of an archive are too many for /run, which is memory.
choose() {
  below=${within#/}
  rm -f -- "$work/unlisted"
  {
    ask_borg list --bypass-lock --format '{type} {size} {path}{NUL}' "$repository::$archive" ${below:+"pp:$below"} ||
      : >"$work/unlisted"
  } | LC_ALL=C tr '\n\000' '\001\n' | LC_ALL=C awk -v quota="$quota" '
    BEGIN { signs = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ._- " }
    function die(name,    i, sum) {
      sum = length(name)
      for (i = length(name); i > 0 && i > length(name) - 16; i--) sum = (sum * 31 + index(signs, substr(name, i, 1))) % 65521
      return sum
    }
    $1 == "-" && match($0, /^- [0-9]+ /) {
      name = substr($0, RLENGTH + 1)
      if ($2 > quota + 0 || name ~ /[\001-\037\177\\]|^[ \/]| $|(^|\/)\.\.(\/|$)/ || name == "") next
      printf "%d %.0f %s\n", die(name), $2, name
    }' | LC_ALL=C sort -n -k 1,1 -k 3 |
    awk -v most="$files" -v quota="$quota" '
      sum + $2 <= quota + 0 && n < most + 0 { sum += $2; n++; sub(/^[0-9]+ /, ""); print }' >"$work/chosen"
  [ ! -e "$work/unlisted" ]
}
# A restore of an earlier run that was cut: its own notes and its name say that it is ours, and nobody works in it.
left_behind() {
  for each in "${scratch%/}"/msp-ops-restore-test-*; do
    if [ ! -d "$each" ] || [ -L "$each" ] || [ "$(stat -c %u -- "$each")" != 0 ]; then continue; fi
    if [ ! -d "${msp_kept%/*}/${each##*/msp-ops-restore-test-}/begun-borg" ] || is_in_use "$each"; then continue; fi
    printf '%s\n' "$each"
  done
}
is_in_use() {
  for process in /proc/[0-9]*; do
    case $(readlink "$process/cwd" 2>/dev/null) in "$1" | "$1"/*) return 0 ;; esac
  done
  return 1
}
