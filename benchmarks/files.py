"""How long a large workspace takes to read."""

import sys
from itertools import islice
from pathlib import Path

from benchmarks.fleet import PORT, Fleet
from benchmarks.measure import count, spread
from benchmarks.workspaces import Place, addresses, write_client, write_workspace

ROUNDS = 3


def time_loading(folder: Path, fleet: Fleet, clients: int, each: int) -> None:
    """Every file parsed, typed and judged, as each command does; the interpreter's start is included."""
    root = folder / "large"
    write_workspace(root, fleet.login_key)
    places = [Place(address, PORT) for address in addresses(clients * each)]
    for number, start in enumerate(range(0, len(places), each), start=1):
        write_client(root, f"client-{number}", list(islice(places, start, start + each)), fleet.pin)
    costs = [count([sys.executable, "-m", "benchmarks.load", str(root)], folder / "said") for _ in range(ROUNDS)]
    print(f"\nload_workspace, {ROUNDS} rounds: {(folder / 'said').read_text(encoding='utf-8').strip()}")
    print(f"CPU s  {spread([cost.cpu for cost in costs]).shown()}")
    print(f"wall s {spread([cost.wall for cost in costs]).shown()}")
    print(f"MiB    {spread([cost.peak_mib for cost in costs]).shown(digits=0)}")
