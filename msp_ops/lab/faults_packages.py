"""Faults of patching: what apt and dpkg do to an evening."""

from msp_ops.lab.fault import Fault, InHost

_LOCK = """systemd-run --quiet --unit=lab-lock perl -MFcntl -e '
  open F, "+<", "/var/lib/dpkg/lock-frontend"; my $lock = pack("ssx4qqi", F_WRLCK, 0, 0, 0, 0);
  fcntl(F, F_SETLKW, $lock) or die; open M, ">", "/run/lab-lock"; close M; sleep shift' "$1"
for again in $(seq 200); do [ -e /run/lab-lock ] && exit 0; sleep 0.05; done
exit 1"""


def _installed(name: str) -> str:
    """Shell: the trap's old version is installed, so that its new one is pending."""
    return f"apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq {name}=1.0-1"


def _purged(name: str) -> str:
    return f"dpkg --purge --force-all {name}"


FAULTS = (
    Fault(
        kind="reboot-required",
        does="an update waits for a reboot (/run/reboot-required)",
        how=InHost(
            make="echo '*** System restart required ***' >/run/reboot-required",
            undo="rm -f /run/reboot-required /run/reboot-required.pkgs",
        ),
    ),
    Fault(
        kind="conffile",
        does="lab-conf is installed and its file edited: its update asks what to do with it",
        how=InHost(
            make=f"{_installed('lab-conf')} && echo local=1 >>/etc/lab-conf.ini",
            undo=f"{_purged('lab-conf')}; rm -f /etc/lab-conf.ini*",
        ),
    ),
    Fault(
        kind="broken-package",
        does="lab-broken is installed: its update fails half-way",
        how=InHost(make=_installed("lab-broken"), undo=_purged("lab-broken")),
    ),
    Fault(
        kind="slow-package",
        does="lab-slow is installed: its update takes twelve seconds (or LAB_SLOW of them)",
        how=InHost(make=_installed("lab-slow"), undo=_purged("lab-slow")),
    ),
    Fault(
        kind="half-configured",
        does="lab-app is unpacked and not configured, as after a power cut",
        how=InHost(
            make="""apt-get update -q && cd /tmp && apt-get download -q lab-app=1.1-1
dpkg --unpack lab-app_*.deb && rm lab-app_*.deb""",
            undo="dpkg --configure -a",
        ),
    ),
    Fault(
        kind="dpkg-lock",
        does="another process holds dpkg's lock",
        how=InHost(make=_LOCK, undo="systemctl stop lab-lock 2>/dev/null || true; rm -f /run/lab-lock"),
        default="60",
        means="seconds",
    ),
    Fault(
        kind="mirror-stale",
        does="the package archive serves metadata that has run out three weeks ago",
        how=InHost(
            make="sed -i 's,:8080 ,:8080/stale ,' /etc/apt/sources.list",
            undo="sed -i 's,:8080/stale ,:8080 ,' /etc/apt/sources.list",
        ),
    ),
)
