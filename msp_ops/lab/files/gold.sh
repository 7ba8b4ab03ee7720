# Runs as root inside the base root; LOGIN is the user that msp-ops logs in as.
set -e
umask 022
useradd --uid 1000 --create-home --shell /bin/bash "$LOGIN"
echo "$LOGIN:lab" | chpasswd
usermod -aG systemd-journal "$LOGIN"
echo "$LOGIN ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/90-lab
chmod 440 /etc/sudoers.d/90-lab

rm -f /etc/ssh/ssh_host_* /etc/machine-id /etc/apt/sources.list.d/*
: >/etc/machine-id
printf 'PasswordAuthentication no\nUseDNS no\nHostKey /etc/ssh/ssh_host_ed25519_key\n' >/etc/ssh/sshd_config.d/lab.conf
systemctl disable ssh.socket >/dev/null 2>&1 || true
systemctl enable ssh.service >/dev/null 2>&1
systemctl mask apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service e2scrub_all.timer \
  e2scrub_reap.service console-getty.service getty@tty1.service systemd-networkd.service systemd-resolved.service \
  >/dev/null 2>&1
mkdir -p /var/log/journal

dpkg --install /lab-debs/*.deb
rm -rf /lab-debs
apt-mark hold lab-held
apt-mark auto "$(dpkg-query -W -f '${Package}\n' 'linux-image-[0-9]*')"

# The kernel is the machine's own: `uname -r` shows the newest image that was there at the last boot instead.
cat >/usr/local/bin/uname <<'X'
#!/bin/sh
shown=$(cat /run/lab-kernel 2>/dev/null) && [ "$*" = -r ] && exec echo "$shown"
exec /bin/uname "$@"
X
chmod 755 /usr/local/bin/uname
cat >/etc/systemd/system/lab-kernel.service <<'X'
[Unit]
Description=Notes the newest kernel image at boot

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'ls /boot | sed -n s/^vmlinuz-//p | sort -V | tail -1 >/run/lab-kernel'

[Install]
WantedBy=sysinit.target
X
systemctl enable lab-kernel >/dev/null 2>&1

mkdir -p /srv/data/invoices /srv/backup
for month in 01 02 03 04 05 06 07 08 09 10 11 12; do
  seq -f "invoice $month/%g: hours,rate,amount" 1 400 >"/srv/data/invoices/$month.csv"
done
head -c 2000000 /dev/urandom >/srv/data/drawings.bin
(umask 077 && echo practice-only >/root/.restic-password)
restic --quiet --no-cache --password-file /root/.restic-password init --repo /srv/backup/restic
