"""The pages of a PDF: their fonts, what stands at their edges, and what is drawn on them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from reportlab import __file__ as _reportlab
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Paragraph

from graphsms.report.map import BOX_HEIGHT, BOX_WIDTH, Box, Map, lines_of, short
from graphsms.report.marks import MARKS, UNKNOWN

__all__ = [
    "FONT",
    "INK",
    "LINE",
    "MARGIN",
    "WIDTH",
    "Drawn",
    "Heading",
    "Numbered",
    "Pages",
    "State",
    "letters",
    "styles",
]

FONT, _BOLD = "Vera", "VeraBd"
MARGIN: Final = 16 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
INK, _QUIET, LINE = HexColor("#1b1f24"), HexColor("#5a626c"), HexColor("#c9ced4")


@cache
def _fonts() -> None:
    folder = Path(_reportlab).parent / "fonts"
    for name in (FONT, _BOLD):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=_BOLD, italic=FONT, boldItalic=_BOLD)


@cache
def letters() -> frozenset[int]:
    """What both fonts have."""
    _fonts()
    fonts: list[Any] = [pdfmetrics.getFont(name) for name in (FONT, _BOLD)]  # the stubs know no fonts of TrueType
    text, bold = (frozenset(font.face.charToGlyph) for font in fonts)
    return text & bold


@cache
def styles() -> dict[str, Any]:
    """The styles of texts, by name."""
    _fonts()

    def style(size: float, leading: float, font: str = FONT, colour: Any = INK, **more: Any) -> Any:
        return ParagraphStyle("", fontName=font, fontSize=size, leading=leading, textColor=colour, **more)

    return {
        "h0": style(16, 20, _BOLD, spaceAfter=4),
        "h1": style(11.5, 15, _BOLD, spaceBefore=12, spaceAfter=2),
        "h2": style(9, 12, _BOLD, spaceBefore=6, spaceAfter=1),
        "answer": style(11, 15, spaceAfter=6),
        "text": style(8, 11, spaceAfter=2),
        "quiet": style(7.5, 10, colour=_QUIET, spaceAfter=2),
        "label": style(6.5, 8.5, colour=_QUIET),
        "cell": style(7.5, 9.5),
        "more": style(7, 9, colour=_QUIET),
        "figure": style(7.5, 9.5, alignment=2),
    }


class Heading(Paragraph):
    """A heading, which the outline knows."""

    def __init__(self, said: str, style: Any, level: int, plain: str) -> None:
        super().__init__(said, style)
        self.level, self.plain = level, plain

    def split(self, width: float, height: float) -> list[Any]:
        """A heading that does not fit stands on the next page, whole, unless it is longer than one."""
        return super().split(width, height) if self.height > 200 * mm else []


class Pages(BaseDocTemplate):
    """Keeps an outline of the headings beside the pages."""

    _headings = 0

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802  # its name in reportlab
        if isinstance(flowable, Heading) and flowable.level <= 1:
            self._headings += 1
            key = f"h{self._headings}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.plain, key, flowable.level, closed=flowable.level == 0)


class Numbered(Canvas):
    """Pages that say how many there are: set when all are known."""

    def __init__(self, *arguments: Any, head: str, classification: str, foot: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._said = head, classification, foot
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  # its name in reportlab
        self._kept.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # as the numbering of pages is done with reportlab

    def save(self) -> None:
        for number, page in enumerate(self._kept, start=1):
            kept = self._kept
            self.__dict__.update(page)
            self._kept = kept
            self._mark(number, len(kept))
            super().showPage()
        super().save()

    def _mark(self, number: int, pages: int) -> None:
        head, classification, foot = self._said
        top, bottom = A4[1] - 12 * mm, 10 * mm
        self.setFillColor(INK)
        self.setFont(_BOLD, 7)
        self.drawString(MARGIN, top, classification)
        self.setFillColor(_QUIET)
        self.setFont(FONT, 6.5)
        self.drawRightString(A4[0] - MARGIN, top, head)
        self.drawString(MARGIN, bottom, short(foot, 100))
        self.drawRightString(A4[0] - MARGIN, bottom, f"{number} of {pages}")


class State(Flowable):
    """A state as its mark and word."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = word

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return 56, 9.5

    def draw(self) -> None:
        mark = MARKS.get(self._word, UNKNOWN)
        self.canv.setFillColor(HexColor(mark.light))
        _shape(self.canv, self._word, 0, 1.8, 5.5)
        self.canv.setFont(_BOLD, 7.5)
        self.canv.drawString(9, 2, self._word)


