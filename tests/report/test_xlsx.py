"""A workbook holds every row, no formula, and no clock."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from graphsms.report.document import Column, Listing, Row
from graphsms.report.xlsx import to_xlsx
from report.documents import FOREIGN, FORMULA, document, listing


def rows(made: bytes, sheet: str) -> list[list[object]]:
    book = load_workbook(BytesIO(made), read_only=True)
    return [[cell.value for cell in row] for row in book[sheet].iter_rows()]


def test_a_table_stands_whole_on_a_sheet_with_its_reasons() -> None:
    header, first, *_ = rows(to_xlsx(document()), "a Services")
    assert header == ["state", "id", "name", "people", "through", "chain of reasons"]
    assert first == [
        "down", "web-0", "Web shop", 1200, "db-1", "web-0 is down: depends on db-1; db-1 is down to begin with",
    ]  # fmt: skip


def test_the_overview_says_the_answer_and_the_classification() -> None:
    said = {str(row[0]): row[1] for row in rows(to_xlsx(document()), "Overview")}
    assert said["Answer"] == "Making rfc-1 stops 1 of 1 service."
    assert said["Classification"] == "confidential"
    assert said["    Stale"] == "None is stale."


@pytest.mark.parametrize("name", [FORMULA, "+1+1", "-1+1", "@SUM(A1)", "\t=1", "=1"])
def test_nothing_is_a_formula(name: str) -> None:
    made = to_xlsx(document(name=name))
    for path in ZipFile(BytesIO(made)).namelist():
        assert b"<f>" not in ZipFile(BytesIO(made)).read(path)
    assert rows(made, "a Services")[1][2] == name
    assert rows(made, "Overview")


@pytest.mark.parametrize("name", [FOREIGN, "a\x00b\x1b", "x" * 32_767, ""])
def test_it_opens_whatever_things_are_called(name: str) -> None:
    said = rows(to_xlsx(document(name=name)), "a Services")[1][2]
    assert said == (name.replace("\x00", "�").replace("\x1b", "�") or None)


def test_what_is_too_long_for_a_cell_is_cut_and_it_is_said() -> None:
    said = rows(to_xlsx(document(name="x" * 40_000)), "a Services")[1][2]
    assert len(str(said)) == 32_767
    assert str(said).endswith("x… (40,000 characters)")


def test_sheets_have_names_that_excel_takes_and_none_twice() -> None:
    long = listing(title="What a very long title: [that] no sheet * can bear?")
    book = load_workbook(BytesIO(to_xlsx(document(long, long, listing(title="overview")))))
    assert len(book.sheetnames) == len({name.casefold() for name in book.sheetnames}) == 4
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in book.sheetnames)


def test_it_knows_no_clock() -> None:
    made = to_xlsx(document())
    assert made == to_xlsx(document())
    assert {entry.date_time for entry in ZipFile(BytesIO(made)).infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert load_workbook(BytesIO(made)).properties.modified.isoformat() == "2026-11-21T09:30:00"


def test_every_row_is_there() -> None:
    columns = (Column("id", "id"),)
    many = Listing("Hits", columns, tuple(Row((f"ci-{number}",)) for number in range(20_000)))
    assert len(rows(to_xlsx(document(many)), "a Hits")) == 20_001
