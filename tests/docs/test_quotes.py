"""What the pages quote of the code and of its files is what stands there."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from msp_ops.cli import exit_codes
from msp_ops.domain.actor import Actor
from msp_ops.domain.errors import FileError, LinkLost, MspOpsError, NotPermitted, NotReached, PlanError, StoreError
from msp_ops.domain.outcome import Outcome
from msp_ops.domain.plan import Plan
from msp_ops.domain.run import HostState, Run
from msp_ops.domain.trigger import OnDemand
from msp_ops.files.client_file import load_client
from tests.docs.pages import BLOCK, PAGES, ROOT, blocks, rows, text_of

README = text_of("README.md")
OK = Outcome.SKIPPED  # the best: the other host decides
QUOTED = [(file, body) for file, body in BLOCK.findall(README) if file.startswith("yaml ")]


def section(text: str, title: str) -> str:
    return text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize(("file", "body"), QUOTED, ids=[file for file, _ in QUOTED])
def test_a_quoted_file_says_what_the_file_says(file: str, body: str) -> None:
    source = text_of(file.removeprefix("yaml "))
    at = 0
    for part in filter(None, body.split("# …\n")):
        found = source.find(part, at)
        assert found >= 0, f"not, or not in this order, in the file: {part}"
        at = found + len(part)


def test_the_readme_quotes_a_whole_runbook_and_a_client() -> None:
    runbook, client = (body for _, body in QUOTED)
    assert text_of("runbooks/fix-service/runbook.yaml").endswith(runbook.removeprefix("# …\n"))
    assert all(f"\n{part}:" in client for part in ("sites", "contracts", "windows", "schedules"))


def run_that_ended(outcome: Outcome) -> Run:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    hosts = [HostState(host_id=str(at), outcome=each, reason="", result=None) for at, each in enumerate((OK, outcome))]
    plan = Plan(
        client_id="acme",
        runbook_id="fix-service",
        runbook_digest="",
        activity="break/fix",
        impact="changes",
        parameters={},
        hosts=(),
        at_once=1,
    )
    return Run(
        id="r1",
        plan=plan,
        trigger=OnDemand(ticket=None, reason=""),
        actor=Actor(kind="person", name="kim", authenticated_by="a test"),
        opened_at=now,
        ended_at=now,
        hosts=tuple(hosts),
    )


def exit_rows() -> dict[int, tuple[str, str]]:
    return {int(code): (run, command) for code, run, command in rows(section(README, "Exit codes")) if code.isdigit()}


@pytest.mark.parametrize("outcome", Outcome)
def test_the_exit_code_of_a_run_stands_in_the_table(outcome: Outcome) -> None:
    told = {word.strip(): code for code, (run, _) in exit_rows().items() for word in run.split(",")}
    assert told[outcome.word] == exit_codes.of_run(run_that_ended(outcome))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreError("x"), "the store"),
        (MspOpsError("x"), "is in the way"),
        (PlanError("x"), "makes no sense"),
        (FileError("x"), "a file has mistakes"),
        (NotPermitted("x"), "not permitted now"),
        (NotReached("x"), "no connection"),
        (LinkLost("x"), "the link was lost"),
    ],
)
def test_the_exit_code_of_an_error_stands_in_the_table(error: MspOpsError, words: str) -> None:
    assert words in exit_rows()[exit_codes.of_error(error)][1]


def test_the_table_has_every_exit_code() -> None:
    numbers = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
    assert set(exit_rows()) == numbers


def test_the_rooms_of_the_readme_are_those_of_the_house() -> None:
    told = [name for name, *_ in rows(section(README, "How it is built").partition("| room |")[2])]
    assert set(told) == {
        path.name.removesuffix(".py")
        for path in (ROOT / "msp_ops").iterdir()
        if (path.is_dir() or path.name == "wiring.py") and path.name != "__pycache__"
    }


def test_the_layers_of_the_guide_are_those_that_are_enforced() -> None:
    rules = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(rule["layers"] for rule in rules if rule["type"] == "layers")
    assert blocks(text_of("docs/architecture.md"), "text")[0].split("\n")[:-1] == layers[1:]


def test_the_packages_of_the_readme_are_those_that_are_installed() -> None:
    program = text_of(".ci/debian")
    hosts = re.search(r"^hosts=\((.*)\)$", program, re.MULTILINE)
    tests = re.search(r"needed=\(\S+ (openssh-server.*?)\)", program)
    assert hosts
    assert tests
    told = re.search(r"that are missing of (.*?)\(", README, re.DOTALL)
    assert told
    assert re.findall(r"`([a-z0-9-]+)`", told[1]) == [*hosts[1].split(), *tests[1].split()]


def test_the_outcomes_of_the_glossary_are_those_of_the_code_in_their_order() -> None:
    told = [(word, good) for word, _, good in rows(section(text_of("docs/glossary.md"), "How it ends"))[1:]]
    assert told == [(each.word, "yes" if each.is_good else "no") for each in Outcome]


def test_every_variable_of_the_environment_is_told() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "msp_ops").rglob("*.py"))
    told = text_of("docs/commands.md")
    assert not {name for name in re.findall(r"\bMSP_OPS_[A-Z_]+", code) if f"`{name}`" not in told}


def test_the_client_of_the_first_day_is_sound(tmp_path: Path) -> None:
    (yaml,) = blocks(text_of("docs/ops-engineer.md"), "yaml")
    (tmp_path / "acme.yaml").write_text(yaml, encoding="utf-8")
    assert [host.id for host in load_client(tmp_path / "acme.yaml").hosts()] == ["web1", "db1"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_knows_no_machine_but_the_readers_own(page: Path) -> None:
    assert not re.findall(r"(?:/work|/home)/\S+|/root/\.cache\S*|/tmp/lab-\S+", page.read_text(encoding="utf-8"))
