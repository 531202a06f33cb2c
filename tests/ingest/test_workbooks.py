"""Excel with a mapping file: what cells hold, and what is refused before harm is done."""

from __future__ import annotations

import contextlib
import datetime
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from graphsms.errors import RejectedError
from graphsms.ingest.tabular.excel import open_book
from graphsms.store import Store
from imported import Write, edges, imported, refused, types

MAPPING = """\
tables:
- sheet: Servers
  id: "srv:{Number}"
  type: Server
  columns: {Number: serialNumber, Until: {property: validTo, optional: true}}
  ignore: [Other]
"""


def book(**sheets: Sequence[Any]) -> Workbook:
    found = Workbook()
    found.remove(found.active)  # type: ignore[arg-type]
    for title, rows in sheets.items():
        sheet = found.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return found


def written(write: Write, made: Workbook, mapping: str = MAPPING, name: str = "register.xlsx") -> Path:
    content = io.BytesIO()
    made.save(content)
    write("register.mapping.yaml", mapping)
    return write(name, content.getvalue())


def rezipped(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The workbook with its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(name, content))
    return path


def properties(store: Store, id: str) -> dict[str, object]:
    entity = store.entity(id)
    assert entity is not None, id
    return dict(entity.properties)


# ------------------------------------------------------------------------------------------ cells


def test_numbers_that_are_ids_dates_and_texts_come_as_people_see_them(store: Store, write: Write) -> None:
    made = book(Servers=[["Number", "Until"]])
    sheet = made["Servers"]
    sheet.append([1001.0, datetime.datetime(2026, 12, 31)])  # noqa: DTZ001
    sheet.append(["00042", datetime.date(2026, 12, 31)])
    sheet.append([42, "2026-12-31"])
    sheet["A4"].number_format = "00000000"
    sheet.append([True, datetime.datetime(2026, 12, 31, 18, 30)])  # noqa: DTZ001
    sheet.append([12.5, None])
    sheet["A6"].font = Font(bold=True)
    imported(store, written(write, made))
    assert {id: properties(store, id).get("validTo") for id in types(store)} == {
        "srv:1001": "2027-01-01T00:00:00Z",
        "srv:00042": "2027-01-01T00:00:00Z",
        "srv:00000042": "2027-01-01T00:00:00Z",
        "srv:true": "2026-12-31T18:30:00Z",
        "srv:12.5": None,
    }


def test_dates_in_three_formats_are_read_where_the_mapping_says_them(store: Store, write: Write) -> None:
    mapping = MAPPING.replace("validTo", "validTo, format: ['%d.%m.%Y', '%Y/%m/%d']")
    rows = [["Number", "Until"], ["a", "31.12.2026"], ["b", "2026/12/31"], ["c", datetime.date(2026, 12, 31)]]
    imported(store, written(write, book(Servers=rows), mapping))
    assert {properties(store, id)["validTo"] for id in types(store)} == {"2027-01-01T00:00:00Z"}
    rows.append(["d", "12/31/2026"])
    (fault,) = refused(store, written(write, book(Servers=rows), mapping))
    assert (fault.rule, fault.field, fault.origin.line) == ("wrong-value", "Until", 5)
    assert str(fault.origin).endswith("register.xlsx:Servers:5")
    assert "in the format %d.%m.%Y or %Y/%m/%d" in fault.message


def test_a_formula_counts_with_its_value_and_one_without_is_a_fault(store: Store, write: Write) -> None:
    made = book(Servers=[["Number", "Until"], ["=1000+1", None], ["=A2+1", None]])
    file = written(write, made)
    faults = refused(store, file)
    assert [(one.rule, one.field, one.origin.line) for one in faults if one.rule != "missing-id"] == [
        ("formula-without-value", "Number", 2),
        ("formula-without-value", "Number", 3),
    ]
    assert "Cell A2" in faults[0].message
    assert "save it with values" in faults[0].message

    def calculated(name: str, content: bytes) -> bytes:
        for formula, value in ((b"1000+1", b"1001"), (b"A2+1", b"1002")):
            content = content.replace(b"<f>%s</f><v></v>" % formula, b"<f>%s</f><v>%s</v>" % (formula, value))
            content = content.replace(b"<f>%s</f><v />" % formula, b"<f>%s</f><v>%s</v>" % (formula, value))
        return content

    imported(store, rezipped(file, calculated))
    assert types(store).keys() == {"srv:1001", "srv:1002"}


def test_an_error_in_a_cell_is_a_fault_only_where_the_column_is_used(store: Store, write: Write) -> None:
    rows = [["Number", "Other", "Until"], ["a", "#REF!", "#N/A"], ["b", "#DIV/0!", None]]
    (fault,) = refused(store, written(write, book(Servers=rows)))
    assert (fault.rule, fault.field, fault.origin.line) == ("error-cell", "Until", 2)
    assert "Cell C2 holds the error #N/A" in fault.message


