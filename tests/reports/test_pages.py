import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from msp_ops.reports.pages import render_month_summary, render_run_summary
from tests.reports.hostile import hostile_month, hostile_run
from tests.reports.novembers import acme_month, acme_run, borealis_month

PAGES = {
    "month": lambda: render_month_summary(acme_month()),
    "break/fix month": lambda: render_month_summary(borealis_month()),
    "empty month": lambda: render_month_summary(borealis_month(runs=[], work=())),
    "run": lambda: render_run_summary(acme_run()),
    "hostile month": lambda: render_month_summary(hostile_month()),
    "hostile run": lambda: render_run_summary(hostile_run()),
}


@pytest.fixture(params=PAGES, name="page")
def _page(request):
    return PAGES[request.param]()


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.seen = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_the_same_values_give_the_same_bytes():
    assert render_month_summary(acme_month()).encode() == render_month_summary(acme_month()).encode()
    assert render_run_summary(acme_run()).encode() == render_run_summary(acme_run()).encode()


def test_a_page_has_nothing_that_runs_or_loads(page):
    tags = Tags(page).seen
    assert not {tag for tag, _ in tags} & {
        "script",
        "img",
        "iframe",
        "object",
        "link",
        "form",
        "base",
        "audio",
        "video",
    }
    attributes = {name for _, attrs in tags for name in attrs}
    assert not {name for name in attributes if name.startswith("on")} | attributes & {"src", "href", "style", "srcset"}
    assert not re.search(r"url\(|@import|expression\(", page)


def test_a_policy_forbids_everything_but_the_pages_own_style(page):
    (policy,) = [attrs["content"] for _, attrs in Tags(page).seen if "http-equiv" in attrs]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'", policy
    )


def test_no_control_or_bidi_character_survives(page):
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page)
    page.encode()


def test_the_last_gate_holds_even_when_a_value_was_not_cleaned_before():
    month = acme_month()
    page = render_month_summary(replace(month, verdict="\u202e<b>\x1b[31m"))
    assert "<h1>\ufffd&lt;b&gt;\ufffd[31m</h1>" in page


def test_what_a_hostile_host_wrote_stands_there_as_text():
    page = PAGES["hostile month"]()
    assert "&lt;script&gt;document.title=&#39;taken&#39;" in page
    assert "\ufffd" in page


def test_every_picture_says_in_words_what_it_shows_or_is_hidden_from_readers(page):
    pictures = [attrs for tag, attrs in Tags(page).seen if tag == "svg"]
    assert pictures
    assert all(attrs.get("aria-hidden") == "true" or attrs.get("aria-label") for attrs in pictures)


def test_a_page_says_who_it_is_for_and_in_which_zone_its_times_are():
    page = PAGES["month"]()
    assert "<title>Acme Dental · Monthly summary · November 2026</title>" in page
    assert "Europe/Berlin" in page
    assert "Priya Finch" in page


def test_no_client_reads_an_exit_code_or_an_address():
    for name in ("month", "run"):
        assert not re.search(r"exit code|192\.0\.2|no route to host|Traceback", PAGES[name]())


def test_only_what_needs_the_client_is_asked():
    assert "We need from you" in PAGES["month"]()
    assert "We need from you" not in PAGES["empty month"]()
