"""The practice packages: one for each thing that patching meets in the field."""

from msp_ops.lab.debs import Deb, Suite
from msp_ops.lab.layers import script

_NEEDS_REBOOT = """
echo '*** System restart required ***' >/run/reboot-required
echo "$DPKG_MAINTSCRIPT_PACKAGE" >>/run/reboot-required.pkgs
"""
_ON_UPGRADE = f'[ "$1" = configure ] && [ -n "$2" ] || exit 0\n{_NEEDS_REBOOT}'
_ON_A_RUNNING_HOST = f'[ "$1" = configure ] && [ -d /run/systemd/system ] || exit 0\n{_NEEDS_REBOOT}'
_FAIL = 'echo "lab-broken: cannot migrate its data" >&2\nexit 1\n'
_DAWDLE = "sleep ${LAB_SLOW:-12}\n"


def _restart(unit: str) -> str:
    return (
        f"systemctl enable {unit} >/dev/null 2>&1 || true\n[ -d /run/systemd/system ] || exit 0\n"
        f"systemctl daemon-reload\nsystemctl restart {unit}\n"
    )


def _service(name: str) -> dict[str, str]:
    """The program and unit of a practice service."""
    return {f"usr/bin/{name}": script(name), f"lib/systemd/system/{name}.service": script(f"{name}.service")}


def _update(
    name: str, old: str, new: str, suite: Suite = "main", files: dict[str, str] | None = None, **scripts: str
) -> list[Deb]:
    """Installed in its old version, pending in its new one."""
    first = Deb(name=name, version=old, installed=True, files=files or {}, scripts=scripts)
    return [first, Deb(name=name, version=new, suite=suite, files=files or {}, scripts=scripts)]


def _trap(name: str, **scripts: str) -> list[Deb]:
    """Not installed until a fault installs its old version; the new one has the trap."""
    return [Deb(name=name, version="1.0-1"), Deb(name=name, version="1.1-1", scripts=scripts)]


def _conffile(version: str) -> Deb:
    text = {"etc/lab-conf.ini": f"[main]\nlevel={version}\n"}
    return Deb(name="lab-conf", version=version, files=text, conffiles=("/etc/lab-conf.ini",))


def _kernel(version: str, image: str, suite: Suite, installed: bool) -> list[Deb]:
    """A kernel as Debian packs it: a meta package whose new version needs a new package."""
    boot = {f"boot/vmlinuz-{image}": "not a kernel\n"}
    return [
        Deb(
            name=f"linux-image-{image}",
            version=version,
            suite=suite,
            installed=installed,
            section="kernel",
            files=boot,
            scripts={"postinst": _ON_A_RUNNING_HOST},
        ),
        Deb(
            name="linux-image-lab",
            version=version,
            suite=suite,
            installed=installed,
            section="kernel",
            depends=f"linux-image-{image} (= {version})",
        ),
    ]


def practice_packages() -> list[Deb]:
    """Everything in the local archive."""
    return [
        *_update("lab-app", "1.0-1", "1.1-1"),
        *_update("lab-lib", "1.0-1", "1.0-1+deb12u1", "security"),
        *_update("lab-tls", "3.0.1-1", "3.0.1-1+deb12u2", "security", postinst=_ON_UPGRADE),
        *_update("lab-held", "1.0-1", "2.0-1"),
        *_update("lab-daemon", "1.0-1", "1.1-1", files=_service("lab-daemon"), postinst=_restart("lab-daemon")),
        Deb(
            name="lab-web",
            version="1.0-1",
            installed=True,
            files=_service("lab-web"),
            scripts={"postinst": _restart("lab-web")},
        ),
        *_trap("lab-broken", postinst=_FAIL),
        *_trap("lab-slow", preinst=_DAWDLE),
        _conffile("1.0-1"),
        _conffile("1.1-1"),
        *_kernel("6.1.10-1", "6.1.0-10-lab", "main", installed=True),
        *_kernel("6.1.11-1", "6.1.0-11-lab", "security", installed=False),
    ]
