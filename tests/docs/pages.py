"""What the pages of the repository show: blocks, commands, links."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(msp-ops\b[^`]*)`")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, kind: str = "") -> list[str]:
    """The bodies of the fenced blocks whose first line says `kind`; without it, of all."""
    return [body for said, body in BLOCK.findall(text) if not kind or said == kind]


def rows(text: str) -> list[list[str]]:
    """The cells of its tables, without heads, lines and the marks of code."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip().strip("`") for cell in line.strip().strip("|").split("|")] for line in lines]
    return [row for row in cells if set(row[0]) != {"-"}]


def without_blocks(text: str) -> str:
    return BLOCK.sub("", text)


@dataclass(frozen=True)
class Shown:
    """A command as a page shows it; `whole`: it can be typed as it stands."""

    page: str
    words: tuple[str, ...]
    whole: bool


def session(text: str) -> list[str]:
    """What a person types in the `console` blocks, in order."""
    lines = [line for block in blocks(text, "console") for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def shown_commands(page: Path) -> list[Shown]:
    text = page.read_text(encoding="utf-8")
    typed = [line.removeprefix("$ ") for block in blocks(text) for line in block.splitlines()]
    typed = [line for line in typed if line.startswith("msp-ops ")]
    mentioned = [" ".join(said.split()) for said in INLINE.findall(without_blocks(text))]
    name = str(page.relative_to(ROOT))
    return [
        *(Shown(name, tuple(shlex.split(line, comments=True)[1:]), whole=True) for line in typed),
        *(
            Shown(name, tuple(shlex.split(said.replace("[", "").replace("]", ""))[1:]), whole=False)
            for said in mentioned
        ),
    ]
