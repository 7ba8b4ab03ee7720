#!/bin/sh
# Where the sample is restored, which files it is made of, and how restic is asked.
# shellcheck disable=SC2034,SC2154  # the parameters stand in front of it, and the scripts use what it finds
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

place=${scratch%/}/msp-ops-restore-test-${msp_kept##*/}

blocked() {
  printf 'msp: why %s\n' "$*"
  exit 75
}
# Others chose these words and names: none of their lines may pass for a report.
quoted() { LC_ALL=C sed -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }
words() { LC_ALL=C tr '[:cntrl:]' ' ' | cut -c 1-"$1" | sed 's/ *$//'; }

ask_restic() {
  RESTIC_REPOSITORY=$repository RESTIC_PASSWORD_FILE=$password_file \
    nice restic --no-lock --no-cache "$@" </dev/null 2>"$work/said"
}
why() { { grep -m 1 -E 'ignoring error|Fatal|"exit_error"|"error"' "$work/said" || grep . "$work/said" || echo "restic does not say why"; } | head -n 1 | words 200; }

# Bytes and name of files, in an order that is the same each time: so a sound sample never hides that another one was
# not. A name that a pattern of restic would not take as it is, is passed over.
choose() {
  ask_restic ls -l ${source_host:+--host "$source_host"} latest ${within:+"$within"} >"$work/listed" || return 1
  snapshot=$(sed -n 's/^snapshot \([0-9a-f]\{8,64\}\) .*/\1/p' "$work/listed" | head -n 1)
  LC_ALL=C awk -v most="$files" -v quota="$quota" '
    BEGIN { signs = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ._- " }
    function die(name,    i, sum) {
      sum = length(name)
      for (i = length(name); i > 0 && i > length(name) - 16; i--) sum = (sum * 31 + index(signs, substr(name, i, 1))) % 65521
      return sum
    }
    $1 ~ /^-/ && match($0, /^[^ ]+ +[0-9]+ +[0-9]+ +[0-9]+ [0-9-]+ [0-9:]+ \//) {
      name = substr($0, RSTART + RLENGTH - 1)
      if ($4 > quota + 0 || name ~ /[][*?\\[:cntrl:]]|[ \/]$/) next
      printf "%d %.0f %s\n", die(name), $4, name
    }' "$work/listed" | LC_ALL=C sort -n -k 1,1 -k 3 |
    awk -v most="$files" -v quota="$quota" '
      sum + $2 <= quota + 0 && n < most + 0 { sum += $2; n++; sub(/^[0-9]+ /, ""); print }' >"$work/chosen"
}
