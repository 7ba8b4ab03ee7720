#!/bin/sh
# Tests the configuration first, then loads it anew, and starts the server anew when that is not enough.
# shellcheck disable=SC2154  # the runbook's parameters and functions.sh stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

answers_soon() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    if answers; then return 0; fi
    sleep 0.5
  done
  return 1
}

enabled_file() {
  for folder in /etc/nginx/sites-enabled /etc/nginx/conf.d /etc/apache2/sites-enabled /etc/apache2/conf-enabled /etc/httpd/conf.d; do
    case $unit/$folder in nginx/*nginx* | apache2/*apache2* | httpd/*httpd*) ;; *) continue ;; esac
    if [ -e "$folder/$without" ] || [ -L "$folder/$without" ]; then
      printf '%s/%s' "$folder" "$without"
      return 0
    fi
  done
  return 1
}
# Its undo needs the file and where it was, on disk before the file goes.
switch_off() {
  if ! file=$(enabled_file); then
    printf 'no site of the name %s is switched on\n' "$without"
    return 0
  fi
  (umask 077 && mkdir -p -- "$msp_kept")
  cp -a -- "$file" "$msp_kept/site"
  printf '%s\n' "$file" >"$msp_kept/where"
  sync
  rm -- "$file"
  switched=$file
}
switch_on() {
  if [ -n "$switched" ]; then
    cp -a -- "$msp_kept/site" "$switched"
    rm -r -- "$msp_kept"
  fi
}

must_be_sound() {
  if said=$(sound); then return 0; fi
  printf '%s\n' "$said" | quoted
  switch_on
  blocked "the configuration of $unit is broken, it was left alone: $(printf '%s\n' "$said" | grep . | head -n 1)"
}

act() {
  case $1 in
    reload) said=$(systemctl reload -- "$unit" 2>&1) || return 1 ;;
    restart) systemctl reset-failed -- "$unit" 2>/dev/null || true
      said=$(systemctl restart -- "$unit" 2>&1) || return 1 ;;
  esac
}
bring_back() {
  before=$(state)
  code=0
  act "$1" || code=$?
  printf 'msp: changed %s %sed: %s -> %s\n' "$unit" "$1" "$before" "$(state)"
  return "$code"
}
evidence() {
  printf '%s\n' "--- $unit $1"
  {
    systemctl status --no-pager --full --lines=0 -- "$unit" || true
    journalctl --no-pager --quiet --output=short-iso --lines=20 --unit="$unit" || true
  } 2>&1 | quoted
}

command -v bash >/dev/null || blocked "no bash to ask the web server with"
switched=
pick_server || blocked "$unclear"
if [ "$(property ActiveState)" = active ] && answers && [ "$how" = if-needed ] &&
  { [ -z "$without" ] || ! enabled_file >/dev/null; }; then
  printf '%s runs and answers as it should: %s\n' "$unit" "$heard"
  exit 0
fi
evidence before
if [ -n "$without" ]; then switch_off; fi
must_be_sound
if [ -n "$switched" ]; then printf 'msp: changed %s switched off; its undo switches it on again\n' "$switched"; fi
if [ "$how" != restart ] && [ "$(property ActiveState)" = active ]; then
  bring_back reload || failed "$unit could not load its configuration: $said"
  if answers_soon || [ "$how" = reload ]; then exit 0; fi
fi
bring_back restart || { evidence after; failed "$unit does not start: $(printf '%s\n' "$said" | head -n 1)"; }
answers_soon || { evidence after; failed "$unit runs, but answers ${heard:-nothing} to $path on port $port"; }
