#!/bin/sh
# Can files of the newest complete snapshot be read back, and are they what its manifest says?
# The same files are read each time: so a look that finds nothing never hides what another one found.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

all_below=200 # so few files are read all

# The first digits of a sum are as good as a die. A line with a backslash is a name that sha256sum had to bend.
choose_from_manifest() {
  LC_ALL=C awk -v percent="$read_data" -v all_below="$all_below" '
    length($1) == 64 && $1 !~ /[^0-9a-f]/ && !match($0, /(^|[ *\/])\.\.\/|[ *]\//) { line[++n] = $0 }
    function die(sum) { return index("0123456789abcdef", substr(sum, 1, 1)) * 16 + index("0123456789abcdef", substr(sum, 2, 1)) - 17 }
    END { for (i = 1; i <= n; i++) if (n <= all_below || die(line[i]) * 100 < percent * 256) print line[i] }' "$1"
}
choose_from_names() {
  (cd "$1" && find . -xdev -type f ! -path '*[[:cntrl:]]*') | LC_ALL=C sort |
    LC_ALL=C awk -v percent="$read_data" -v all_below="$all_below" '
      BEGIN { signs = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ._- " }
      function die(name,    i, sum) {
        sum = length(name)
        for (i = length(name); i > 0 && i > length(name) - 16; i--) sum = (sum * 31 + index(signs, substr(name, i, 1))) % 65521
        return sum % 100
      }
      { name[NR] = $0 }
      END { for (i = 1; i <= NR; i++) if (NR <= all_below || die(name[i]) < percent + 0) print name[i] }'
}

compare() {
  said=$(cd "$1" && nice sha256sum -c - <"$work/chosen" 2>/dev/null) || true
  good=$(printf '%s\n' "$said" | grep -c ': OK$') || true
  printf '%s\n' "$said" | grep -v ': OK$' | head -n 20 | quoted || true
}
read_only() {
  good=0
  while read -r name; do
    if nice cat -- "$1/$name" >/dev/null 2>>"$work/said"; then good=$((good + 1)); fi
  done <"$work/chosen"
  head -n 20 "$work/said" | quoted
}

all=$(snapshots)
newest=$(printf '%s\n' "$all" | grep ' complete ' | tail -n 1) || true
[ -n "$newest" ] || cannot_tell "there is no complete snapshot that could be read"
newest=${newest##* }
work=$(mktemp -d /run/check-backup-snapshots.XXXXXX) || cannot_tell "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
: >"$work/said"
if [ -n "$manifest" ]; then
  if [ ! -s "$folder/$newest/$manifest" ]; then
    finding critical manifest "$newest has no $manifest: nothing says what its files should be"
    exit 0
  fi
  choose_from_manifest "$folder/$newest/$manifest" >"$work/chosen"
  problem="are missing or not what $manifest says"
  [ -s "$work/chosen" ] || cannot_tell "$manifest of $newest holds no line of sha256sum that could be looked at"
  compare "$folder/$newest"
else
  passed=$(find "$folder/$newest" -xdev -type f -path '*[[:cntrl:]]*' -print0 | LC_ALL=C tr -dc '\0' | wc -c)
  if [ "$passed" -gt 0 ]; then
    finding warning passed-over "$passed files of $newest have names that no line can hold: they were not read"
  fi
  choose_from_names "$folder/$newest" >"$work/chosen"
  problem="cannot be read"
  [ -s "$work/chosen" ] || cannot_tell "$newest holds no file that could be read"
  read_only "$folder/$newest"
fi
asked=$(wc -l <"$work/chosen")
printf '%s: %s of %s files that were read are well%s\n' "$newest" "$good" "$asked" "$([ -n "$manifest" ] || printf ', compared with nothing')"
printf 'msp: measurement backup_files_read %s files\n' "$asked"
if [ "$good" -lt "$asked" ]; then
  finding critical data "$((asked - good)) of $asked files of $newest that were read $problem"
fi
