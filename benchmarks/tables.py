"""Reading tables by a mapping, without any graph: rows a second and memory, beside the parser alone; all in one run.

::

    python benchmarks/tables.py                  # 100,000 rows, CSV and Excel
    python benchmarks/tables.py --rows 1000000   # Excel ends at 1,048,576

Six columns: a host name, a code by a value map, a date of its own format, a cost with a unit, and two relations; three
statements a row. The *parser alone* is `csv.reader`, and openpyxl in its read-only way, each over all cells. Each is a
process of its own: seconds are those of its processor, and memory is its peak. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time

from memory import peak

ROOT = Path(__file__).parent.parent
HEADER = ("Host", "Status", "Since", "Cost", "Site", "Owner")
MAPPING = """\
tables:
- id: "srv:{Host}"
  type: Server
  columns:
    Host: hostname
    Status: {property: lifecycle, values: {active: live}}
    Since: {property: validFrom, format: "%d.%m.%Y"}
    Cost: {property: yearlyCost, number: {decimal: ",", thousands: ".", unit: "€"}}
    Site: {relation: locatedAt, id: "site:{value|slug}", type: Site}
    Owner: {relation: ownedBy, id: "person:{value|slug}", type: Person}
"""


def written(folder: Path, rows: int) -> list[Path]:
    """The same table as CSV and as a workbook, each with its mapping."""
    from openpyxl import Workbook

    made = Workbook(write_only=True)
    sheet = made.create_sheet("Servers")
    text, book = folder / "table.csv", folder / "book.xlsx"
    with text.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        for row in [HEADER, *(_row(number) for number in range(rows))]:
            writer.writerow(row)
            sheet.append(list(row))
    made.save(book)
    for path in (text, book):
        path.with_name(f"{path.stem}.mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return [text, book]


def _row(number: int) -> tuple[str, ...]:
    day = f"{number % 28 + 1:02}.03.2022"
    return (f"web-{number:07}", "active", day, "1.840,00 €", f"Site {number % 50}", f"Owner {number % 300}")


def parsed(path: Path) -> int:
    """Rows that the parser alone reads."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return sum(1 for _ in csv.reader(file, delimiter=";"))
    from openpyxl import load_workbook

    sheet = load_workbook(path, read_only=True).worksheets[0]
    return sum(1 for _ in sheet.iter_rows(values_only=True))


def read(path: Path) -> int:
    """Statements that the reader makes."""
    from graphsms.ingest.tabular import TableReader
    from graphsms.ontology import load

    faults: list[object] = []
    count = sum(1 for _ in TableReader().read([path], load(), faults.append, faults.append))
    assert not faults, faults[0]
    return count


def measured(what: str, path: Path) -> tuple[float, float]:
    """Seconds and megabytes of one way to read a file, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", what, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.one:
        began = process_time()
        {"parser": parsed, "reader": read}[said.one[0]](Path(said.one[1]))
        print(process_time() - began, peak())
        return
    print(f"| {said.rows:,} rows of six columns | s | rows/s | × parser alone | peak MB |\n|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for path in written(Path(folder), said.rows):
            bare, _ = measured("parser", path)
            for name, what in (("parser alone", "parser"), ("by a mapping", "reader")):
                seconds, memory = measured(what, path)
                size = path.stat().st_size / 1e6
                print(f"| {path.suffix[1:]} of {size:.0f} MB, {name} | {seconds:.2f} | {said.rows / seconds:,.0f}"
                      f" | {seconds / bare:.1f} | {memory:.0f} |")  # fmt: skip


if __name__ == "__main__":
    main()
