"""audit-health on many hosts: msp-ops with everything, and bare paramiko with the same script, in turn."""

import sys
from pathlib import Path

from benchmarks.fleet import PORT, Fleet
from benchmarks.measure import Cost, count, spread
from benchmarks.workspaces import Place, addresses, write_client, write_workspace
from msp_ops.checks.table import CHECKS
from msp_ops.domain.runbook import CheckStep
from msp_ops.engine.batch import compose
from msp_ops.wiring import load_files, read_settings

AT_ONCE = "20"


def prepare(folder: Path, fleet: Fleet, hosts: int) -> Path:
    """A workspace with one client `fleet`, and for the peer the same hosts and the same checks as one script."""
    root = folder / "workspace"
    write_workspace(root, fleet.login_key)
    write_client(root, "fleet", [Place(address, PORT) for address in addresses(hosts)], fleet.pin)
    known = "".join(f"[{address}]:{PORT} {fleet.pin}\n" for address in addresses(hosts))
    (folder / "known_hosts").write_text(known, encoding="utf-8")
    steps = load_files(read_settings(root)).runbook("audit-health").steps
    checks = [step for step in steps if isinstance(step, CheckStep)]
    (folder / "script").write_bytes(compose(checks, CHECKS, {}).script)
    (folder / "checks").write_text(str(len(checks)), encoding="utf-8")
    (folder / "known_host").write_text(known.splitlines()[0] + "\n", encoding="utf-8")
    return root


def audit(folder: Path, fleet: Fleet, target: str) -> Cost:
    """Whole command, output to a file. Exit code 0 means that every check on every host was made and recorded."""
    words = ["run", "audit-health", target, "--at-once", AT_ONCE]
    argv = [sys.executable, "-m", "msp_ops", "-w", str(folder / "workspace"), *words]
    return count(fleet.inside(argv), folder / "said")


def bare(folder: Path, fleet: Fleet, known_hosts: str = "known_hosts") -> Cost:
    """The peer's whole process. Raises AssertionError when an answer is missing."""
    words = [*map(str, (fleet.login_key, folder / known_hosts, folder / "script")), AT_ONCE]
    cost = count(fleet.inside([sys.executable, "-m", "benchmarks.bare_paramiko", *words]), folder / "said")
    said = (folder / "said").read_text(encoding="utf-8").strip()
    hosts = len((folder / known_hosts).read_text(encoding="utf-8").splitlines())
    expected = hosts * int((folder / "checks").read_text(encoding="utf-8"))
    assert said.endswith(f" {expected} answers"), f"{expected} answers were expected; the peer said: {said}"
    return cost


def compare(folder: Path, fleet: Fleet, hosts: int, pairs: int) -> None:
    """Ours, theirs, ours, theirs …; the first run of each is thrown away, it fills caches and makes the store."""
    ours, theirs = [], []
    our_one, their_one = [], []
    for _ in range(pairs + 1):
        ours.append(audit(folder, fleet, "fleet/all"))
        theirs.append(bare(folder, fleet))
        our_one.append(audit(folder, fleet, "fleet/h001"))
        their_one.append(bare(folder, fleet, "known_host"))
    print(f"\naudit-health, {hosts} hosts, {AT_ONCE} at once, {pairs} pairs in turn: median (lowest..highest)")
    print(f"{'':16}{'client CPU ms/host':>26}{'wall s':>24}{'peak MiB':>18}")
    for name, costs in (("msp-ops", ours[1:]), ("bare paramiko", theirs[1:])):
        cpu = spread([cost.cpu for cost in costs]).shown(1000 / hosts, 1)
        wall = spread([cost.wall for cost in costs]).shown(digits=1)
        peak = spread([cost.peak_mib for cost in costs]).shown(digits=0)
        print(f"{name:16}{cpu:>26}{wall:>24}{peak:>18}")
    ratios = spread([our.cpu / their.cpu for our, their in zip(ours[1:], theirs[1:], strict=True)])
    mine, peer = further(ours, our_one, hosts), further(theirs, their_one, hosts)
    print(f"each further host, start-up left out: {mine:.1f} and {peer:.1f} ms, ratio {mine / peer:.2f}")
    print(f"CPU, msp-ops / bare paramiko, pair by pair: {ratios.shown()}")


def further(many: list[Cost], one: list[Cost], hosts: int) -> float:
    """What one more host costs, in ms of CPU, when the start of the program is paid: medians without the first run."""
    whole, single = (spread([cost.cpu for cost in costs[1:]]).median for costs in (many, one))
    return (whole - single) / (hosts - 1) * 1000
