#!/bin/sh
# Which keys open which account? Counted by their type, the weak ones told; their comments are other people's words.
# shellcheck disable=SC2154  # functions.sh stands in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Only plain files: what else lies in somebody's home (a pipe, a device) may hold up whoever reads it.
keys_of() {
  key_files_of "$user" "$home" | while IFS= read -r file; do
    [ -f "$file" ] && [ -s "$file" ] || continue
    if [ -n "$(find -L "$file" -maxdepth 0 -perm -0002 2>/dev/null)" ]; then
      printf 'msp: finding critical %s:keys-open-to-all anybody may add a key to this account\n' "$shown" >&3
    fi
    ssh-keygen -l -f "$file" 2>/dev/null </dev/null || {
      if grep -q -v -E '^[[:space:]]*(#|$)' "$file"; then
        printf 'msp: finding info %s:keys-unreadable holds lines that are no keys\n' "$shown" >&3
      fi
    }
  done
}

# `256 SHA256:… a comment (ED25519)`
count_keys() {
  awk -v user="$shown" '
    { type = $NF; gsub(/[()]/, "", type); gsub(/[^A-Za-z0-9-]/, "_", type); total++; kinds[type]++ }
    type == "DSA" { weak++ }
    type == "RSA" && $1 + 0 < 2048 { weak++ }
    END {
      if (!total) exit
      for (type in kinds) told = told ", " kinds[type] " " type
      print user ": " total " keys" told
      print "msp: measurement authorized_keys:" user " " total " keys"
      if (weak) print "msp: finding warning " user ":weak-keys " weak " keys are weak (DSA, or RSA below 2048 bits)"
    }'
}

command -v ssh-keygen >/dev/null || blocked "ssh-keygen is not installed: keys cannot be counted"
ask_sshd
exec 3>&1
while IFS=: read -r user _ _ _ _ home _; do
  shown=$(printf '%s' "$user" | LC_ALL=C tr -c 'A-Za-z0-9_.@+-' '_')
  keys_of | count_keys
done </etc/passwd
if printf '%s\n' "$said" | grep -q -E '^authorizedkeyscommand [^n]'; then
  echo "msp: finding info keys-command keys come from a program as well (AuthorizedKeysCommand): those are not counted"
fi
