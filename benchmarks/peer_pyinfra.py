"""The peer pyinfra through its API, run by the peers' own Python: `peer_pyinfra.py SPEC` (JSON).

Each command is one `server.shell` operation on all hosts, as one would write a deploy. It prints how many answers came.
"""

import json
import sys
from pathlib import Path

from gevent import monkey

monkey.patch_all()

# ruff: noqa: E402  # gevent must have put itself below before anything else is loaded
# pyinfra is installed for the peers alone:
# mypy: disable-error-code="import-not-found,import-untyped"
from pyinfra.api import Config, Inventory, State
from pyinfra.api.connect import connect_all, disconnect_all
from pyinfra.api.operation import add_op
from pyinfra.api.operations import run_ops
from pyinfra.operations import server


def main(spec: Path) -> None:
    asked = json.loads(spec.read_text(encoding="utf-8"))
    login = {
        "ssh_user": "root",
        "ssh_port": asked["port"],
        "ssh_key": asked["key"],
        "ssh_known_hosts_file": asked["known_hosts"],
        "ssh_allow_agent": False,
        "ssh_look_for_keys": False,
    }
    state = State(Inventory((asked["hosts"], login)), Config(PARALLEL=asked["at_once"], CONNECT_TIMEOUT=60))
    connect_all(state)
    done = [add_op(state, server.shell, name=name, commands=[text]) for name, text in asked["commands"].items()]
    run_ops(state)
    answers = sum(result[host].did_succeed() for result in done for host in state.inventory.get_active_hosts())
    print(f"{len(asked['hosts'])} hosts, {answers} answers")
    disconnect_all(state)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
