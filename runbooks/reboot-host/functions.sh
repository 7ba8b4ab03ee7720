#!/bin/sh
# Who and what a restart would interrupt, and what runs.
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# People have a terminal or a screen; the way that msp-ops takes has none. Newer hosts have no utmp, older ones no logind.
people() {
  {
    who 2>/dev/null | awk "{ print \$1, \$2 }"
    loginctl list-sessions --no-legend 2>/dev/null | while read -r session _; do
      tty=$(loginctl show-session -p TTY --value -- "$session" 2>/dev/null) || continue
      if [ -n "$tty" ]; then printf "%s %s\n" "$(loginctl show-session -p Name --value -- "$session")" "$tty"; fi
    done
  } | LC_ALL=C tr -d "\000-\010\013-\037\177" | sort -u
}
# A restart in the middle of these leaves something half done.
at_work() {
  systemctl list-units --state=activating,active --plain --no-legend --no-pager apt-daily.service apt-daily-upgrade.service \
    packagekit-offline-update.service dnf-system-upgrade.service 2>/dev/null | cut -d " " -f 1
  for program in apt-get aptitude dpkg unattended-upgr dnf dnf5 yum zypper rpm restic borg pg_dump pg_basebackup mysqldump \
    mariadb-dump; do
    if grep -s -q -x -F -e "$program" /proc/[0-9]*/comm; then printf "%s\n" "$program"; fi
  done
  systemd-inhibit --list --no-legend --no-pager 2>/dev/null | awk "\$NF == \"block\" && /shutdown/ { print \$1 }"
}
# What starts a host, left half installed, may keep it from coming back.
half_installed() {
  if ! command -v dpkg-query >/dev/null; then return 0; fi
  dpkg-query -W -f="\${db:Status-Abbrev}|\${Package}\n" "linux-image*" "grub*" "initramfs*" \
    "systemd*" "libc6*" "init*" 2>/dev/null |
    awk -F "|" "substr(\$1, 2, 1) ~ /[HUFWt]/ || substr(\$1, 3, 1) == \"R\" { print \$2 }"
}
running_services() {
  systemctl list-units --type=service --state=running --plain --no-legend --no-pager --full 2>/dev/null |
    cut -d " " -f 1 |
    grep -v -E "^(user@|session-|apt-daily|packagekit|getty@|serial-getty@|systemd-(hostnamed|localed|timedated))" || true
}
