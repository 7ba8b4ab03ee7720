"""What the pages promise of a run, on a real host."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from msp_ops.lab.lab import Lab
from tests.docs.pages import blocks, session, text_of

pytestmark = pytest.mark.lab
Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]
Fresh = Callable[..., None]
DIFFERS = (  # what is another each time, and a word for it
    (r"\d{8}-[a-z0-9]{5}\b", "RUN"),
    (r"\b[0-9a-f]{16}\b", "DIGEST"),
    (r"process \d+", "process PID"),
    (r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ [A-Z][a-z]{2} \d{4} \d\d:\d\d\b", "MOMENT"),
    (r"\b\d+(\.\d)? s\b", "N s"),
    (r"(^  app1 \| .*\n)+", "  app1 | …\n"),
)
NO_QUESTION = {("hosts", "trust"), ("run", "fix-service")}
NOT_HERE = {("lab", "fault"), ("up",)}  # done by the test itself; tried in tests/prefect_room


def shape(said: str) -> str:
    for pattern, word in DIFFERS:
        said = re.sub(pattern, word, said, flags=re.MULTILINE)
    return said


@pytest.fixture
def broken(fresh: Fresh, lab: Lab) -> None:
    fresh("borealis-app1")
    lab.fault("borealis-app1", "service-broken")


@pytest.fixture
def carry_out(command: Command) -> Command:
    """A line of a page, typed by somebody who says yes; it must succeed."""

    def run(line: str, *before: str) -> Done:
        words = shlex.split(line)[1:]
        if tuple(words[:2]) in NO_QUESTION and "--check" not in words:
            words.append("--yes")
        if "7k3xq" in words:
            last = json.loads(command("runs", "list", "--json", "--limit", "1").stdout)[0]["id"]
            words[words.index("7k3xq")] = last.rpartition("-")[2]
        done = command(*before, *words)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done

    return run


def typed_here(page: str) -> list[str]:
    lines = [line for line in session(text_of(page)) if line.startswith("msp-ops ")]
    return [line for line in lines if not any(tuple(shlex.split(line)[1:][: len(each)]) == each for each in NOT_HERE)]


def test_the_run_of_the_readme_looks_like_that(broken: None, command: Command) -> None:
    block = next(each for each in blocks(text_of("README.md"), "console") if "$ msp-ops run " in each)
    line, printed = block.split("\n", 1)
    words = shlex.split(line)[2:]
    done = command(*words, capture_output=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0
    assert shape(done.stdout) == shape(printed)


def test_the_first_day_of_a_technician(broken: None, carry_out: Command) -> None:
    said = {line: carry_out(line).stdout for line in typed_here("docs/technician.md")}
    assert "fix-service" in said['msp-ops runbooks list "website down"']
    assert "      | " in said["msp-ops runs show 7k3xq --output"]
    assert "T-1001" in said["msp-ops work list borealis"]
    assert "T-1001" in said["msp-ops runs list borealis"]


def test_the_first_day_of_an_ops_engineer(fresh: Fresh, lab: Lab, carry_out: Command, tmp_path: Path) -> None:
    fresh("acme-web1", "acme-db1")
    workspace = tmp_path / "northwind"
    page = "docs/ops-engineer.md"
    (client,) = blocks(text_of(page), "yaml")
    init, add, *others = typed_here(page)
    carry_out(init.replace(" northwind ", f" {workspace} "))
    carry_out(add, "-w", str(workspace))
    (workspace / "clients" / "acme.yaml").write_text(client, encoding="utf-8")
    (workspace / "keys").mkdir()
    shutil.copy(lab.folder.login_key, workspace / "keys" / "ops_ed25519")
    said = {line: carry_out(line, "-w", str(workspace)) for line in others}
    assert "1 clients, 2 hosts" in said["msp-ops validate"].stderr
    assert said["msp-ops hosts trust acme/all"].stderr.count("Pinned.") == 2
    assert "Nothing was done." in said["msp-ops run patch-linux acme/web1 --check"].stderr
    assert "Left out" in said['msp-ops schedules skip acme audit --why "trade fair"'].stderr
    assert "audit-health" in said["msp-ops runs list acme"].stdout
