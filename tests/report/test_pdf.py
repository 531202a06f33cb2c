"""A PDF is on A4, says how many pages it has, and is the same whenever it is made."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from reportlab.platypus import Table

from graphsms.report.document import Column, Listing, Row
from graphsms.report.pdf import to_pdf
from graphsms.report.pdf_page import Heading, Pages
from report.documents import FOREIGN, FORMULA, HOSTILE, document, listing


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def test_it_is_on_a4() -> None:
    made = to_pdf(document())
    assert pages(made) == 1
    assert set(re.findall(rb"/MediaBox \[([^\]]*)\]", made)) == {b" 0 0 595.2756 841.8898 "}


def test_it_knows_no_clock_and_no_chance() -> None:
    assert to_pdf(document()) == to_pdf(document())
    assert b"D:20000101000000" in to_pdf(document())


@pytest.mark.parametrize("name", [HOSTILE, FORMULA, FOREIGN, "&amp; <b> </para>", "\x00\x1b[31m\u202e", "x" * 5_000])
def test_it_can_be_made_whatever_things_are_called(name: str) -> None:
    assert pages(to_pdf(document(name=name, title=name[:200]))) <= 4


def test_letters_that_the_font_lacks_are_told() -> None:
    plain, foreign = to_pdf(document()), to_pdf(document(name="変更"))
    assert len(foreign) > len(plain)


def test_a_hundred_thousand_rows_are_folded() -> None:
    assert pages(to_pdf(document(listing(100_000)))) < 10


def test_a_wide_table_with_long_texts_is_set() -> None:
    columns = tuple(Column(f"heading {number}") for number in range(16))
    rows = tuple(Row(tuple("a long text of several words " * 60 for _ in columns)) for _ in range(3))
    assert 1 < pages(to_pdf(document(Listing("Wide", columns, rows)))) < 20


@pytest.mark.parametrize("before", [0, 7, 10, 20, 44, 50])
def test_no_heading_stands_alone_at_the_foot_of_a_page(monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    placed: list[tuple[str, int]] = []
    outline = Pages.afterFlowable

    def noted(pages: Pages, flowable: Any) -> None:
        if isinstance(flowable, Table) or (isinstance(flowable, Heading) and flowable.plain == "Tall"):
            placed.append((type(flowable).__name__, pages.page))
        outline(pages, flowable)

    monkeypatch.setattr(Pages, "afterFlowable", noted)
    columns = tuple(Column(f"heading {number}") for number in range(12))
    tall = Listing("Tall", columns, (Row(tuple("several words " * 25 for _ in columns)),), note="To be read first.")
    to_pdf(document(listing(before), tall, tall, tall))
    told = [(page, below) for (kind, page), (_, below) in pairwise(placed) if kind == "Heading"]
    assert len(told) == 3
    assert all(page == below for page, below in told)
