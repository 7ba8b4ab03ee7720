"""Faults of the operating system and its services: what break/fix is called for."""

from msp_ops.lab.fault import Fault, InHost

_FILL = """set -- $(df --block-size=1K --output=size,used / | tail -1) "$1"
head -c $(($1 * $3 / 100 - $2 - 64 + $3 / 100 * 2048))K /dev/zero >/var/tmp/filler 2>/dev/null || true"""
_FAKETIME = "/usr/lib/*/faketime/libfaketime.so.1"
_STALE_LOCK = """systemctl stop lab-web
sleep 0 & dead=$!; wait $dead
echo $dead >/run/lab-web/lab-web.lock
systemctl start lab-web
for again in $(seq 100); do systemctl is-failed --quiet lab-web && exit 0; sleep 0.05; done
exit 1"""
_CERTIFICATE = "/etc/ssl/lab-web.pem"

FAULTS = (
    Fault(
        kind="service-down",
        does="a service is stopped",
        how=InHost(make='systemctl stop "$1"', undo='systemctl start "$1"'),
        default="lab-web",
        means="unit",
    ),
    Fault(
        kind="service-broken",
        does="lab-web fails to start until /run/lab-web/lab-web.lock, left by a dead process, is removed",
        how=InHost(make=_STALE_LOCK, undo="rm -f /run/lab-web/lab-web.lock; systemctl restart lab-web"),
    ),
    Fault(
        kind="failed-unit",
        does="one unit has failed: systemctl is-system-running says degraded",
        how=InHost(
            make="""printf '[Service]\\nType=oneshot\\nExecStart=/bin/false\\n' >/etc/systemd/system/lab-bad.service
systemctl daemon-reload; systemctl start lab-bad || true""",
            undo="""rm -f /etc/systemd/system/lab-bad.service
systemctl daemon-reload; systemctl reset-failed lab-bad 2>/dev/null || true""",
        ),
    ),
    Fault(
        kind="disk-full",
        does="the disk is filled up to this",
        how=InHost(make=_FILL, undo="rm -f /var/tmp/filler"),
        default="100",
        means="per cent",
    ),
    Fault(
        kind="readonly",
        does="the root file system is read-only",
        how=InHost(
            make="journalctl --relinquish-var; mount -o remount,bind,ro /",
            undo="mount -o remount,bind,rw /; journalctl --flush",
        ),
    ),
    Fault(
        kind="clock-skew",
        does="programs started from now on see another time",
        how=InHost(
            make=f'echo "$1" >/etc/faketimerc; ls {_FAKETIME} >/etc/ld.so.preload; systemctl restart ssh cron',
            undo="rm -f /etc/ld.so.preload /etc/faketimerc; systemctl restart ssh cron",
        ),
        default="-2d",
        means="offset, as -2d or +1h",
    ),
    Fault(
        kind="load",
        does="processes that do nothing but compute",
        how=InHost(
            make="""for n in $(seq "$1"); do
  systemd-run --quiet --unit="lab-load-$n" sh -c 'while :; do :; done'
done""",
            undo="systemctl stop 'lab-load-*'",
        ),
        default="1",
        means="how many",
    ),
    Fault(
        kind="cert-expiring",
        does=f"{_CERTIFICATE} runs out soon",
        how=InHost(
            make=f"""cp -a {_CERTIFICATE} /root/lab-web.pem
openssl req -x509 -key /etc/ssl/private/lab-web.key -days "$1" -subj /CN=lab-web -out {_CERTIFICATE}""",
            undo=f"mv /root/lab-web.pem {_CERTIFICATE}",
        ),
        default="5",
        means="days",
    ),
)
