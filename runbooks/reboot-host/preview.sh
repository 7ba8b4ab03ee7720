#!/bin/sh
# Who is logged in, what runs, and would the host start again? Changes nothing.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this script
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Others chose these words and names: none of their lines may pass for a report.
quoted() { LC_ALL=C sed -u -e 's/\t/        /g' -e 's/[[:cntrl:]]/?/g' -e 's/^/  /'; }

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

printf 'up since %s\n' "$(uptime -s 2>/dev/null || echo unknown)"
echo "--- logged in (restart: $reboot, people: $logged_in)"
people | quoted
echo "--- at work"
at_work | quoted
echo "--- half installed"
half_installed | quoted
echo "--- a restart waits because of"
if [ -e /run/reboot-required ]; then cat /run/reboot-required.pkgs 2>/dev/null | sort -u | quoted; fi
for kernel in /boot/vmlinuz-*; do
  if [ -e "$kernel" ]; then printf 'kernel %s\n' "${kernel#/boot/vmlinuz-}"; fi
done | sort -V | tail -n 1 | quoted
printf 'running is %s\n' "$(uname -r)" | quoted
echo "--- /etc/fstab"
findmnt --verify 2>&1 | tail -n 5 | quoted || true
printf '%s services run (services have %s s to run again)\n' "$(running_services | wc -l)" "$settle"
