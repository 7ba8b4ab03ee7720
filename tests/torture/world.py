"""A workspace with one runbook that leaves traces on its hosts, and what the hosts' traces say.

The host is the judge: every step says there that it began and ended, and holds a folder while it works. Who finds the
folder already there says `overlap`.
"""

import getpass
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msp_ops.domain.actor import Actor
from msp_ops.domain.client import Client
from msp_ops.domain.trigger import OnDemand
from msp_ops.journeys.parts import Parts
from msp_ops.journeys.run_runbook import Asked
from msp_ops.wiring import Settings
from tests.transports.sshd import Sshd

CLIENT = """\
name: Acme Dental
timezone: Europe/Berlin
currency: EUR
sites:
  - id: praxis
    name: Practice
    hosts:
{hosts}
credentials:
  default: {{user: {user}, key: "file:{key}"}}
contracts:
  - {{kind: break-fix, id: repairs, hourly_rate: 95, since: 2026-01-01, rounding: {{increment: 15m}}}}
"""
RUNBOOK = """\
title: Leave a trace
activity: break/fix
impact: changes
expected: 1m
parameters:
  mark: {kind: text, title: Which run it was}
  pause: {kind: text, title: Seconds that each step takes}
steps:
  - {script: first.sh, run_as: login}
  - {script: second.sh, run_as: login}
verify:
  - {script: verify.sh, run_as: login}
client_sentence: Left a trace.
"""
STEP = """\
#!/bin/sh
mkdir "$TRACES/at-work" || echo "$mark NAME overlap" >>"$TRACES/effects"
echo "$mark NAME begin" >>"$TRACES/effects"
sleep "$pause"
echo "$mark NAME end" >>"$TRACES/effects"
rmdir "$TRACES/at-work"
"""
VERIFY = '#!/bin/sh\ngrep -qxF "$mark second end" "$TRACES/effects"\n'
KIM = Actor(kind="person", name="kim", authenticated_by="a test")


@dataclass(frozen=True)
class Traces:
    """What one host says. `begun` and `ended`: by run and step, how often."""

    begun: Counter[tuple[str, str]]
    ended: Counter[tuple[str, str]]
    overlaps: int

    def changed(self, run_id: str) -> bool:
        return any(run == run_id for run, _ in self.begun)


def make_workspace(root: Path, hosts: Mapping[str, Sshd]) -> Path:
    """One key opens them all."""
    key = next(iter(hosts.values())).user_key
    for each in hosts.values():
        (each.folder / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
    (root / "clients").mkdir(parents=True)
    (root / "msp.yaml").write_text("name: Northwind IT\ncontact: desk@northwind.example\n")
    lines = [f"      - {{id: {name}, address: 127.0.0.1, port: {each.port}}}" for name, each in hosts.items()]
    text = CLIENT.format(hosts="\n".join(lines), user=getpass.getuser(), key=key)
    (root / "clients" / "acme.yaml").write_text(text)
    (root / "clients" / "acme.pins").write_text("".join(f"{name} {each.pin}\n" for name, each in hosts.items()))
    book = root / "runbooks" / "leave-trace"
    book.mkdir(parents=True)
    (book / "runbook.yaml").write_text(RUNBOOK)
    for name in ("first", "second"):
        (book / f"{name}.sh").write_text(STEP.replace("NAME", name))
    (book / "verify.sh").write_text(VERIFY)
    return root


def settings_of(root: Path) -> Settings:
    return Settings(workspace=root, store_url=f"sqlite:///{root}/.state/store.db", prefect_url="")


def asked(parts: Parts, run_id: str, pause: float = 0.05) -> Asked:
    """One run on every host of the client; each of its two steps takes `pause` seconds and a little."""
    client: Client = parts.workspace.client("acme")
    return Asked(
        client=client,
        runbook=parts.workspace.runbook("leave-trace"),
        hosts=tuple(client.hosts()),
        parameters={"mark": run_id, "pause": str(pause)},
        trigger=OnDemand(ticket="T-1", reason="a test"),
        actor=KIM,
    )


def read_traces(server: Sshd) -> Traces:
    file = server.folder / "traces" / "effects"
    lines = [tuple(line.split()) for line in file.read_text().splitlines()] if file.exists() else []
    return Traces(
        begun=Counter((run, step) for run, step, what in lines if what == "begin"),
        ended=Counter((run, step) for run, step, what in lines if what == "end"),
        overlaps=sum(what == "overlap" for *_, what in lines),
    )
