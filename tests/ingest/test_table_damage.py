"""Tables and mappings as anybody may write, cut or spoil them: what is in them comes out, or they are refused."""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from graphsms.errors import RejectedError
from graphsms.ingest.check import Findings
from graphsms.ingest.reader import RawStatement
from graphsms.ingest.tabular.delimited import DELIMITERS, delimited_rows, sniff
from graphsms.ingest.tabular.guess import guess
from graphsms.ingest.tabular.reader import TableReader
from graphsms.ingest.tabular.values import Number, template
from graphsms.ontology import load

VOCABULARY = load()
TABLES = Path(__file__).parent / "fixtures" / "tables"
EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "tables"
LETTERS = st.characters(codec="utf-8", exclude_characters="\0\r\n", exclude_categories=("Cs", "Cc"))
TEXT = st.text(LETTERS, max_size=12)
CELL = st.text(st.one_of(LETTERS, st.sampled_from(" ;,|\t\"'\n{}")), max_size=12)
ROWS = st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1))
NOISE = st.one_of(
    st.binary(max_size=4),
    st.sampled_from(["{", "}", "[", ":", "'", '"', "\n", "\t", "- ", "tables:", ",", ";", "\0", "&a", "*a", "~"]).map(
        str.encode
    ),
)
QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def statements(mapping: bytes, content: bytes, name: str = "machines.csv") -> tuple[list[RawStatement], Findings]:
    """What a table says by a mapping; anything but faults that say what they must is an error."""
    faults, warnings = Findings(), Findings()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        said = Path(folder) / "said.yaml"
        said.write_bytes(mapping)
        found = list(TableReader(said).read([path], VOCABULARY, faults.add, warnings.add))
    for one in (*faults, *warnings):
        assert one.rule
        assert one.message
        assert one.origin.file in (str(path), str(said))
    return found, faults


# --------------------------------------------------------------------------------- what comes out again


@given(ROWS, st.sampled_from(DELIMITERS), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.booleans())
@settings(deadline=None)
def test_what_is_written_as_csv_is_read_as_it_was(rows: list[list[str]], by: str, encoding: str, quoted: bool) -> None:
    assume(all(any(row) for row in rows))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=by, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(out.getvalue().encode(encoding))
        found = list(delimited_rows(path, delimiter=by))
    assert [list(one.cells) for one in found] == rows
    lines = [1]
    for row in rows[:-1]:
        lines.append(lines[-1] + 1 + sum(cell.count("\n") for cell in row))
    assert [one.number for one in found] == lines


@given(
    st.lists(st.text("abc ", min_size=1, max_size=8), min_size=3, max_size=3),
    st.lists(st.lists(st.text("abc 12.,", min_size=1, max_size=8), min_size=3, max_size=3), min_size=1),
)
@settings(deadline=None)
def test_a_delimiter_that_splits_the_headers_is_found(header: list[str], rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([header, *rows])
    assert sniff(out.getvalue()) == ";"


@given(TEXT, TEXT, st.text(LETTERS, min_size=1).filter(lambda text: not set(text) & set("{}|") and text.split()))
def test_a_template_is_filled_with_what_stands_there(before: str, value: str, column: str) -> None:
    escaped = before.replace("{", "{{").replace("}", "}}")
    made = template(f"{escaped}{{{column}}}")
    assert made.columns in (("value",), (" ".join(column.split()),), ())
    assert made.filled(lambda _: value) == (before + value if value else "")


@given(st.integers(-(10**12), 10**12), st.integers(0, 99), st.sampled_from([(".", ","), (",", "."), (",", " ")]))
def test_numbers_are_read_as_they_are_written(whole: int, cents: int, marks: tuple[str, str]) -> None:
    decimal, thousands = marks
    written = f"{whole:,}".replace(",", thousands) + f"{decimal}{cents:02}"
    assert Number(decimal, thousands, ("EUR",)).read(f"{written} EUR") == f"{whole}.{cents:02}"


@given(
    st.lists(
        st.tuples(st.text("abcXYZ-12", min_size=1, max_size=6), st.text("äß xyz", max_size=5), st.integers(0, 10**6)),
        min_size=1,
        unique_by=lambda row: row[0],
    )
)
@settings(max_examples=30, deadline=None)
def test_a_table_says_the_same_as_csv_and_as_a_workbook(rows: Sequence[tuple[str, str, int]]) -> None:
    mapping = b"""\
tables:
- {id: "{Id}", type: Server, columns: {Name: name, Cost: yearlyCost, At: {relation: locatedAt, id: "s:{value}"}}}
"""
    table = [("Id", "Name", "Cost", "At"), *((id, name, cost, name) for id, name, cost in rows)]
    out = io.StringIO(newline="")
    csv.writer(out).writerows(table)
    made, content = Workbook(), io.BytesIO()
    assert made.active is not None
    for row in table:
        made.active.append([*row])
    made.save(content)
    one, faults = statements(mapping, out.getvalue().encode())
    other, others = statements(mapping, content.getvalue(), "machines.xlsx")
    assert not list(faults) + list(others)
    assert [said[:3] for said in one] == [said[:3] for said in other]


# -------------------------------------------------------------------------------------- what is spoilt


def spoilt(data: st.DataObject, whole: bytes) -> bytes:
    at = data.draw(st.integers(0, len(whole)))
    until = data.draw(st.sampled_from([at, at + 1, at + 20, len(whole)]))
    return whole[:at] + data.draw(NOISE) + whole[until:]


MAPPING = (EXAMPLE / "machines.mapping.yaml").read_bytes()
TABLE = (EXAMPLE / "machines.csv").read_bytes()


def test_the_example_is_read_whole() -> None:
    found, faults = statements(MAPPING, TABLE)
    assert len(found) > 15
    assert not faults.total


@given(st.data())
@QUIET
def test_a_spoilt_table_is_read_or_refused(data: st.DataObject) -> None:
    statements(MAPPING, spoilt(data, TABLE))


@given(st.data())
@QUIET
def test_a_spoilt_mapping_is_read_or_refused(data: st.DataObject) -> None:
    statements(spoilt(data, MAPPING), TABLE)


@given(st.data())
@settings(QUIET, max_examples=80)
def test_a_spoilt_workbook_is_read_or_refused(data: st.DataObject) -> None:
    mapping = b'tables: [{sheet: Services, header: 3, id: "{Service ID}", type: Service, columns: {Name: name}}]'
    statements(mapping, spoilt(data, (TABLES / "register.xlsx").read_bytes()), "machines.xlsx")


@given(st.data())
@example(None)
@settings(QUIET, max_examples=60)
def test_a_draft_of_a_spoilt_table_reads_it_without_a_fault(data: st.DataObject | None) -> None:
    """Or there is no draft, since there is no table."""
    content = TABLE if data is None else spoilt(data, TABLE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "machines.csv"
        path.write_bytes(content)
        try:
            text = guess([path], VOCABULARY)
        except RejectedError:
            return
    _, faults = statements(text.encode(), content)
    # That a row has too many cells is its own fault, whatever the mapping says.
    assert [str(one) for one in faults if one.rule != "ragged-row"] == []


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@given(content=st.binary(max_size=300))
@settings(deadline=None)
def test_bytes_of_any_kind_are_read_or_refused(encoding: str, content: bytes) -> None:
    mapping = f'tables: [{{id: "{{a}}", type: Server, encoding: {encoding}}}]'
    statements(mapping.encode(), b"a\n" + content)
    statements(mapping.encode(), codecs.BOM_UTF16_LE + "a\n".encode("utf-16-le") + content)
