"""Every PowerShell script of the library parses and keeps the rules; and the rules find what breaks them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from msp_ops.domain.step import POWERSHELL, ScriptStep, WaitStep
from msp_ops.files.runbook_file import load_runbook
from tests.powershell import complaints

LIBRARY = Path(__file__).parents[2] / "runbooks"


def scripts() -> Iterator[tuple[str, str, bool]]:
    """Name, text, and whether it may change something."""
    for folder in sorted(LIBRARY.iterdir()):
        for path in sorted(folder.glob(f"*{POWERSHELL}")):
            yield f"{folder.name}/{path.name}", path.read_text(encoding="utf-8"), _changes(folder, path.name)


def _changes(folder: Path, name: str) -> bool:
    book = load_runbook(folder)
    steps = [step for step in book.all_steps() if isinstance(step, ScriptStep | WaitStep) and step.file == name]
    return any(isinstance(step, ScriptStep) and step.changes for step in steps)


@pytest.mark.parametrize(("name", "text", "changes"), [*scripts()] or [("none yet", "exit 0\n", False)])
def test_a_script_of_the_library_keeps_the_rules(name, text, changes):
    assert list(complaints(text, changes=changes)) == []


GOOD = """$spooler = Get-Service -Name $service
try {
    $spooler.Refresh()
} catch [InvalidOperationException] {
    "msp: why $($_.Exception.Message)"
    exit 75
}
# a ?? b && c in a comment, and 'a && b' in a string, are nothing
"a ?. b"
foreach ($each in 1, 2) { Start-Sleep -Milliseconds 100 }
exit 0
"""


def test_what_is_good_is_not_complained_of():
    assert list(complaints(GOOD, changes=False)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("}", "", 1), "does not parse"),
        ("$a = $b ?? 1\n", "newer than 5.1"),
        ("Get-Date && Get-Date\n", "newer than 5.1"),
        ("1..3 | ForEach-Object -Parallel { $_ }\n", "newer than 5.1"),
        ("try { Get-Date }\nGet-Date\n", "without catch"),
        ("param([string]$Service)\nGet-Service $Service\n", "no param block"),
        ("Invoke-Expression $service\n", "makes text of a value a program"),
        ("iex $service\n", "makes text of a value a program"),
        ("Restart-Service -Name $service\n", "only looks, and calls Restart-Service"),
        ("Get-Item x | remove-item\n", "only looks, and calls remove-item"),
    ],
)
def test_what_is_bad_is_named(text, said):
    assert any(said in each for each in complaints(text, changes=False))


def test_who_changes_may_call_what_changes():
    assert list(complaints("Restart-Service -Name $service\n", changes=True)) == []
