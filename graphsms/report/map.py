"""Maps of what is hit: layers from customers down to what is touched, laid out once for every form.

Bands follow from the headings of the ontology; within a band, a node stands one row above the highest that it is hit
through there, so that lines go up. Where a row has more than it can bear, nodes of one type and state are folded into
one with a count: the tables beside the map hold all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Arrow", "Band", "Box", "Map", "Spot", "lay_out", "lines_of", "short"]

WIDTH: Final = 960
MARGIN: Final = 8
BAND_WIDTH: Final = 112  # for the names of bands
BOX_WIDTH: Final = 154
BOX_HEIGHT: Final = 40
ACROSS: Final = 16
DOWN: Final = 36
IN_LINE: Final = 5
MOST_IN_ROW: Final = 10
_SWEEPS: Final = 4
_BAND_LETTERS: Final = 15


@dataclass(frozen=True, slots=True)
class Spot:
    """Something to be shown on a map.

    Parameters
    ----------
    id, name, kind, state : str
        ``kind`` is the label of its type.
    band : tuple of int and str
        Rank and heading of the band in which it stands; lower ranks are further up.
    through : tuple of str
        Ids of what it is hit through.
    begins : bool
        Whether it is what the question starts from.
    """

    id: str
    name: str
    kind: str
    state: str
    band: tuple[int, str]
    through: tuple[str, ...] = ()
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A node in its place; ``count`` is how many it stands for."""

    id: str
    name: str
    kind: str
    state: str
    x: int
    y: int
    count: int = 1
    begins: bool = False

    @property
    def middle(self) -> int:
        """Where lines meet it."""
        return self.x + BOX_WIDTH // 2


