"""Does the host wait for a reboot? Five witnesses, because each alone is silent on some hosts.

The file /run/reboot-required exists only where a package's hook writes it (SUSE: reboot-needed); needrestart answers 0
when it does not know; a kernel rebuilt under the same name shows only in its package's version. dnf's needs-restarting
is an addition that may be missing, and its exit code 1 is that of any error as well: only its words count.
"""

import re
from collections.abc import Sequence

from msp_ops.checks.answer import measured, only, parts, short
from msp_ops.checks.base import Check, Seen, UnreadableError
from msp_ops.checks.manager import MANAGER
from msp_ops.domain.finding import Finding, Reading

COMMAND = rf"""
LC_ALL=C; export LC_ALL
{MANAGER}
echo "== required"
for file in /run/reboot-required /var/run/reboot-required /run/reboot-needed /var/run/reboot-needed; do
  if [ -e "$file" ]; then echo "$file"; cat "$file.pkgs" 2>/dev/null; break; fi
done
echo "== running"; running=$(uname -r); echo "$running"
echo "== build"; uname -v
echo "== package"; dpkg-query -W -f='${{Version}}\n' "linux-image-$running" 2>/dev/null || true
echo "== installed"
for kernel in /boot/vmlinuz-*; do if [ -e "$kernel" ]; then echo "${{kernel#/boot/vmlinuz-}}"; fi; done
echo "== container"; systemd-detect-virt --container 2>/dev/null || true
echo "== needrestart"; if command -v needrestart >/dev/null; then needrestart -b -k 2>/dev/null </dev/null || true; fi
echo "== hint"
case $manager in
  dnf) dnf -q -C needs-restarting -r 2>&1 </dev/null || true ;;
  zypper) zypper --non-interactive needs-rebooting 2>&1 </dev/null || true ;;
esac
echo "== end"
"""
NEEDRESTART_KNOWS = {"1", "2", "3"}


def read(seen: Seen) -> Reading:
    answer = parts(seen, "required", "running", "build", "package", "installed", "container", "needrestart")
    running = only(answer["running"], "uname -r")
    newest = _newest(running, answer["installed"])
    verdict = _needrestart(answer["needrestart"])
    hint = _hint(answer.get("hint", ()))
    is_container = answer["container"] not in ([], ["none"])
    if newest is None and not verdict and hint is None and not is_container and not answer["required"]:
        raise UnreadableError("no kernel like the running one in /boot, and no needrestart that knows: cannot be told")
    reasons = [
        *_required(answer["required"]),
        *([f"kernel {newest} is installed, {running} is running"] if newest not in {None, running} else []),
        *_rebuilt(answer["build"], answer["package"]),
        *(["needrestart sees a newer kernel"] if verdict in {"2", "3"} else []),
        *(hint or []),
    ]
    return Reading(
        findings=_finding(reasons), measurements=(measured(seen, "reboot_pending", bool(reasons), "yes/no"),)
    )


def _required(lines: list[str]) -> list[str]:
    if not lines:
        return []
    packages = sorted(set(lines[1:]))
    return [f"{short(', '.join(packages))} asked for it" if packages else f"{lines[0]} is there"]


def _newest(running: str, installed: list[str]) -> str | None:
    """The newest installed kernel of the running one's flavour (-amd64, -cloud-amd64, …), None when there is none."""
    alike = [name for name in installed if _flavour(name) == _flavour(running)]
    return max(alike, key=_natural, default=None)


def _flavour(release: str) -> str:
    """`6.1.0-10-cloud-amd64` is a `-cloud-amd64`; Red Hat's names have none."""
    found = re.search(r"-[a-z].*", release)
    return found[0] if found else ""


def _natural(release: str) -> list[tuple[int, str, str]]:
    """To sort by: of two figures without leading zeros the longer one is larger."""
    return [(len(figure), figure, word) for figure, word in re.findall(r"0*([0-9]+)|([^0-9]+)", release)]


def _rebuilt(build: list[str], package: list[str]) -> list[str]:
    """Debian writes its package's version into the kernel: `#1 SMP Debian 6.1.140-1 (2025-05-22)`."""
    stamped = re.search(r" Debian (\S+) ", " ".join(build))
    if not stamped or len(package) != 1 or stamped[1] == package[0]:
        return []
    return [f"the running kernel is build {stamped[1]}, installed is build {short(package[0])}"]


def _needrestart(lines: list[str]) -> str | None:
    """1 none, 2 rebuilt, 3 newer; 0 means that it does not know, and so does silence."""
    said = {line.removeprefix("NEEDRESTART-KSTA:").strip() for line in lines if line.startswith("NEEDRESTART-KSTA:")}
    return next(iter(said & NEEDRESTART_KNOWS), None)


def _hint(lines: Sequence[str]) -> list[str] | None:
    """What `dnf needs-restarting -r` and `zypper needs-rebooting` say; None when they do not know."""
    text = "\n".join(lines)
    if "Reboot is required" in text or "Reboot is suggested" in text:
        names = [line.strip().removeprefix("* ") for line in lines if line.strip().startswith("* ")]
        return [f"{short(', '.join(names)) or 'core libraries or services'} changed since the start"]
    return [] if re.search(r"Reboot (?:should not be|is probably not) necessary", text) else None


def _finding(reasons: list[str]) -> tuple[Finding, ...]:
    if not reasons:
        return ()
    message = "a reboot is pending: " + "; ".join(reasons)
    return (Finding(check="pending-reboot", subject="reboot", severity="warning", message=message),)


CHECK = Check(name="pending-reboot", title="Reboot pending", command=COMMAND, read=read)
