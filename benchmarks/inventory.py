"""How long a large workspace takes to read."""

import sys
from itertools import islice
from pathlib import Path

from benchmarks.fleet import PORT, Fleet
from benchmarks.measure import count, spread
from benchmarks.workspaces import Place, addresses, write_client, write_workspace

CLIENTS = 1000
EACH = 10


def time_inventory(folder: Path, fleet: Fleet, rounds: int) -> None:
    """Every file parsed, typed and judged, as each command does; the interpreter's start is included."""
    root = folder / "large"
    write_workspace(root, fleet.login_key)
    places = [Place(address, PORT) for address in addresses(CLIENTS * EACH)]
    for number, start in enumerate(range(0, len(places), EACH), start=1):
        write_client(root, f"client-{number}", list(islice(places, start, start + EACH)), fleet.pin)
    argv = [sys.executable, "-m", "benchmarks.load_inventory", str(root)]
    costs = [count(argv, folder / "said") for _ in range(rounds)]
    print(f"\n(g) every file read and judged: {(folder / 'said').read_text(encoding='utf-8').strip()}, {rounds} rounds")
    print(f"CPU s  {spread([cost.cpu for cost in costs]).shown()}")
    print(f"wall s {spread([cost.wall for cost in costs]).shown()}")
    print(f"MiB    {spread([cost.peak_mib for cost in costs]).shown(digits=0)}")
