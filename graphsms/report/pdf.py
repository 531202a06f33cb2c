"""Documents as PDF on A4, that read well on paper: no clock and no chance in it, so that the same makes the same.

Set in Bitstream Vera, which comes with reportlab and is embedded. Marks of states are drawn, so that no font is needed
for them. What the font has no letter for is set without its accents, or as a question mark, and that is said.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Frame, PageBreak, PageTemplate, Paragraph, Table, TableStyle

from graphsms.report.document import Chapter, Column, Document, Fact, Listing, Row, Section, folded, text_of
from graphsms.report.map import Map
from graphsms.report.marks import MARKS
from graphsms.report.pdf_page import (
    FONT,
    INK,
    LINE,
    MARGIN,
    WIDTH,
    Drawn,
    Heading,
    Numbered,
    Pages,
    State,
    letters,
    styles,
)

__all__ = ["to_pdf"]

MOST_ROWS: Final = 200  # of one table
MOST_TEXT: Final = 1_000  # characters of one cell
MOST_COLUMNS: Final = 7
_TALL: Final = 500.0  # points; a row that is higher may be broken between pages

_REPLACED: Final = {"→": "->", "←": "<-", "≤": "<=", "−": "-", "\u00a0": " ", "\u202f": " ", "×": "x"}


def to_pdf(document: Document) -> bytes:
    """A document as PDF.

    Notes
    -----
    Of a table, the first 200 rows are printed, and of a cell the first 1,000 characters; what is left out is said.

    Examples
    --------
    >>> front = Chapter("rfc-1", "Hits nothing.")
    >>> made = Document("CAB pack", "rfc-1", (front,), (), "internal", "Revision 1.", "2026-11-21T09:30:00Z")
    >>> to_pdf(made).startswith(b"%PDF-1."), to_pdf(made) == to_pdf(made)
    (True, True)
    """
    return _Setting(document).made()


class _Setting:
    """One document being set."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._lacking: set[str] = set()

    def made(self) -> bytes:
        story = list(self._story())
        out = BytesIO()
        frame = Frame(MARGIN, 18 * mm, WIDTH, A4[1] - 38 * mm, 0, 0, 0, 0)
        template = Pages(
            out,
            pagesize=A4,
            invariant=1,
            title=f"{self._document.kind}: {self._document.title}",
            author="",
            subject=self._document.foot,
            creator="graphsms",
            lang="en",
            pageTemplates=[PageTemplate(frames=[frame])],
        )
        template.build(story, canvasmaker=self._canvas)
        return out.getvalue()

    def _canvas(self, *arguments: Any, **options: Any) -> Numbered:
        document = self._document
        head = f"{document.kind}  ·  {document.foot}"
        return Numbered(
            *arguments,
            head=self.fit(head),
            classification=self.fit((document.classification or "not classified").upper()),
            foot=self.fit(document.title),
            **options,
        )

    # ------------------------------------------------------------------------------------------ its parts

    def _story(self) -> Iterator[Flowable]:
        for number, chapter in enumerate(self._document.chapters):
            if number:
                yield PageBreak()
            yield from self._chapter(chapter)
        yield CondPageBreak(60 * mm)
        yield self._heading("What this was made of", 1)
        yield self._say("From these it can be made again, byte for byte.", "quiet")
        yield from self._facts(self._document.inputs, 2)
        if self._lacking:
            names = ", ".join(f"U+{ord(one):04X}" for one in sorted(self._lacking)[:12])
            yield self._say(
                f"The font of this form lacks {len(self._lacking)} letters ({names}): they stand without their "
                "accents, or as a question mark. The HTML and XLSX forms have them.",
                "quiet",
            )

    def _chapter(self, chapter: Chapter) -> Iterator[Flowable]:
        yield self._heading(chapter.title, 0)
        yield self._say(chapter.answer, "answer")
        for note in chapter.notes:
            yield self._say(note, "text")
        yield from self._facts(chapter.facts, 4)
        for number, section in enumerate(chapter.sections):
            if number == chapter.map_after and chapter.map is not None:
                yield from self._map(chapter.map)
            yield CondPageBreak(28 * mm)
            yield self._heading(section.title, 1, section.clause)
            if section.sentence:
                yield self._say(section.sentence, "text")
            if section.appendix:
                yield from self._counted(section)
            else:
                for listing in section.listings:
                    yield from self._listing(listing)
        if chapter.map is not None and chapter.map_after >= len(chapter.sections):
            yield from self._map(chapter.map)

    def _facts(self, facts: tuple[Fact, ...], across: int) -> Iterator[Flowable]:
        if not facts:
            return
        cells = [[self._say(fact.label, "label"), self._say(fact.value, "cell")] for fact in facts]
        while len(cells) % across:
            cells.append([])
        rows = [cells[start : start + across] for start in range(0, len(cells), across)]
        table = Table(rows, [WIDTH / across] * across, spaceBefore=6, spaceAfter=6)
        table.setStyle(
            TableStyle(
                [*_PLAIN, ("LINEABOVE", (0, 0), (-1, -1), 0.4, LINE), ("LINEBELOW", (0, -1), (-1, -1), 0.4, LINE)]
            )
        )
        yield table

    def _counted(self, section: Section) -> Iterator[Flowable]:
        """Which tables there are that are not printed."""
        said = [f"{one.title or 'rows'} {len(one.rows):,}" for one in section.listings if one.rows]
        if said:
            yield self._say(f"In the HTML, XLSX and JSON forms of this: {', '.join(said)}.", "quiet")

    def _listing(self, whole: Listing) -> Iterator[Flowable]:
        listing = whole.gathered(MOST_COLUMNS)
        if not listing.rows:
            yield self._say(listing.empty, "text", f"{listing.title}: " if listing.title else "")
            return
        rows, more = folded(listing.rows, MOST_ROWS)
        below = len(listing.columns) < len(whole.columns)  # what has no column of its own stands below its row
        columns = listing.columns[:-1] if below else listing.columns
        widths = _widths(columns, rows)
        content: list[list[Any]] = [[self._say(column.heading, "label") for column in columns]]
        style: list[tuple[Any, ...]] = [*_PLAIN, ("LINEBELOW", (0, 0), (-1, 0), 0.6, INK)]
        for row in rows:
            content.append(self._row(columns, row))
            if below and row.cells[-1]:
                at = len(content)
                style += [("SPAN", (1, at), (-1, at)), ("NOSPLIT", (0, at - 1), (-1, at))]
                content.append(["", self._say(str(row.cells[-1]), "more"), *[""] * (len(columns) - 2)])
            style.append(("LINEBELOW", (0, len(content) - 1), (-1, len(content) - 1), 0.3, LINE))
        tall = int(any(_height(row, widths) > _TALL for row in rows))
        table = Table(content, widths, repeatRows=1, spaceBefore=2, spaceAfter=4, splitInRow=tall)
        table.setStyle(TableStyle(style))
        note = [self._say(listing.note, "quiet")] if listing.note else []
        if listing.title:
            first = 3 if below and rows[0].cells[-1] else 2  # the headings of columns, and the first row whole
            yield CondPageBreak(20 * mm if tall else _room(content[:first], widths, style, note))
            yield self._heading(listing.title, 2, f"{len(listing.rows):,}")
        yield from note
        yield table
        if more:
            yield self._say(more, "quiet")

    def _row(self, columns: Sequence[Column], row: Row) -> list[Any]:
        found: list[Any] = []
        for column, cell in zip(columns, row.cells, strict=False):
            text = text_of(cell)
            if column.kind == "state" and text in MARKS:
                found.append(State(text))
            else:
                style = "figure" if column.kind == "figure" else "cell"
                found.append(self._say(text, style))
        return found

    def _map(self, map: Map) -> Iterator[Flowable]:
        drawn = Drawn(map, self.fit)
        yield CondPageBreak(drawn.height + 24 * mm)
        yield self._heading("What is hit, by layers", 1)
        yield self._say(
            "What is touched, or is down or changing already, stands in a thick frame at the bottom; each line goes up "
            "to what is hit through it. "
            f"{map.note} The tables hold the same.",
            "quiet",
        )
        yield drawn

    # ------------------------------------------------------------------------------------------- its texts

    def _heading(self, text: str, level: int, beside: str = "") -> Paragraph:
        said = escape(self.fit(text))
        if beside:
            said += f' <font name="{FONT}" size="7" color="#5a626c">&nbsp; {escape(self.fit(beside))}</font>'
        return Heading(said, styles()[f"h{level}"], level, self.fit(text))

    def _say(self, text: str, style: str, ahead: str = "") -> Paragraph:
        if len(text) > MOST_TEXT:
            text = f"{text[:MOST_TEXT]}… ({len(text):,} characters)"
        bold = f"<b>{escape(self.fit(ahead))}</b>" if ahead else ""
        return Paragraph(bold + escape(self.fit(text)), styles()[style])

    def fit(self, text: str) -> str:
        """A text in letters that the font has."""
        known = letters()
        if all(ord(one) in known for one in text):
            return text
        found: list[str] = []
        for one in text:
            if ord(one) in known:
                found.append(one)
            elif one in _REPLACED:
                found.append(_REPLACED[one])
            elif one.isspace() or not one.isprintable():
                found.append(" ")
            else:
                self._lacking.add(one)
                plain = "".join(part for part in unicodedata.normalize("NFKD", one) if ord(part) in known)
                found.append(plain or "?")
        return "".join(found)