def _shape(canvas: Any, word: str, x: float, y: float, size: float) -> None:
    """The shape of a state: in a square of a size, its lower left corner at a point."""
    corners = {
        "at risk": ((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)),
        "degraded": ((0, 0.05), (1, 0.05), (0.5, 0.95)),
        "down": ((0.05, 0.05), (0.95, 0.05), (0.95, 0.95), (0.05, 0.95)),
    }.get(word)
    if corners is None:
        canvas.circle(x + size / 2, y + size / 2, size / 2, stroke=0 if word == "ok" else 1, fill=int(word == "ok"))
        return
    path = canvas.beginPath()
    path.moveTo(x + corners[0][0] * size, y + corners[0][1] * size)
    for across, up in corners[1:]:
        path.lineTo(x + across * size, y + up * size)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


class Drawn(Flowable):
    """A map, as wide as the page, or as high."""

    def __init__(self, map: Map, fit: Any) -> None:
        super().__init__()
        self._map, self._fit = map, fit
        self._scale = min(WIDTH / map.width, 225 * mm / map.height)
        self.height = map.height * self._scale

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return WIDTH, self.height

    def draw(self) -> None:
        canvas, map = self.canv, self._map
        # As in the page, y goes down; texts are turned back where they stand.
        canvas.scale(self._scale, self._scale)
        canvas.setLineWidth(0.8)
        canvas.setStrokeColor(LINE)
        canvas.rect(0, 0, map.width, map.height)
        for number, band in enumerate(map.bands):
            if number:
                canvas.line(0, map.height - band.top + 8, map.width, map.height - band.top + 8)
            canvas.setFillColor(_QUIET)
            canvas.setFont(FONT, 11)
            for line, text in enumerate(lines_of(self._fit(band.name))):
                canvas.drawString(8, map.height - band.top - 24 - 15 * line, text)
        canvas.setStrokeColor(HexColor("#9aa1a9"))
        for arrow in map.arrows:
            middle = map.height - (arrow.y1 + arrow.y2) / 2
            canvas.bezier(
                arrow.x1, map.height - arrow.y1, arrow.x1, middle, arrow.x2, middle, arrow.x2, map.height - arrow.y2
            )
        for box in map.boxes:
            self._box(box)

    def _box(self, box: Box) -> None:
        canvas, y = self.canv, self._map.height - box.y - BOX_HEIGHT
        colour = HexColor(MARKS.get(box.state, UNKNOWN).light)
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.setStrokeColor(colour)
        canvas.setLineWidth(3 if box.begins else 1.5)
        canvas.setDash(*((4, 2) if box.count > 1 else ()))
        canvas.roundRect(box.x, y, BOX_WIDTH, BOX_HEIGHT, 2, stroke=1, fill=1)
        canvas.setDash()
        canvas.setFillColor(colour)
        _shape(canvas, box.state, box.x + 8, y + BOX_HEIGHT - 18, 10)
        canvas.setFillColor(INK)
        canvas.setFont(_BOLD, 12)
        canvas.drawString(box.x + 24, y + BOX_HEIGHT - 17, short(self._fit(box.id or box.name), 15))
        canvas.setFillColor(_QUIET)
        canvas.setFont(FONT, 10.5)
        below = box.name if box.id and box.name != box.id else box.kind
        canvas.drawString(box.x + 8, y + 8, short(self._fit(below), 22))
