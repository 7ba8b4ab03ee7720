"""`python -m benchmarks.load_inventory FOLDER`: the files of a workspace, read once."""

import sys
from pathlib import Path

from msp_ops.wiring import load_files, read_settings

if __name__ == "__main__":
    workspace = load_files(read_settings(Path(sys.argv[1])))
    workspace.check()
    hosts = sum(1 for client in workspace.clients.values() for _ in client.hosts())
    print(f"{len(workspace.clients)} clients, {hosts} hosts")