def test_a_date_outside_of_what_excel_knows_is_a_fault(store: Store, write: Write) -> None:
    made = book(Servers=[["Number", "Until"], ["a", 99_999_999]])
    made["Servers"]["B2"].number_format = "yyyy-mm-dd"
    (fault,) = refused(store, written(write, made))
    assert (fault.rule, fault.field) == ("error-cell", "Until")


def test_texts_that_a_workbook_keeps_in_one_table_are_found(store: Store, write: Write) -> None:
    """As Excel itself writes them; openpyxl puts texts into the cells."""
    file = written(write, book(Servers=[["Number"], ["a"], ["b"]]))
    space = "http://schemas.openxmlformats.org/"

    def shared(name: str, content: bytes) -> bytes:
        for number, text in enumerate((b"Number", b"a", b"b")):
            content = content.replace(b't="inlineStr"><is><t>%s</t></is>' % text, b't="s"><v>%d</v>' % number)
        part = b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/%s"/></Types>'
        kind = b"vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        return content.replace(b"</Types>", part % kind)

    rezipped(file, shared)
    texts = "<si><t>Number</t></si><si><t>a</t></si><si><r><t>b</t></r><r><t>old</t></r></si>"
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{space}spreadsheetml/2006/main">{texts}</sst>')
    imported(store, file)
    assert types(store).keys() == {"srv:a", "srv:bold"}


# ----------------------------------------------------------------------------------------- sheets


def test_merged_cells_are_refused_unless_the_mapping_fills_them(store: Store, write: Write) -> None:
    rows = [["Rooms of the north"], ["Site", "Number"], ["hall", "a"], [None, "b"], ["attic", "c"]]
    made = book(Servers=rows)
    made["Servers"].merge_cells("A1:B1")
    made["Servers"].merge_cells("A3:A4")
    mapping = (
        "tables: [{sheet: Serv*, header: 2, id: '{Number}', type: Server, columns: {Site: {relation: locatedAt}}}]"
    )
    (fault,) = refused(store, written(write, made, mapping))
    assert (fault.rule, fault.origin.line) == ("merged-cells", 3)
    assert "A3:A4" in fault.message
    assert "A1:B1" not in fault.message
    imported(store, written(write, made, mapping.replace("header", "merged: fill, header")))
    assert edges(store, "locatedAt") == {("a", "hall"), ("b", "hall"), ("c", "attic")}


def test_several_sheets_are_read_each_by_its_own_rule_and_others_are_told(store: Store, write: Write) -> None:
    made = book(
        Servers=[["Number"], ["a"]], Sites=[["Site"], ["hall"]], Notes=[["x"]], Old=[["Number"], ["z"]], Secret=[["y"]]
    )
    made["Old"].sheet_state = "hidden"
    made["Secret"].sheet_state = "veryHidden"
    mapping = MAPPING + "- {sheet: sites, id: '{Site}', type: Site}\n- {sheet: O*, id: 'old:{Number}', type: Server}\n"
    verdict = imported(store, written(write, made, mapping))
    assert types(store) == {"srv:a": "Server", "hall": "Site"}
    (told,) = [one for one in verdict.warnings if one.rule == "passed-over"]
    assert "Notes, Old (hidden), Secret (hidden)" in told.message
    named = written(write, made, mapping.replace("O*", "Old"))
    imported(store, named, source="named")
    assert "old:z" in types(store)


def test_a_workbook_is_known_by_what_it_begins_with_too(store: Store, write: Write) -> None:
    file = written(write, book(Servers=[["Number"], ["a"]]), name="register.export")
    imported(store, file, format="table")
    assert types(store) == {"srv:a": "Server"}


def test_faults_come_sheet_by_sheet(store: Store, write: Write) -> None:
    rows = [["Number", "Until"], ["a", "x"], ["b", None], ["c", "y"]]
    mapping = MAPPING.replace("Servers", "'*'").replace("srv:", "")
    faults = refused(store, written(write, book(Old=rows, New=rows), mapping))
    assert [str(one.origin).partition(".xlsx:")[2] for one in faults] == ["New:2", "New:4", "Old:2", "Old:4"]


def test_rows_that_are_left_out_come_back_as_they_stand_in_their_sheet(store: Store, write: Write) -> None:
    mapping = MAPPING + "- {sheet: Sites, id: '{Site}', type: Site, columns: {Until: validTo}}\n"
    made = book(
        Servers=[
            ["Number", "Until", "Other"],
            ["a", None, 1],
            ["b", "never", 2.0],
            ["c", datetime.date(2026, 1, 1), 3],
        ],
        Sites=[["Site", "Until"], ["north", "always"], ["south", None]],
    )
    verdict = imported(store, written(write, made, mapping), skip_invalid=True)
    assert types(store) == {"srv:a": "Server", "srv:c": "Server", "south": "Site"}
    assert [(str(one.origin).partition(".xlsx:")[2], dict(one.row)) for one in verdict.rejected] == [
        ("Sites:2", {"Site": "north", "Until": "always"}),
        ("Servers:3", {"Number": "b", "Until": "never", "Other": "2"}),
    ]


