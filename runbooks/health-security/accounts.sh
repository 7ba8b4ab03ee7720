#!/bin/sh
# Accounts that are root under another name, and accounts without a password.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

[ -r /etc/passwd ] || blocked "/etc/passwd cannot be read"
[ -r /etc/shadow ] || blocked "/etc/shadow cannot be read"
awk -F : '
  function word(text) { gsub(/[^A-Za-z0-9_.@+-]/, "_", text); return text == "" ? "nameless" : text }
  FILENAME ~ /shadow$/ { if ($2 == "") empty[$1] = 1; hashed[$1] = 1; next }
  /^[+-]/ { next }
  NF < 7 { next }
  {
    can_log_in = ($7 !~ /\/(nologin|false|sync)$/)
    if ($3 == 0 && $1 != "root")
      print "msp: finding critical " word($1) ":uid-0 has user id 0: it is root under another name"
    if ($2 == "" || ($2 == "x" && $1 in empty))
      print "msp: finding " (can_log_in ? "critical" : "warning") " " word($1) ":no-password has an empty password"
    if (length($2) >= 13 && $2 !~ /^[!*]/)
      print "msp: finding warning " word($1) ":visible-hash keeps its password where every user of the host can read it"
    accounts++
    if (can_log_in) shells++
  }
  END {
    print "msp: measurement accounts " accounts + 0 " accounts"
    print "msp: measurement accounts_with_shell " shells + 0 " accounts"
  }' /etc/shadow /etc/passwd
