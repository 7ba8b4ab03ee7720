"""What a technician types, against real servers: the whole product, and nobody who could be logged in to."""

import json
import subprocess
import sys

import pytest

from tests.outside.authority import Authority
from tests.outside.servers import free_port, pages, served, with_tls

pytestmark = pytest.mark.wire
CLIENT = """\
name: Acme Dental
timezone: Europe/Berlin
currency: EUR
ca_file: keys/acme-ca.pem
sites:
  - id: praxis
    name: Practice
    hosts:
      - id: web1
        address: 127.0.0.1
        endpoints:
          - {url: "https://shop.acme.example:%(safe)s/health", at: 127.0.0.1, text: all is well}
          - {url: "tcp://:%(closed)s"}
credentials:
  default: {user: ops, key: file:keys/none, passphrase: env:NOT_SET}
contracts:
  - {kind: break-fix, id: repairs, hourly_rate: 95, since: 2026-01-01}
policy: {ticket_required: no}
dates:
  - {what: acme.example, kind: domain, host: web1, ends: 2020-12-01}
"""


def typed(folder, *words):
    command = [sys.executable, "-m", "msp_ops", "-w", str(folder), *words]
    done = subprocess.run(command, text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_host_is_looked_at_from_outside_and_its_findings_are_kept(tmp_path):
    folder = tmp_path / "work"
    typed(tmp_path, "init", str(folder), "--name", "Northwind", "--contact", "desk@northwind.example")
    (folder / "keys").mkdir(exist_ok=True)
    authority = Authority(folder / "keys")
    answers = pages({"/health": ("200 OK", {}, b"all is well")})
    closed = free_port()
    with served(with_tls(authority.issue("server.pem", "shop.acme.example"), answers)) as safe:
        (folder / "clients" / "acme.yaml").write_text(CLIENT % {"safe": safe, "closed": closed})
        typed(folder, "validate")
        typed(folder, "run", "health-outside", "acme/web1", "--yes")
        typed(folder, "run", "expiry-dates", "acme/web1", "--yes")
    found = json.loads(typed(folder, "findings", "list", "--json"))
    assert [(each["finding"]["check"], each["finding"]["severity"], each["finding"]["subject"]) for each in found] == [
        ("tcp", "critical", f"tcp://:{closed}"),
        ("dates", "critical", "acme.example"),
    ]
