#!/bin/sh
# Which accounts can log in and did not for long, and which passwords are old?
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Who logged in since then. lastlog knows of terminals only: a command over ssh stands in the journal alone. It was
# replaced by lastlog2, which Debian 13 has instead. Where neither is, last must go back far enough.
logged_in() {
  if command -v lastlog >/dev/null; then
    lastlog -t "$days" </dev/null | awk 'NR > 1 { print $1 }'
  elif command -v lastlog2 >/dev/null; then
    lastlog2 -t "$days" </dev/null | awk 'NR > 1 { print $1 }'
  else
    last -w -s "-${days}days" </dev/null | awk 'NF { print $1 }'
  fi
  if command -v journalctl >/dev/null; then
    journalctl --quiet --no-pager --output=cat --since="@$since" SYSLOG_IDENTIFIER=sshd + SYSLOG_IDENTIFIER=sshd-session \
      2>/dev/null </dev/null | sed -n 's/^Accepted [a-z/-]* for \([^ ]*\) from .*/\1/p'
  fi
  command -v loginctl >/dev/null && loginctl list-users --no-legend 2>/dev/null </dev/null | awk '{ print $2 }'
  true
}

knows_of_logins() {
  command -v lastlog >/dev/null || command -v lastlog2 >/dev/null && return 0
  command -v last >/dev/null || return 1
  first=$(last -w --time-format iso 2>/dev/null </dev/null | sed -n 's/^wtmp begins \([0-9-]*\).*/\1/p')
  [ -n "$first" ] && [ "$(date -d "$first" +%s)" -le "$since" ]
}

# A key opens an account whatever its password is.
has_keys() {
  key_files_of "$1" "$2" | while IFS= read -r file; do
    if [ -f "$file" ] && [ -s "$file" ]; then echo yes; fi
  done | grep -q yes
}
with_keys() {
  while IFS=: read -r user _ _ _ _ home _; do
    if has_keys "$user" "$home"; then printf '%s\n' "$user"; fi
  done </etc/passwd
}
missing_shells() {
  cut -d : -f 7 /etc/passwd | sort -u | while IFS= read -r shell; do
    if [ -n "$shell" ] && [ ! -x "$shell" ]; then printf '%s\n' "$shell"; fi
  done
}

# An empty field for the hash is an open door. Where /etc/passwd has something else than x, it stands there.
judge() {
  missing=$(missing_shells) awk -F : -v today="$today" -v days="$days" -v age="$((password_age / 86400))" \
    -v logged_in="$(logged_in | sort -u | tr '\n' ' ')" -v keys="$(with_keys | tr '\n' ' ')" '
    function word(text) { gsub(/[^A-Za-z0-9_.@+-]/, "_", text); return text }
    function was_here(user) { return index(" " logged_in, " " user " ") }
    BEGIN { n = split(ENVIRON["missing"], shells, "\n"); for (i = 1; i <= n; i++) gone[shells[i]] }
    FILENAME ~ /shadow$/ { hash[$1] = $2; set[$1] = $3; expires[$1] = $8; next }
    /^[+-]/ || NF < 7 { next }
    $3 ~ /^0+$/ && $1 != "root" { print "msp: finding critical " word($1) ":uid-0 has user id 0: it is root by another name" }
    $7 ~ /\/(nologin|false|sync|shutdown|halt)$/ { next }
    $7 in gone { print word($1) ": cannot log in, its shell does not exist"; next }
    {
      user = $1; name = word(user)
      if (expires[user] != "" && expires[user] + 0 < today) { print name ": has expired"; next }
      known = $2 != "x" || (user in hash); secret = $2 != "x" ? $2 : hash[user]
      empty = known && secret == ""
      password = secret != "" && secret !~ /^[!*]/; key = index(" " keys, " " user " ")
      how = empty ? "no password at all" : (password && key) ? "a password and a key" : password ? "a password" : key ? "a key" : ""
      if (how == "") { print name ": cannot log in, it has neither a password nor a key"; next }
      if (empty) print "msp: finding critical " name ":no-password anybody can log in as " name ": it has no password at all"
      open++
      print name ": can log in with " how (was_here(user) ? ", logged in since" : ", did not log in since")
      if (!was_here(user) && !(set[user] != "" && today - set[user] < days)) {
        idle++
        severity = ($3 == 0) ? "info" : "warning"
        print "msp: finding " severity " " name " did not log in for " days " days, and can with " how
      }
      if (password && set[user] == "")
        print "msp: finding info " name ":password has no date: how old it is cannot be told"
      else if (password && set[user] > 0 && today - set[user] > age)
        print "msp: finding warning " name ":password is " today - set[user] " days old"
    }
    END {
      print "msp: measurement accounts_open " open + 0 " accounts"
      print "msp: measurement accounts_idle " idle + 0 " accounts"
    }' /etc/shadow /etc/passwd
}

[ -r /etc/shadow ] || blocked "/etc/shadow cannot be read"
if grep -q -E '^passwd:.*(sss|ldap|winbind)' /etc/nsswitch.conf 2>/dev/null; then
  echo "this host also knows accounts of a directory (LDAP or AD): those are not looked at"
fi
days=$((idle / 86400))
[ "$days" -ge 1 ] || blocked "idle must be a day or more"
today=$(($(date +%s) / 86400))
since=$(($(date +%s) - idle))
ask_sshd
knows_of_logins || blocked "this host does not know who logged in $days days ago (no lastlog, no such old wtmp)"
judge