@dataclass(frozen=True, slots=True)
class Band:
    """A layer: its name, and from where to where it goes."""

    name: str
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line up from what is hit first (x1, y1) to what is hit through it (x2, y2)."""

    x1: int
    y1: int
    x2: int
    y2: int
    state: str


@dataclass(frozen=True, slots=True)
class Map:
    """A map, laid out."""

    width: int
    height: int
    bands: tuple[Band, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    note: str = ""

    @property
    def states(self) -> tuple[str, ...]:
        """The states on it, in the order in which they are met."""
        return tuple(dict.fromkeys(box.state for box in self.boxes))


@dataclass(slots=True, eq=False)
class _Node:
    """A node before it has its place: a spot, or several folded."""

    spots: list[Spot]
    row: tuple[int, int] = (0, 0)
    order: float = 0.0

    @property
    def first(self) -> Spot:
        return self.spots[0]


def lay_out(spots: Iterable[Spot]) -> Map | None:
    """Lay a map out; None where there is nothing to show.

    Notes
    -----
    Four sweeps over the lines put each node near what it is connected with; ties stand in order of ids. Proportional
    to nodes and lines, the sorting of rows apart.

    Examples
    --------
    >>> found = lay_out([
    ...     Spot("db", "db", "Database", "down", (2, "Configuration items"), begins=True),
    ...     Spot("web", "web", "Service", "down", (1, "Services"), ("db",)),
    ... ])
    >>> [(box.id, box.y) for box in found.boxes], len(found.arrows)
    ([('web', 16), ('db', 100)], 1)
    """
    every = sorted(spots, key=lambda one: (one.band, one.id))
    if not every:
        return None
    rows = {row: _fold(some) for row, some in sorted(_by_row(every).items())}
    placed = {spot.id: node for nodes in rows.values() for node in nodes for spot in node.spots}
    links = _links(placed)
    _arrange(list(rows.values()), links)
    return _place(rows, dict(one.band for one in every), links)


def _by_row(spots: Sequence[Spot]) -> dict[tuple[int, int], list[Spot]]:
    """By band and row within it, which stands one above the highest that leads to it there."""
    levels = _levels({one.id: one for one in spots})
    found: dict[tuple[int, int], list[Spot]] = {}
    for one in spots:
        found.setdefault((one.band[0], -levels[one.id]), []).append(one)
    return found


def _levels(spots: Mapping[str, Spot]) -> dict[str, int]:
    """Within its band, how many steps lead to each at most; reasons do not go round in circles."""
    inner = {one.id: [id for id in one.through if id in spots and spots[id].band == one.band] for one in spots.values()}
    outer: dict[str, list[str]] = {}
    for id, needed in inner.items():
        for other in needed:
            outer.setdefault(other, []).append(id)
    left = {id: len(needed) for id, needed in inner.items()}
    found = dict.fromkeys(spots, 0)
    ready = [id for id, number in left.items() if not number]
    for id in ready:  # grows as it is gone through
        for other in outer.get(id, ()):
            found[other] = max(found[other], found[id] + 1)
            left[other] -= 1
            if not left[other]:
                ready.append(other)
    # What is hit through a higher band stands at the top of its own.
    for one in spots.values():
        if not inner[one.id] and not one.begins and any(spots[id].band < one.band for id in one.through if id in spots):
            found[one.id] = max(found[id] for id, other in spots.items() if other.band == one.band)
    return found


def _fold(spots: Sequence[Spot]) -> list[_Node]:
    """One node each, where they are few; else those of one kind and state together, the largest groups first."""
    if len(spots) <= MOST_IN_ROW:
        return [_Node([one]) for one in spots]
    groups: dict[tuple[str, str], list[Spot]] = {}
    for one in spots:
        groups.setdefault((one.kind, one.state), []).append(one)
    if len(groups) > MOST_IN_ROW:
        groups = {}
        for one in spots:
            groups.setdefault(("", one.state), []).append(one)
    parts = [some for _, some in sorted(groups.items(), key=lambda item: (len(item[1]), item[0]))]
    # The smallest groups are shown one by one as far as there is room for them.
    found: list[_Node] = []
    for position, some in enumerate(parts):
        room = MOST_IN_ROW - len(found) - (len(parts) - position - 1)
        found += [_Node([one]) for one in some] if len(some) <= room else [_Node(some)]
    return found


def _links(placed: Mapping[str, _Node]) -> list[tuple[_Node, _Node]]:
    """Lines between nodes, each once: from what is hit first to what is hit through it."""
    found: dict[tuple[_Node, _Node], None] = {}
    for node in dict.fromkeys(placed.values()):
        for spot in node.spots:
            for id in spot.through:
                other = placed.get(id)
                if other is not None and other is not node:
                    found[other, node] = None
    return list(found)


def _arrange(rows: Sequence[list[_Node]], links: Sequence[tuple[_Node, _Node]]) -> None:
    """Put each node of a row near the middle of what it is connected with, in sweeps down and up."""
    below: dict[_Node, list[_Node]] = {}
    above: dict[_Node, list[_Node]] = {}
    for lower, upper in links:
        below.setdefault(upper, []).append(lower)
        above.setdefault(lower, []).append(upper)
    for row in rows:
        _number(row)
    for sweep in range(_SWEEPS):
        beside, way = (above, rows) if sweep % 2 else (below, rows[::-1])
        for row in way:
            wanted = {
                node: sum(one.order for one in beside[node]) / len(beside[node]) if node in beside else node.order
                for node in row
            }
            row.sort(key=lambda node: (wanted[node], node.first.id))
            _number(row)


def _number(row: Sequence[_Node]) -> None:
    """Positions from 0 to 1, so that rows of different lengths can be compared."""
    for position, node in enumerate(row):
        node.order = (position + 0.5) / len(row)


def _place(
    rows: Mapping[tuple[int, int], list[_Node]],
    names: Mapping[int, str],
    links: Sequence[tuple[_Node, _Node]],
) -> Map:
    boxes: dict[_Node, Box] = {}
    bands: list[Band] = []
    y = MARGIN
    for (rank, _), nodes in rows.items():
        if bands and bands[-1].name == names[rank]:
            top = bands.pop().top
        else:
            top = y
        y += MARGIN
        for start in range(0, len(nodes), IN_LINE):
            line = nodes[start : start + IN_LINE]
            free = WIDTH - BAND_WIDTH - len(line) * BOX_WIDTH - (len(line) - 1) * ACROSS
            x = BAND_WIDTH + max(0, free // 2)
            for node in line:
                boxes[node] = _box(node, x, y)
                x += BOX_WIDTH + ACROSS
            y += BOX_HEIGHT + (ACROSS if start + IN_LINE < len(nodes) else DOWN)
        bands.append(Band(names[rank], top, y))
    arrows = tuple(_arrow(boxes[lower], boxes[upper]) for lower, upper in links)
    folds = sum(len(node.spots) > 1 for nodes in rows.values() for node in nodes)
    note = (
        "" if not folds else f"{folds} of the boxes stand{'s' if folds == 1 else ''} for several; the tables name them."
    )
    return Map(WIDTH, y, tuple(bands), tuple(boxes.values()), arrows, note)


def _arrow(first: Box, then: Box) -> Arrow:
    """From what is hit first to what is hit through it, which mostly stands above."""
    up = then.y < first.y
    return Arrow(
        first.middle,
        first.y if up else first.y + BOX_HEIGHT,
        then.middle,
        then.y + BOX_HEIGHT if up else then.y,
        then.state,
    )


def _box(node: _Node, x: int, y: int) -> Box:
    one, count = node.first, len(node.spots)
    if count == 1:
        return Box(one.id, one.name, one.kind, one.state, x, y, begins=one.begins)
    kind = one.kind if len({spot.kind for spot in node.spots}) == 1 else "of several types"
    return Box("", f"{count} × {kind}", kind, one.state, x, y, count, any(spot.begins for spot in node.spots))


def short(text: str, most: int) -> str:
    """A text of at most so many characters.

    Examples
    --------
    >>> short("clinical-records", 12)
    'clinical-re…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def lines_of(name: str) -> list[str]:
    """The name of a band, in lines that are no longer than it is wide.

    Examples
    --------
    >>> lines_of("Customers and other parties")
    ['Customers and', 'other parties']
    """
    found: list[str] = []
    for word in name.split():
        if found and len(found[-1]) + len(word) < _BAND_LETTERS:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found