_PLAIN: Final = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]


def _widths(columns: Sequence[Column], rows: Sequence[Row]) -> list[float]:
    """Columns at least as wide as their longest word, as far as there is room, and together as wide as the page."""
    least: list[float] = []
    wanted: list[float] = []
    for position, column in enumerate(columns):
        if column.kind == "state":
            least.append(60.0)
            wanted.append(60.0)
            continue
        texts = [text_of(row.cells[position]) for row in rows]
        words = [word for text in texts for word in ([text] if column.kind == "id" else text.split())]
        longest = max([len(word) for word in words] + [len(word) for word in column.heading.split()], default=1)
        least.append((4.9 if column.kind == "id" else 4.5) * min(longest, 28) + 8)
        wanted.append(max(least[-1], 4.5 * min(max(map(len, texts), default=1), 70) + 8))
    if sum(least) >= WIDTH:
        return [width * WIDTH / sum(least) for width in least]
    if sum(wanted) > sum(least):
        share = (WIDTH - sum(least)) / (sum(wanted) - sum(least))
        return [low + (high - low) * share for low, high in zip(least, wanted, strict=True)]
    return [width * WIDTH / sum(wanted) for width in wanted]


def _room(
    content: list[list[Any]], widths: list[float], style: Sequence[tuple[Any, ...]], note: Sequence[Flowable]
) -> float:
    """How much room the beginning of a table needs below its heading, so that no heading stands alone on a page."""
    table = Table(content, widths)
    table.setStyle(TableStyle([one for one in style if one[1][1] < len(content) and one[2][1] < len(content)]))
    height = sum(one.wrap(WIDTH, A4[1])[1] for one in (*note, table))
    return float(min(height + 16 * mm, _TALL))


def _height(row: Row, widths: list[float]) -> float:
    """About how high a row is."""
    return max(min(len(text_of(cell)), MOST_TEXT) * 45 / width for cell, width in zip(row.cells, widths, strict=False))
