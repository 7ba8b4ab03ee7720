#!/bin/sh
# Where sshd looks for the keys that open an account.
# shellcheck disable=SC2034,SC2154  # report.sh stands in front of this file, scripts behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# What sshd says of itself; nothing where there is none.
ask_sshd() {
  said=$(sshd -T -C user=root,host=elsewhere.invalid,addr=192.0.2.1 2>/dev/null </dev/null) || true
  key_files=$(printf '%s\n' "$said" | sed -n 's/^authorizedkeysfile //p')
  key_files=$(printf '%s\n' "${key_files:-.ssh/authorized_keys .ssh/authorized_keys2}" | tr ' ' '\n' | sort -u)
}
# One a line, of an account and its home; %h is the home, %u the user.
key_files_of() {
  printf '%s\n' "$key_files" | user=$1 home=${2%/} awk '
    $0 == "none" { next }
    {
      out = ""
      while (match($0, /%[%hu]/)) {
        sign = substr($0, RSTART + 1, 1)
        out = out substr($0, 1, RSTART - 1) (sign == "h" ? ENVIRON["home"] : sign == "u" ? ENVIRON["user"] : "%")
        $0 = substr($0, RSTART + 2)
      }
      out = out $0
      print out ~ /^\// ? out : ENVIRON["home"] "/" out
    }'
}
