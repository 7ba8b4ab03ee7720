#!/bin/sh
# How does sshd let people in? Asked of sshd itself: files, defaults and Match blocks together are hard to read.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# As it decides for this user who comes from elsewhere (192.0.2.1 is nobody's, RFC 5737): Match blocks count.
ask() { sshd -T -C "user=$1,host=elsewhere.invalid,addr=192.0.2.1" 2>&1 </dev/null; }
value() { printf '%s\n' "$said" | awk -v key="$1" '$1 == key { print $2; exit }'; }

ask_or_end() {
  said=$(ask "$1") || blocked "sshd cannot say how it is set up: $(printf '%s\n' "$said" | tail -n 1)"
  [ -n "$(value permitrootlogin)" ] || blocked "sshd does not say whether root may log in"
}

# Through PAM the dialogue (keyboard-interactive) asks for the password as well. Its name changed with OpenSSH 8.7.
takes_passwords() {
  dialogue=$(value kbdinteractiveauthentication)
  [ -n "$dialogue" ] || dialogue=$(value challengeresponseauthentication)
  [ "$(value passwordauthentication)" = yes ] || { [ "$dialogue" = yes ] && [ "$(value usepam)" = yes ]; }
}

if ! command -v sshd >/dev/null; then
  echo "this host has no OpenSSH server"
  exit 0
fi
ask_or_end root
root=$(value permitrootlogin)
printf 'root: %s\n' "$root"
if [ "$root" = yes ] && takes_passwords; then
  finding critical root-password "root may log in with a password (PermitRootLogin yes)"
elif [ "$root" = yes ]; then
  finding info root-login "root may log in, with a password too as soon as those are allowed (PermitRootLogin yes)"
fi
ask_or_end msp-ops-nobody
if takes_passwords; then finding warning password-login "sshd takes passwords: they can be guessed, keys cannot"; fi
if [ "$(value permitemptypasswords)" = yes ]; then finding critical empty-password "sshd takes empty passwords"; fi
if printf '%s\n' "$said" | awk '$1 == "ciphers"' | grep -q -E 'cbc|arcfour|3des'; then
  finding warning ciphers "sshd offers ciphers that are broken (CBC, RC4 or 3DES)"
fi
