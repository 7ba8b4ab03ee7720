#!/bin/sh
# Where the sample is restored, which files it is made of, and how restic is asked.
# shellcheck disable=SC2034,SC2154  # the parameters stand in front of it, and the scripts use what it finds
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

ask_restic() {
  RESTIC_REPOSITORY=$repository RESTIC_PASSWORD_FILE=$password_file \
    nice restic --no-lock --no-cache "$@" </dev/null 2>"$work/said"
}
why() { { grep -m 1 -E 'ignoring error|Fatal|"exit_error"|"error"' "$work/said" || grep . "$work/said" || echo "restic does not say why"; } | head -n 1 | words 200; }

# A name that a pattern of restic would not take as it is, is passed over. All names of a snapshot are too many for /run,
# which is memory.
choose() {
  rm -f -- "$work/unlisted" "$work/snapshot"
  {
    ask_restic ls -l ${source_host:+--host "$source_host"} latest ${within:+"$within"} || : >"$work/unlisted"
  } | LC_ALL=C awk -v snapshot="$work/snapshot" '
    !told && /^snapshot [0-9a-f]+ / { print $2 >snapshot; told = 1; next }
    $1 ~ /^-/ && match($0, /^[^ ]+ +[0-9]+ +[0-9]+ +[0-9]+ [0-9-]+ [0-9:]+ \//) {
      name = substr($0, RSTART + RLENGTH - 1)
      if (name !~ /[][*?\\[:cntrl:]]|[ \/]$/) print $4, name
    }' | sample
  [ ! -e "$work/unlisted" ] || return 1
  snapshot=$(cat "$work/snapshot" 2>/dev/null) || true
}
