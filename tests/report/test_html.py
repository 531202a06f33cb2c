"""A page needs nothing but itself, and nothing that stands in the graph gets out of its place in it."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from graphsms.errors import InputError
from graphsms.report.document import Column, Line, Listing, Row, Section
from graphsms.report.html import MOST_ROWS, data_of, to_html
from graphsms.report.marks import MARKS
from report.documents import FOREIGN, HOSTILE, document, listing

_VOID = {"meta", "input", "rect", "path", "line", "br"}


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.words += data

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_a_page_refers_to_nothing_outside_itself() -> None:
    page = Page(to_html(document(name=HOSTILE)))
    for tag, attributes in page.elements:
        assert tag not in {"link", "iframe", "object", "embed", "img", "base", "video", "audio", "foreignobject"}
        assert not any(key.startswith("on") or key in {"src", "action", "style", "srcset"} for key in attributes)
        assert attributes.get("href", "#").startswith("#")
    assert page.open == []


def test_the_policy_of_a_page_forbids_all_but_its_own_style() -> None:
    text = to_html(document())
    (policy,) = [one["content"] for one in Page(text).of("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_the_only_script_is_data_that_no_browser_runs() -> None:
    (script,) = Page(to_html(document())).of("script")
    assert script == {"type": "application/json", "id": "pack"}


@pytest.mark.parametrize("name", [HOSTILE, '"><b>', "</title></style></script>", "<!--", "{{ 7 * 7 }}", "]]>"])
def test_names_stand_as_they_are_wherever_they_stand(name: str) -> None:
    text = to_html(document(name=name, title=name))
    page = Page(text)
    assert page.of("b") == []
    assert len(page.of("script")) == len(page.of("style")) == len(page.of("title")) - len(page.of("g")) == 1
    assert name in page.words
    assert data_of(text)["name"] == name


def test_the_data_come_back_as_they_went_in() -> None:
    assert data_of(to_html(document(name=FOREIGN))) == {"hash": "abc", "inputs": {"revision": 1}, "name": FOREIGN}


@pytest.mark.parametrize("text", ["", "<html></html>", '<script type="application/json" id="pack">{</script>'])
def test_a_page_without_data_says_so(text: str) -> None:
    with pytest.raises(InputError, match="data"):
        data_of(text)


def test_of_too_many_data_the_short_ones_stand_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphsms.report.html.MOST_DATA", 10)
    monkeypatch.setattr("graphsms.report.html.SHORT_DATA", 20)
    text = to_html(document(name="x" * 30))
    assert data_of(text) == {"hash": "abc", "inputs": {"revision": 1}}
    assert "its JSON form has all of them" in text


def test_a_row_opens_to_its_reasons() -> None:
    text = to_html(document())
    assert len(Page(text).of("details")) == 3
    assert "db-1 is down to begin with" in text


def test_ids_stand_once_on_a_page() -> None:
    text = to_html(document(listing(), listing(title="Once more")))
    ids = [attributes["id"] for _, attributes in Page(text).elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"][1:] for attributes in Page(text).of("a")}
    assert links <= set(ids)


def test_a_hundred_thousand_rows_are_folded_and_it_is_said() -> None:
    text = to_html(document(listing(100_000)))
    assert len(Page(text).of("details")) == MOST_ROWS
    assert "The first 500 of 100,000. All of them stand in the XLSX and JSON forms of this." in text


def test_states_bear_word_shape_and_colour() -> None:
    text = to_html(document())
    assert "■ down" in text
    assert f"--down:light-dark({MARKS['down'].light},{MARKS['down'].dark})" in text


def test_the_same_makes_the_same() -> None:
    assert to_html(document(name=FOREIGN)) == to_html(document(name=FOREIGN))


def test_what_stands_in_a_thick_frame_on_the_map_is_told_with_what_is_down_already() -> None:
    told = "What is touched, or is down or changing already, stands in a thick frame at the bottom"
    assert told in to_html(document())


def test_a_date_in_a_sentence_stays_on_one_line() -> None:
    made = document(name="<b>2026-11-21</b>")
    answer = replace(made.chapters[0], answer="From 2026-02-11 to 2026-11-21 <i>.")
    page = to_html(replace(made, chapters=(answer, *made.chapters[1:])))
    assert 'From <span class="date">2026-02-11</span> to <span class="date">2026-11-21</span> &lt;i&gt;.' in page


def test_a_date_in_a_cell_or_a_chain_stays_on_one_line() -> None:
    row = Row(("review by 2027-03-25 <b>",), detail=(Line("since 2026-02-11"),))
    plain = Row(("review by 2027-03-26 <b>",))
    listed = Section("Documents", listings=(Listing("", (Column("how it stands"),), (row, plain)),))
    made = document()
    page = to_html(replace(made, chapters=(replace(made.chapters[0], sections=(listed,)),)))
    assert 'review by <span class="date">2027-03-26</span> &lt;b&gt;' in page
    assert 'since <span class="date">2026-02-11</span>' in page
