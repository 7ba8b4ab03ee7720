"""The lab's network: a bridge in a controller namespace that has no way out, and one namespace a host."""

from pathlib import Path

from msp_ops.lab.commands import run
from msp_ops.lab.hosts import GATEWAY, NETWORK
from msp_ops.lab.state import State

NAMESPACES = Path("/run/netns")


def make_network(state: State) -> None:
    """Addresses answer in the controller namespace and nowhere else."""
    run("ip", "netns", "add", state.controller)
    bridge = [
        "link set lo up",
        "link add br0 type bridge",
        f"addr add {GATEWAY}/{NETWORK.prefixlen} dev br0",
        "link set br0 up",
    ]
    for host in state.hosts:
        run("ip", "netns", "add", state.network(host))
        bridge += [
            f"link add {host.port_name} type veth peer name eth0 netns {state.network(host)}",
            f"link set {host.port_name} master br0 up",
        ]
    _configure(state.controller, bridge)
    for host in state.hosts:
        address = f"addr add {host.address}/{NETWORK.prefixlen} dev eth0"
        _configure(state.network(host), ["link set lo up", address, "link set eth0 up"])


def remove_network(state: State) -> None:
    """Only the namespaces of this state, and only those that are there."""
    for name in (*map(state.network, state.hosts), state.controller):
        if (NAMESPACES / name).exists():
            run("ip", "netns", "del", name)


def _configure(namespace: str, commands: list[str]) -> None:
    run("ip", "-n", namespace, "-batch", "-", text="\n".join(commands) + "\n")
