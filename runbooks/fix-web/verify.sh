#!/bin/sh
# Is the page served, and would the configuration also survive a restart? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

must_answer() {
  [ "$(property ActiveState)" = active ] || failed "$unit is $(state)"
  answers || failed "$unit answers ${heard:-nothing} to $path on port $port"
}
hundredths() {
  read -r up _ </proc/uptime
  echo "${up%.*}${up#*.}"
}

command -v bash >/dev/null || cannot_verify "no bash to ask the web server with"
pick_server || cannot_verify "$unclear"
if ! said=$(sound); then
  printf '%s\n' "$said" | quoted
  failed "the configuration of $unit is broken: $(printf '%s\n' "$said" | grep . | head -n 1)"
fi
for _ in 1 2 3; do
  must_answer
  sleep 1
done
begin=$(hundredths)
must_answer
printf 'msp: measurement http_time:%s %s milliseconds\n' "$port" "$((($(hundredths) - begin) * 10))"
printf '%s answers %s on port %s: %s\n' "$unit" "$path" "$port" "$heard"
