"""Many hosts: msp-ops with everything that it does, and its peers, in turn."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.contest import AT_ONCE, Arena, Contestant
from benchmarks.fleet import Fleet
from benchmarks.measure import Cost, Goal, count, spread

Costs = dict[str, list[Cost]]
LONG = 200  # hosts: from here on Ansible's ten tasks take minutes


def time_fleet(folder: Path, fleet: Fleet, sizes: Sequence[int], rounds: int, *, whole: bool) -> list[Goal]:
    """One command and the audit on each number of hosts; without `whole` Ansible's ten tasks only up to 200 hosts."""
    audits: dict[int, Costs] = {}
    for hosts in sizes:
        arena = Arena(folder / f"fleet-{hosts}", fleet, hosts)
        time_work("connect and one command", arena, arena.one_command(), rounds)
        entrants = [each for each in arena.audit() if whole or hosts <= LONG or each.rounds > 1]
        audits[hosts] = time_work("audit-health, ten checks", arena, entrants, rounds)
    return _goals(audits)


def time_work(what: str, arena: Arena, entrants: Sequence[Contestant], rounds: int) -> Costs:
    """Each in turn, `rounds` times. SystemExit when an answer is missing."""
    costs: Costs = {entrant.name: [] for entrant in entrants}
    _warm_up(arena, entrants)
    for number in range(rounds):
        for entrant in entrants:
            if number < entrant.rounds:
                costs[entrant.name].append(compete(entrant, arena))
    _tell(f"{what}, {arena.hosts} hosts, {AT_ONCE} at once", arena.hosts, costs)
    return costs


def compete(entrant: Contestant, arena: Arena) -> Cost:
    """Its whole command; SystemExit when it failed, or when fewer answers came than were asked for."""
    output = arena.workspace / "said"
    cost = count(entrant.argv, output)
    came = entrant.answers(output.read_text(encoding="utf-8", errors="replace"))
    if came != entrant.expected:
        raise SystemExit(f"{entrant.name}: {came} of {entrant.expected} answers came; see {output}")
    return cost


def _warm_up(arena: Arena, entrants: Sequence[Contestant]) -> None:
    """Ours once, thrown away: it makes the store."""
    compete(entrants[0], arena)


def _tell(title: str, hosts: int, costs: Costs) -> None:
    print(f"\n{title}: median (lowest..highest)")
    print(f"{'':34}{'client CPU ms/host':>26}{'wall s':>24}{'peak MiB':>10}{'CPU, msp-ops = 1':>18}")
    ours = _cpu(costs["msp-ops"])
    for name, each in costs.items():
        cpu = spread([cost.cpu for cost in each]).shown(1000 / hosts, 1)
        wall = spread([cost.wall for cost in each]).shown(digits=1)
        peak = max(cost.peak_mib for cost in each)
        print(f"{name:34}{cpu:>26}{wall:>24}{peak:>10.0f}{_cpu(each) / ours:>18.2f}", flush=True)


def _cpu(costs: Sequence[Cost]) -> float:
    return spread([cost.cpu for cost in costs]).median


def _goals(audits: dict[int, Costs]) -> list[Goal]:
    """Against the largest number of hosts at which both ran."""
    most, least = max(audits), min(audits)
    ours = audits[most]["msp-ops"]
    mine = _cpu(ours) / most * 1000
    goals = [
        Goal(f"(b) audit of {most} hosts, client CPU", mine, 8, "ms/host"),
        Goal(f"(b) audit of {most} hosts, peak memory", max(cost.peak_mib for cost in ours), 120, "MiB"),
    ]
    if most > least:
        growth = mine / (_cpu(audits[least]["msp-ops"]) / least * 1000)
        goals.append(Goal(f"(b) CPU a host at {most} beside that at {least} hosts", growth, 1, "times"))
    return [
        *goals,
        *_beside(audits, "bare paramiko", 8 / 6.5, fewer=False),
        *_beside(audits, "Ansible, ten tasks", 60, fewer=True),
        *_beside(audits, "Ansible, same script", 14, fewer=True),
        *_beside(audits, "pyinfra, 10 operations", 2, fewer=True),
    ]


def _beside(audits: dict[int, Costs], peer: str, wanted: float, *, fewer: bool) -> list[Goal]:
    both = [hosts for hosts, costs in audits.items() if peer in costs]
    if not both:
        return []
    hosts = max(both)
    ours, theirs = _cpu(audits[hosts]["msp-ops"]), _cpu(audits[hosts][peer])
    if fewer:
        return [Goal(f"(b) {peer} / msp-ops, {hosts} hosts", theirs / ours, wanted, "times", at_least=True)]
    return [Goal(f"(b) msp-ops / {peer}, {hosts} hosts", ours / theirs, wanted, "times")]
