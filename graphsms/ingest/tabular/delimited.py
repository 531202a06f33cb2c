"""Text tables (CSV, TSV and their like) as a stream of rows, whatever wrote them.

UTF-8, with or without a byte order mark, and UTF-16 with one are known by themselves; any other encoding has to be
said, since a wrong guess makes wrong names. A row may span lines; its number is that of the line that it begins in.
No line and no field is read beyond a limit.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from graphsms.ingest.documents import reject
from graphsms.ingest.tabular.cells import Row

__all__ = ["DELIMITERS", "delimited_rows", "known_encoding", "sniff"]

# Of two that split as well, the first is meant: a comma stands in numbers and texts, a tab never.
DELIMITERS: Final = ("\t", ";", "|", ",")
MAX_LINE: Final = 1 << 20  # characters
_SAMPLE: Final = 1 << 16
_SAMPLE_ROWS: Final = 50
_CHUNK: Final = 1 << 20
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DIRECTIVE: Final = re.compile(
    r"\ufeff?sep=([^\r\n])[\r\n]", re.IGNORECASE
)  # as spreadsheets write it, ahead of the header


def delimited_rows(path: Path, encoding: str | None = None, delimiter: str | None = None) -> Iterator[Row]:
    """The rows of a text table, blank lines left out.

    Parameters
    ----------
    path : Path
    encoding : str, optional
        Of a file that is not in Unicode. A byte order mark is believed before it.
    delimiter : str, optional
        One character. Without it, a tab for ``.tsv``, and otherwise the one that splits the first rows best.

    Raises
    ------
    RejectedError
        It cannot be read: not that encoding, a NUL, a field or line without end, a quote that is not closed.

    Notes
    -----
    One row is held at a time; a line may have 2^20 characters, a field as many as `csv.field_size_limit` says
    (131,072).
    """
    file = str(path)
    try:
        with path.open("rb") as raw:
            head = raw.read(4)
            raw.seek(0)
            encoding = _encoding(head, encoding)
            with io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
                yield from _rows(text, file, delimiter or _delimiter(path, encoding))
    except UnicodeError:
        _reject_encoding(path, encoding or "utf-8")
    except OSError as error:
        reject(file, None, "unreadable", f"The file cannot be read: {error.strerror}.")


def known_encoding(name: str) -> bool:
    """Whether an encoding of text is called so.

    Examples
    --------
    >>> known_encoding("cp1252"), known_encoding("windows"), known_encoding("zlib")
    (True, False, False)
    """
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def sniff(text: str) -> str:
    """The delimiter that splits the first rows of a table best: into most columns, and all rows into as many.

    Examples
    --------
    >>> sniff("Name;Cost, in EUR\\nweb;1,5\\ndb;2,5\\n")
    ';'
    """
    best, score = ",", (0.0, 1)
    for delimiter in DELIMITERS:
        widths = _widths(text, delimiter)
        if widths and widths[0] > 1:
            found = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            if found > score:
                best, score = delimiter, found
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    lines = io.StringIO(text, newline="")
    rows: list[int] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            if row:
                rows.append(len(row))
            if len(rows) > _SAMPLE_ROWS:
                break
    except csv.Error:
        pass  # what could be read tells enough
    # The last row may have been cut by the end of the sample.
    return rows[:-1] if len(rows) > 2 and len(text) >= _SAMPLE else rows


def _encoding(head: bytes, said: str | None) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    return said or "utf-8"


def _delimiter(path: Path, encoding: str) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    with path.open("rb") as file:
        content = file.read(_SAMPLE * (2 if encoding == "utf-16" else 1))
    text = codecs.decode(content, encoding, "replace")
    found = _DIRECTIVE.match(text)
    return found[1] if found else sniff(text)


def _rows(text: IO[str], file: str, delimiter: str) -> Iterator[Row]:
    lines = _Lines(text, file)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            _reject_form(file, begins, reader.line_num, str(error))
        if cells is None:
            return
        if cells and not (begins == 1 and _DIRECTIVE.match(delimiter.join(cells) + "\n")):
            yield Row(begins, cells)
        begins = reader.line_num + 1


class _Lines:
    """The lines of a text file, none longer than the limit."""

    def __init__(self, text: IO[str], file: str) -> None:
        self.text = text
        self.file = file
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.text.readline(MAX_LINE)
        self.number += 1
        if not line:
            raise StopIteration
        if len(line) == MAX_LINE:
            message = f"The line has more than {MAX_LINE:,} characters; a quote or a line break may be missing."
            reject(self.file, self.number, "too-large", message)
        if "\0" in line:
            message = "There is a NUL character; the file may be damaged, or in UTF-16 without a byte order mark."
            reject(self.file, self.number, "nul-character", message)
        return line


def _reject_form(file: str, begins: int, line: int, problem: str) -> None:
    if "limit" in problem:
        message = f"A field of the row has more than {csv.field_size_limit():,} characters; a quote may not be closed."
        reject(file, begins, "too-large", message)
    if "unexpected end" in problem:
        reject(file, begins, "not-csv", "A quote that opens in this row is never closed.")
    where = f" (by line {line})" if line > begins else ""
    message = f"A quote stands in the wrong place{where}; inside of a quoted field, a quote is written twice."
    reject(file, begins, "not-csv", message)


def _reject_encoding(path: Path, encoding: str) -> None:
    """Say where the first byte stands that is not of the encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    read, lines, held = 0, 1, 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                lines += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                at = read - held + error.start
                lines += error.object[: error.start].count(b"\n")
                shown = f"0x{error.object[error.start]:02X}"
                hint = (
                    "or say `encoding: cp1252` (or what it is) in the mapping"
                    if "utf" in encoding
                    else "or say another"
                )
                message = f"Byte {at:,}, {shown}, is not {encoding}; save the file as UTF-8, {hint}."
                reject(str(path), lines, "wrong-encoding", message)
            except UnicodeError:
                break
            if not chunk:
                break
            read += len(chunk)
            state = decoder.getstate()[0]
            held = len(state) if isinstance(state, bytes) else 0
    reject(str(path), None, "wrong-encoding", f"The file is not {encoding}; save it as UTF-8.")
