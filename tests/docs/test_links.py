"""A link between pages leads somewhere."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, without_blocks

LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
PATHS = re.compile(r"`((?:msp_ops|tests|flows|runbooks|inventory)/[A-Za-z0-9_./-]+)`")


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    titles = re.findall(r"^#+ (.+)$", without_blocks(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_links_to_what_is_there(page: Path) -> None:
    text = without_blocks(page.read_text(encoding="utf-8"))
    broken = []
    for words in LINK.findall(text):
        target, _, anchor = (words[0] or words[1]).partition("#")
        path = (page.parent / target).resolve() if target else page
        if target.startswith("https://"):
            continue
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(f"{target}#{anchor}")
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_files_that_are_there(page: Path) -> None:
    named = PATHS.findall(page.read_text(encoding="utf-8"))
    assert not [name for name in named if "NAME" not in name and not (ROOT / name).exists()]


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or (page.suffix != ".md" and not page.is_dir()):
            continue
        reached.add(page)
        if page.is_dir():
            waiting += page.glob("*.md")
            continue
        targets = [one or two for one, two in LINK.findall(page.read_text(encoding="utf-8"))]
        waiting += [path for each in targets if (path := (page.parent / each.partition("#")[0]).resolve()).exists()]
    assert not set(PAGES) - reached


def test_decisions_are_numbered_without_a_gap() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        assert page.read_text(encoding="utf-8").startswith(f"# {int(page.name[:4])}. ")
