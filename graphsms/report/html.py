"""Documents as one HTML page that needs nothing else: no script, no file from elsewhere, sealed by its own policy.

The data that programs read stand in it as a block that no browser runs, so that a page can be compared with another.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphsms.errors import InputError
from graphsms.report.document import Document, Listing, Row, folded, text_of
from graphsms.report.map import BOX_HEIGHT, BOX_WIDTH, Box, lines_of, short
from graphsms.report.marks import MARKS, UNKNOWN
from graphsms.report.tables import plain

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

__all__ = ["data_of", "to_html"]

MOST_ROWS: Final = 500  # of one table
MOST_COLUMNS: Final = 9
MOST_DATA: Final = 8 << 20  # characters; what is more makes a file that no mail takes
SHORT_DATA: Final = 64 << 10
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d)?", re.ASCII)
_FOLDER: Final = Path(__file__).parent / "templates"
_BEGIN: Final = '<script type="application/json" id="pack">'
_END: Final = "</script>"

# Light and dark; contrast 4.5 : 1 for text on the page.
_COLOURS: Final = {
    "page": ("#ffffff", "#15181c"),
    "text": ("#1b1f24", "#e6e9ed"),
    "quiet": ("#5a626c", "#a3abb5"),
    "line": ("#d5d9de", "#363c44"),
    "accent": ("#0b57c2", "#86b4ff"),
    "mark": ("#fff3c4", "#3b3413"),
}


def to_html(document: Document) -> str:
    """A document as a page of HTML.

    Notes
    -----
    Of a table, the first 500 rows are shown, and it is said that there are more.

    Examples
    --------
    >>> from graphsms.report.document import Chapter
    >>> front = Chapter("rfc-1", "Hits nothing.")
    >>> made = Document("CAB pack", "rfc-1 <b>", (front,), (), "internal", "Revision 1.", "")
    >>> "rfc-1 &lt;b&gt;" in to_html(made), "http://" in to_html(made)
    (True, False)
    """
    style = _style()
    data, whole = _data(document)
    note = "" if whole else " The data for programs are too many for this page; its JSON form has all of them."
    anchors = _anchors(document)
    used: set[str] = set()

    def first_use(name: str) -> bool:
        """Whether a name stands for a row, and has not been given yet: an id stands once on a page."""
        first = name not in used and "r" in name
        used.add(name)
        return first

    return _template().render(
        document=document,
        style=_safe(style),
        style_hash=f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}",
        island=_safe(data.replace("<", "\\u003c")) if document.data else "",
        island_note=note,
        anchors=anchors,
        first_use=first_use,
        box_width=BOX_WIDTH,
        box_height=BOX_HEIGHT,
    )


def data_of(page: str) -> Any:
    """The data in a page that `to_html` has made.

    Raises
    ------
    InputError
        There are none, or they cannot be read.
    """
    _, begins, rest = page.partition(_BEGIN)
    data, ends, _ = rest.partition(_END)
    if not begins or not ends:
        raise InputError(
            "The page holds no data of a pack: it was made by something else, or the pack was too large for it."
        )
    try:
        return json.loads(data)
    except ValueError as error:
        raise InputError(f"The data in the page cannot be read: {error}.") from None


def _data(document: Document) -> tuple[str, bool]:
    """The data of a page, and whether they are whole: where they are too many, what is short of them stands alone."""
    parts = {
        key: json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=plain)
        for key, value in sorted(document.data.items())
    }
    whole = sum(map(len, parts.values())) <= MOST_DATA
    kept = (f"{json.dumps(key)}:{text}" for key, text in parts.items() if whole or len(text) <= SHORT_DATA)
    return f"{{{','.join(kept)}}}", whole


def _anchors(document: Document) -> list[dict[str, str]]:
    """For each chapter, by what chapters and its own rows stand for, a name to be led to that any browser takes."""
    chapters = {id: f"c{number}" for number, one in enumerate(document.chapters[1:], start=2) for id in one.about}
    found: list[dict[str, str]] = []
    for number, chapter in enumerate(document.chapters, start=1):
        names = dict(chapters)
        for section in chapter.sections:
            for listing in section.listings:
                for row in listing.rows[:MOST_ROWS]:
                    if row.anchor:
                        names.setdefault(row.anchor, f"c{number}r{len(names) + 1}")
        found.append(names)
    return found


@cache
def _style() -> str:
    rules = [f"--{name}:light-dark({light},{dark})" for name, (light, dark) in _COLOURS.items()]
    rules += [f"--{_slug(mark.word)}:light-dark({mark.light},{mark.dark})" for mark in MARKS.values()]
    coloured = [
        f".s-{slug}{{color:var(--{slug})}}.n-{slug} rect{{stroke:var(--{slug})}}.n-{slug} .figure{{fill:var(--{slug})}}"
        for slug in map(_slug, MARKS)
    ]
    switch = (
        ":root{color-scheme:light dark}"
        ":root:has(#theme-light:checked){color-scheme:light}"
        ":root:has(#theme-dark:checked){color-scheme:dark}"
    )
    text = (_FOLDER / "document.css").read_text("utf-8")
    return "\n".join(("", switch, f":root{{{';'.join(rules)}}}", *coloured, text))


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["whole"] = _whole
    made.globals.update(
        slug=_slug,
        shape=_shape,
        text_of=text_of,
        fold=_fold,
        gathered=_gathered,
        figure=_figure,
        short=short,
        lines=lines_of,
    )
    return made.get_template("document.html")


def _safe(text: str) -> Markup:
    """What is our own, and stands as it is."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  # the style sheet, and JSON in which no tag can begin


def _whole(text: str) -> Markup:
    """A text whose dates are not broken at the end of a line."""
    from markupsafe import escape

    return _safe(_DATE.sub(r'<span class="date">\g<0></span>', str(escape(text))))


def _slug(word: str) -> str:
    return word.replace(" ", "-") if word in MARKS else _slug(UNKNOWN.word)


def _shape(word: str) -> str:
    return MARKS.get(word, UNKNOWN).shape


def _fold(rows: Sequence[Row]) -> tuple[Sequence[Row], str]:
    return folded(rows, MOST_ROWS)


def _gathered(listing: Listing) -> Listing:
    return listing.gathered(MOST_COLUMNS)


_FIGURES: Final = {
    "ok": "M0 5a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    "at risk": "M5 0l5 5l-5 5l-5-5z",
    "degraded": "M5 .5l5 9h-10z",
    "down": "M.5 .5h9v9h-9z",
}


def _figure(box: Box) -> Markup:
    """The shape of a state, drawn: fonts differ."""
    path = _FIGURES.get(box.state, _FIGURES["ok"])
    return _safe(f'<path class="figure" transform="translate({box.x + 8} {box.y + 8})" d="{path}"/>')
