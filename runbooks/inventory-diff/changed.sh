#!/bin/sh
# What came, went and changed since inventory-accept noted what belongs here? Changes nothing: not what is accepted, either.
# shellcheck disable=SC2154  # the runbook's parameters and what it shares stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# A kind with more than `most` differences ends with one finding that counts the rest.
compare() {
  LC_ALL=C awk -F '\t' -v most="$most" '
    function told(subject, text) {
      if (++count[kind] > most + 0) { rest[kind]++; return }
      gsub(/[^]A-Za-z0-9._:@+*%\/[-]/, "_", subject)
      print "msp: finding " (kind == "package" ? "info" : "warning") " " kind ":" subject " " text
    }
    { key = $1 FS $2 }
    FNR == NR { if (key in was) was[key] = was[key] ", " $3; else was[key] = $3; next }
    { if (key in is) is[key] = is[key] ", " $3; else { is[key] = $3; order[++n] = key } }
    END {
      for (i = 1; i <= n; i++) {
        split(order[i], part, FS); kind = part[1]
        if (!(order[i] in was)) told(part[2], "came: " is[order[i]])
        else if (was[order[i]] != is[order[i]]) told(part[2], "changed: " was[order[i]] " -> " is[order[i]])
      }
      for (each in was) if (!(each in is)) gone[++m] = each
      for (i = 1; i < m; i++) for (j = i + 1; j <= m; j++) if (gone[j] < gone[i]) { keep = gone[i]; gone[i] = gone[j]; gone[j] = keep }
      for (i = 1; i <= m; i++) { split(gone[i], part, FS); kind = part[1]; told(part[2], "went: was " was[gone[i]]) }
      for (kind in count) print "msp: measurement inventory_changed:" kind " " count[kind] " things"
      for (kind in rest) print "msp: finding warning " kind "s:more " rest[kind] " more of this kind came, went or changed"
    }' "$accepted" "$1"
}

if [ ! -s "$accepted" ]; then cannot_tell "no inventory was accepted on this host yet: msp-ops run inventory-accept"; fi
work=$(mktemp -d /run/inventory-diff.XXXXXX) || cannot_tell "no room in /run"
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP
look_around
printf 'accepted on %s: %s things, now %s\n' "$(date -u -r "$accepted" +%F)" "$(wc -l <"$accepted")" "$(wc -l <"$work/present")"
compare "$work/present"
