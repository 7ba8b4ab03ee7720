#!/bin/sh
# Who becomes root through a group? Members by the group's own list, and those whose first group it is.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# docker, lxd, incus, libvirt and disk are as good as root: their members mount what they like.
awk -F : -v expected=" ${admins-} " '
  function word(text) { gsub(/[^A-Za-z0-9_.@+-]/, "_", text); return text }
  FILENAME ~ /group$/ && $1 ~ /^(root|sudo|wheel|admin|docker|lxd|incus|libvirt|disk|shadow)$/ {
    gid[$3] = $1; members[$1] = $4; names[++n] = $1; next
  }
  FILENAME ~ /group$/ || /^[+-]/ { next }
  ($4 in gid) && $1 != "root" && $4 != 0 { members[gid[$4]] = members[gid[$4]] (members[gid[$4]] == "" ? "" : ",") $1 }
  END {
    for (i = 1; i <= n; i++) {
      group = names[i]; many = split(members[group], each, ",")
      shown = ""
      for (j = 1; j <= many; j++) {
        user = word(each[j]); shown = shown " " user
        if (user == "root" || user == "") continue
        if (!admin[user]++) admins++
        in_groups[user] = in_groups[user] (in_groups[user] == "" ? "" : " ") group
      }
      if (shown != "") print group ":" shown
    }
    for (user in in_groups) if (expected != "  " && !index(expected, " " user " "))
      print "msp: finding warning " user " becomes root through " in_groups[user] ", and is not among those who should"
    print "msp: measurement admins " admins + 0 " accounts"
  }' /etc/group /etc/passwd