def test_a_workbook_of_which_no_sheet_is_meant_is_refused(store: Store, write: Write) -> None:
    (fault,) = refused(store, written(write, book(Notes=[["x"]])))
    assert fault.rule == "no-mapping"
    assert "Notes" in fault.message


def test_rows_keep_their_numbers_where_others_are_empty(store: Store, write: Write) -> None:
    made = book(Servers=[["Number"]])
    made["Servers"]["A9"] = "a"
    made["Servers"]["B12"] = "no number"
    made["Servers"]["B1"] = "Other"
    (fault,) = refused(store, written(write, made))
    assert (fault.rule, fault.origin.line) == ("missing-id", 12)


def test_links_to_other_workbooks_are_never_followed(store: Store, write: Write) -> None:
    file = written(write, book(Servers=[["Number"], ["a"]]))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink>file:///etc/passwd</externalLink>")
    imported(store, file)
    assert types(store) == {"srv:a": "Server"}


# ----------------------------------------------------------------------------------- what means harm


def test_a_workbook_that_would_unfold_without_end_is_refused(store: Store, write: Write) -> None:
    file = written(write, book(Servers=[["Number"], ["a"]]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/image1.xml", "w") as part:
        for _ in range(16):
            part.write(bytes(1 << 20))
    assert file.stat().st_size < 100_000
    (fault,) = refused(store, file)
    assert fault.rule == "zip-bomb"


def test_a_part_cannot_unfold_to_more_than_the_directory_says(store: Store, write: Write) -> None:
    """A directory that lies of the size does not get more of it read."""
    file = written(write, book(Servers=[["Number"], *([f"h{n}"] for n in range(20_000))]))
    content = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        part = next(one for one in archive.infolist() if "sheet1" in one.filename)
    at = content.rindex(part.filename.encode()) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    content[at + 24 : at + 28] = (2000).to_bytes(4, "little")
    file.write_bytes(content)
    assert {one.rule for one in refused(store, file)} == {"damaged-workbook"}


@pytest.mark.parametrize(
    "declared",
    [
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>',
        b'<?xml version="1.0"?><!doctype a SYSTEM "file:///etc/passwd">',
        b"<?xml version='1.0' encoding='cp037'?>",
    ],
)
@pytest.mark.parametrize("where", ["xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"])
def test_parts_that_declare_entities_are_refused(store: Store, write: Write, declared: bytes, where: str) -> None:
    def change(name: str, content: bytes) -> bytes:
        return declared + content if name == where else content

    (fault,) = refused(store, rezipped(written(write, book(Servers=[["Number"], ["a"]])), change))
    assert fault.rule == "xml-entities"


def test_a_part_in_utf16_cannot_hide_what_it_declares(store: Store, write: Write) -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.decode().encode("utf-16") if name.endswith("sheet1.xml") else content

    (fault,) = refused(store, rezipped(written(write, book(Servers=[["Number"], ["a"]])), change))
    assert fault.rule == "xml-entities"


def test_a_row_number_beyond_all_sheets_ends_the_reading(store: Store, write: Write) -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.replace(b'r="2"', b'r="99999999999"') if name.endswith("sheet1.xml") else content

    (fault,) = refused(store, rezipped(written(write, book(Servers=[["Number"], ["a"]])), change))
    assert fault.rule == "damaged-workbook"


@pytest.mark.parametrize(
    ("content", "name", "rule"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "register.xls", "old-format"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "register.xlsx",
            "has-password",
        ),
        (b"", "register.xlsx", "empty-file"),
        (b"Number\na\n", "register.xlsx", "damaged-workbook"),
        (b"PK\x03\x04 and then nothing", "register.xlsx", "damaged-workbook"),
    ],
)
def test_what_is_no_such_workbook_is_refused_with_what_to_do(
    store: Store, write: Write, content: bytes, name: str, rule: str
) -> None:
    write("register.mapping.yaml", MAPPING)
    (fault,) = refused(store, write(name, content))
    assert fault.rule == rule


def test_a_workbook_cut_anywhere_is_read_or_refused(store: Store, write: Write) -> None:
    whole = written(write, book(Servers=[["Number"], *([f"h{n}"] for n in range(50))])).read_bytes()
    for cut in range(0, len(whole), 97):
        assert refused(store, write("register.xlsx", whole[:cut]))
        spoilt = bytearray(whole)
        spoilt[cut : cut + 4] = b"\xff\x00\xff<"
        file = write("register.xlsx", bytes(spoilt))
        with contextlib.suppress(RejectedError):
            imported(store, file, source=str(cut))


def test_rows_are_read_one_at_a_time(write: Write) -> None:
    """However many rows a sheet has, the XML of those that were read is let go."""
    import tracemalloc

    made = Workbook(write_only=True)
    sheet = made.create_sheet("Servers")
    for number in range(20_000):
        sheet.append([number, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    file = written(write, made)
    with open_book(file) as opened:
        tracemalloc.start()
        count = sum(1 for _ in opened.rows(opened.sheets[0]))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 3_000_000
