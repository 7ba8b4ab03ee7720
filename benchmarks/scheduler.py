"""What the calendar costs for many clients: each minute the service asks what is missing, and mostly nothing is."""

import sys
from pathlib import Path

from benchmarks.fleet import PORT, Fleet
from benchmarks.measure import count, spread
from benchmarks.workspaces import Place, write_client, write_workspace

CLIENTS = 200


def time_scheduler(folder: Path, fleet: Fleet, rounds: int) -> None:
    """Each round begins with an empty store."""
    said = folder / "said"
    news, again, wholes = [], [], []
    told = ""
    for number in range(rounds):
        root = folder / f"calendar-{number}"
        write_workspace(root, fleet.login_key)
        for client in range(1, CLIENTS + 1):
            write_client(root, f"client-{client}", [Place("127.1.0.1", PORT)], fleet.pin)
        wholes.append(count([sys.executable, "-m", "benchmarks.plan_calendar", str(root)], said))
        first, second, told = said.read_text(encoding="utf-8").splitlines()
        news.append(float(first))
        again.append(float(second))
    print(f"\n(f) the calendar of {CLIENTS} clients with 5 schedules each, 14 days ahead, {rounds} rounds: {told}")
    print(f"CPU s, everything is new   {spread(news).shown()}")
    print(f"CPU s, nothing has changed {spread(again).shown()}")
    print(f"MiB                        {spread([cost.peak_mib for cost in wholes]).shown(digits=0)}", flush=True)
