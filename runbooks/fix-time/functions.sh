#!/bin/sh
# Which time service this host has, what it says of itself, and what its servers say.
# shellcheck disable=SC2154,SC2034  # the runbook's parameters stand in front of this, a script behind it
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

property() { systemctl show --property="$1" --value -- "$2"; }
# The one that runs; of those that do not, the one that starts with the host.
pick_service() {
  service=""
  for unit in chrony chronyd ntpsec ntp ntpd openntpd systemd-timesyncd; do
    [ "$(property LoadState "$unit")" = loaded ] || continue
    unit=$(property Id "$unit")
    if [ "$(property ActiveState "$unit")" = active ]; then service=$unit; return 0; fi
    case $(property UnitFileState "$unit") in enabled*) [ -n "$service" ] || service=$unit ;; esac
  done
  [ -n "$service" ]
}

# Server and port, one a line, from the files; what DHCP gives is not there.
servers() {
  {
    cat /etc/chrony/chrony.conf /etc/chrony.conf /etc/chrony/sources.d/*.sources /etc/chrony/conf.d/*.conf /etc/ntpsec/ntp.conf \
      /etc/ntp.conf /etc/openntpd/ntpd.conf 2>/dev/null |
      awk "\$1 ~ /^(server|servers|pool|peer)\$/ {
        port = 123; for (i = 3; i < NF; i++) if (\$i == \"port\") port = \$(i + 1); print \$2, port }"
    timedatectl show-timesync -p LinkNTPServers -p SystemNTPServers -p FallbackNTPServers --value 2>/dev/null |
      tr " " "\n" | awk "NF { print \$1, 123 }"
  } | LC_ALL=C tr -cd "[:alnum:].: \n-" | awk "!seen[\$0]++" | head -n 6
}
# Seconds by which this clock is behind what one server says, with three digits; nothing when it is silent or knows no
# time itself. One packet, sent by hand: what the service says of itself is another matter.
behind() {
  # shellcheck disable=SC2016  # bash expands them
  timeout 4 bash -c 'exec 3<>"/dev/udp/$0/$1" && printf -v rest "%047d" 0 && printf "\x23${rest//0/\\0}" >&3 &&
    date +%s.%N && head -c 48 <&3 | od -An -v -w48 -tu1' "$1" "$2" 2>/dev/null | awk "
    NR == 1 { sent = \$1 }
    NR == 2 && NF == 48 && \$1 < 192 && \$2 > 0 && \$2 < 16 {
      seconds = ((\$41 * 256 + \$42) * 256 + \$43) * 256 + \$44 - 2208988800
      if (seconds < 0) seconds += 4294967296
      printf \"%.3f\\n\", seconds - sent + ((\$45 * 256 + \$46) * 256 + \$47) / 16777216
    }"
}
told() { servers | while read -r server port; do printf "%s %s\n" "$server" "$(behind "$server" "$port")"; done; }
# Of the servers that answer, the middle one: a single liar does not count when there are three.
middle() { awk "NF == 2 { print \$2 }" | sort -n | awk "{ all[NR] = \$1 } END { if (NR) print all[int((NR + 1) / 2)] }"; }
# Is this many seconds, of either sign, more than may be?
too_far() { awk -v off="$1" -v most="$max_offset" "BEGIN { exit !(off > most || -off > most) }"; }

# What the service says: 0 it is synchronised, then `offset` is what is left; 1 it is not.
synchronised() {
  offset=0
  case $service in
    chrony*)
      tracking=$(chronyc -n -c tracking 2>/dev/null) || return 1
      offset=$(printf "%s\n" "$tracking" | cut -d , -f 5)
      printf "%s\n" "$tracking" | awk -F , "{ exit !(\$3 > 0 && \$14 != \"Not synchronised\") }" ;;
    ntp*)
      said=$(ntpq -n -c rv 2>/dev/null) || return 1
      case $said in *leap_alarm* | *leap=11* | "") return 1 ;; esac
      offset=$(printf "%s\n" "$said" | tr "," "\n" | sed -n "s/^ *offset=//p" | awk "{ print \$1 / 1000 }") ;;
    openntpd*) ntpctl -s status 2>/dev/null | grep -q "clock synced" ;;
    systemd-timesyncd*)
      [ -e /run/systemd/timesync/synchronized ] && [ "$(property ActiveState "$service")" = active ] &&
        [ "$(stat -c %Y /run/systemd/timesync/synchronized)" -ge "$(date -d "$(property ActiveEnterTimestamp "$service")" +%s)" ] ;;
    *) return 1 ;;
  esac
}
