"""The pages as a real browser shows them."""

import json
import re
import subprocess
from html import escape, unescape

import pytest

from tests.reports.test_pages import PAGES

pytestmark = pytest.mark.page

# The page itself is not touched: it lies in a frame of the wanted width, and the page around it measures.
AROUND = """<!doctype html><body><iframe width="{width}" height="900" srcdoc="{page}"></iframe><script>
addEventListener("load", () => {{
  const frame = document.querySelector("iframe"), inner = frame.contentDocument, view = frame.contentWindow;
  const wide = [...inner.querySelectorAll("main, main *")].filter(e => e.getBoundingClientRect().right > {width} + 1);
  document.body.replaceChildren(Object.assign(document.createElement("pre"), {{textContent: JSON.stringify({{
    title: inner.title,
    scrolls: inner.documentElement.scrollWidth,
    wide: wide.map(e => e.outerHTML.slice(0, 80)),
    loaded: view.performance.getEntriesByType("resource").map(e => e.name),
    foreign: inner.querySelectorAll("script, img, iframe, link").length,
    styled: view.getComputedStyle(inner.querySelector("main")).borderTopWidth,
    small: [...inner.querySelectorAll("p, td, li, b")].map(e => parseFloat(view.getComputedStyle(e).fontSize)),
    text: inner.body.innerText,
  }})}}));
}});
</script>"""


def look(page, width, folder):
    wrapper = folder / "around.html"
    wrapper.write_text(AROUND.format(width=width, page=escape(page)))
    done = subprocess.run(
        [
            "chromium",
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={folder / 'profile'}",
            "--window-size=1400,1000",
            "--dump-dom",
            wrapper.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said = re.search(r"<pre>(.*)</pre>", done.stdout, re.DOTALL)
    assert said, done.stderr
    return json.loads(unescape(said[1]))


@pytest.fixture(scope="module", params=PAGES, name="on_a_phone")
def _on_a_phone(request, tmp_path_factory):
    return look(PAGES[request.param](), 390, tmp_path_factory.mktemp("phone"))


def test_nothing_scrolls_sideways_on_a_phone(on_a_phone):
    assert on_a_phone["wide"] == []
    assert on_a_phone["scrolls"] <= 390


def test_nothing_is_loaded_and_nothing_runs(on_a_phone):
    assert on_a_phone["loaded"] == []
    assert on_a_phone["foreign"] == 0
    assert on_a_phone["title"] != "taken"


def test_the_style_passes_the_pages_own_policy(on_a_phone):
    assert on_a_phone["styled"] == "6px"


def test_the_text_can_be_read(on_a_phone):
    assert "Northwind IT" in on_a_phone["text"]
    assert min(on_a_phone["small"]) >= 11


def test_the_worst_fact_is_visible(tmp_path):
    assert "We do not know the present state of db1" in look(PAGES["month"](), 1280, tmp_path)["text"]
