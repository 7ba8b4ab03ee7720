#!/bin/sh
# Who uses replaced files, and why it is not restarted.
# shellcheck disable=SC2154  # the runbook's parameters stand in front of this
set -eu
LC_ALL=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Programs and libraries that were replaced and are still executed: their files are gone, the old ones still mapped.
# Processes of containers have files of their own.
stale_processes() {
  ours=$(readlink /proc/self/ns/pid)
  grep -l -E "^[^ ]+ ..x. .* /(usr|lib|lib32|lib64|bin|sbin|opt)/.* \(deleted\)\$" /proc/[0-9]*/maps 2>/dev/null |
    while IFS=/ read -r _ _ pid _; do
      if [ "$(readlink "/proc/$pid/ns/pid" 2>/dev/null)" = "$ours" ]; then echo "$pid"; fi
    done
}
place_of() { sed -n -e "s/^0:://p" -e "s/^[0-9]*:name=systemd://p" "/proc/$1/cgroup" 2>/dev/null | grep -v -E "^/(\.\.|\$)" | head -n 1; }
# One word: a service, `logins` of people, `system` itself, or the program of no service. A process that a login left in
# the service of sshd is a login: a restart of the service does not touch it.
owner_of() {
  if [ "$1" -eq 1 ]; then echo system; return 0; fi
  place=$(place_of "$1")
  unit=${place##*/}
  case $place in
    */user.slice/*) echo logins ;;
    */ssh.service | */sshd.service)
      if [ "$(systemctl show -p MainPID --value -- "$unit")" = "$1" ]; then echo "$unit"; else echo logins; fi ;;
    *.service) printf "%s\n" "$unit" ;;
    *.service/*) unit=${place%%.service/*}; printf "%s.service\n" "${unit##*/}" ;;
    *) printf "program:%s\n" "$(LC_ALL=C tr -d "\n" <"/proc/$1/comm" | LC_ALL=C tr -c "[:alnum:]._-" "_")" ;;
  esac
}
stale_owners() { stale_processes | while read -r pid; do owner_of "$pid"; done | sort | uniq -c | sort -k 2; }

property() { systemctl show --property="$1" --value -- "$2"; }
# Why it is not restarted, in words; nothing when it may be.
why_not() {
  case $1 in
    logins) echo "they end when their people log out"; return 0 ;;
    system) echo "it is process 1: systemctl daemon-reexec, or a reboot"; return 0 ;;
    program:*) echo "it belongs to no service"; return 0 ;;
    dbus.* | dbus-broker.* | systemd-* | polkit.* | user@* | getty@* | serial-getty@* | console-getty.* | emergency.* | rescue.*)
      echo "it is part of the system: a reboot does it"; return 0 ;;
    display-manager.* | gdm.* | gdm3.* | sddm.* | lightdm.* | lxdm.* | xdm.* | kdm.*)
      echo "everybody at the screen would lose what is open"; return 0 ;;
    NetworkManager.* | networking.* | network.* | wpa_supplicant.* | iwd.* | wicked* | rpcbind.* | iscsid.* | open-iscsi.* | \
      multipathd.* | lvm2-*)
      echo "the network or a disk hangs on it"; return 0 ;;
    docker.* | containerd.* | crio.* | podman.* | lxc* | lxd* | libvirtd.* | virtqemud.* | machine-* | corosync.* | pacemaker.* | drbd*)
      echo "others run on it: containers, machines, a cluster"; return 0 ;;
    *[!A-Za-z0-9@_.:\\-]*) echo "its name is strange"; return 0 ;;
  esac
  case " $except " in *" $1 "* | *" ${1%.service} "*) echo "this run leaves it alone"; return 0 ;; esac
  case "$(property LoadState "$1")/$(property ActiveState "$1")/$(property Type "$1")/$(property RefuseManualStop "$1")" in
    */yes) echo "it refuses to be stopped by hand" ;;
    */oneshot/*) echo "it does its work and ends by itself" ;;
    loaded/active/*) ;;
    *) echo "it is $(property ActiveState "$1")" ;;
  esac
  case $1 in ssh.service | sshd.service) sshd -t 2>/dev/null || echo "its configuration is broken" ;; esac
}
