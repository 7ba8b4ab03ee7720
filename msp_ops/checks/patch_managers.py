"""Who else installs updates here? Two patch managers on one machine fight over locks, reboots and the record."""

import re

from msp_ops.checks.answer import parts, short
from msp_ops.checks.base import Check, Seen
from msp_ops.domain.finding import Finding, Reading

COMMAND = r"""
LC_ALL=C; export LC_ALL
command -v systemctl >/dev/null || { echo "no systemctl to ask about services"; exit 3; }
echo "== unattended"
apt-config dump APT::Periodic::Unattended-Upgrade 2>/dev/null || true
systemctl is-enabled apt-daily-upgrade.timer 2>/dev/null || true
echo "== agents"
for unit in landscape-client salt-minion puppet chef-client tacticalagent zabbix-agent-patch yum-cron \
  dnf-automatic-install.timer os-update.timer transactional-update.timer; do
  state=$(systemctl is-active "$unit" 2>/dev/null) || true
  [ "$state" != active ] || echo "$unit"
done
# by itself it only tells, unless its file says otherwise
for unit in dnf-automatic.timer dnf5-automatic.timer; do
  state=$(systemctl is-active "$unit" 2>/dev/null) || true
  if [ "$state" = active ] && grep -s -q -i -E '^ *apply_updates *= *(yes|true|1|on)' /etc/dnf/automatic.conf; then
    echo "$unit"
  fi
done
echo "== end"
"""


def read(seen: Seen) -> Reading:
    told = parts(seen, "unattended", "agents")
    unattended = told["unattended"]
    found = [short(agent) for agent in told["agents"]]
    if "enabled" in unattended and any(
        re.search(r'"[1-9]\d*[smhd]?"', line) for line in unattended
    ):  # in days; 0 is off
        found.append("unattended-upgrades")
    return Reading(findings=tuple(_finding(agent) for agent in found))


def _finding(agent: str) -> Finding:
    message = f"{agent} installs updates here too: agree on one, or exclude what the other one does"
    return Finding(check="patch-managers", subject=agent, severity="warning", message=message)


CHECK = Check(name="patch-managers", title="Other patch managers", command=COMMAND, read=read)
