"""A map has all that is hit on it, lines that go up, and never more than it can bear."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from graphsms.report.map import BOX_HEIGHT, BOX_WIDTH, WIDTH, Map, Spot, lay_out

BANDS = [(0, "Customers"), (1, "Services"), (2, "Configuration items")]


@st.composite
def spots(draw: st.DrawFn) -> list[Spot]:
    """What is hit, through what was drawn before it, in a band no lower."""
    found: list[Spot] = []
    for number in range(draw(st.integers(0, 40))):
        band = draw(st.integers(0, min((2, *(one.band[0] for one in found[-1:])))))
        through = draw(st.lists(st.sampled_from(found), max_size=3)) if found else []
        state = draw(st.sampled_from(["at risk", "degraded", "down"]))
        kind = draw(st.sampled_from(["server", "database"]))
        ids = tuple(sorted({one.id for one in through}))
        found.append(Spot(f"n{number:02}", f"Node {number}", kind, state, BANDS[band], ids, begins=not ids))
    return found


def laid_out(some: list[Spot]) -> Map:
    made = lay_out(some)
    assert made is not None
    return made


@given(spots())
def test_everything_is_on_it_alone_or_folded(some: list[Spot]) -> None:
    made = lay_out(some)
    assert sum(box.count for box in made.boxes) == len(some) if made else not some


@given(spots().filter(bool))
def test_boxes_stand_on_the_page_and_not_on_each_other(some: list[Spot]) -> None:
    made = laid_out(some)
    for box in made.boxes:
        assert 0 <= box.x <= WIDTH - BOX_WIDTH
        assert 0 <= box.y <= made.height - BOX_HEIGHT
    places = sorted((box.y, box.x) for box in made.boxes)
    for (y, x), (below, beside) in pairwise(places):
        assert below >= y + BOX_HEIGHT or (below == y and beside >= x + BOX_WIDTH)


@given(spots().filter(bool))
def test_what_is_hit_stands_above_what_it_is_hit_through(some: list[Spot]) -> None:
    made = laid_out(some)
    alone = {box.id: box for box in made.boxes if box.id}
    for one in some:
        for id in one.through:
            if one.id in alone and id in alone:
                assert alone[one.id].y < alone[id].y


@given(spots().filter(bool), st.randoms(use_true_random=False))
def test_it_does_not_depend_on_the_order(some: list[Spot], random: object) -> None:
    mixed = list(some)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert lay_out(mixed) == lay_out(some)


def test_a_hundred_thousand_are_folded_into_a_few() -> None:
    seed = Spot("db", "db", "database", "down", BANDS[2], begins=True)
    many = [Spot(f"s{number}", f"s{number}", "service", "down", BANDS[1], ("db",)) for number in range(100_000)]
    made = laid_out([seed, *many])
    assert [(box.name, box.count) for box in made.boxes] == [("100000 × service", 100_000), ("db", 1)]
    assert made.note == "1 of the boxes stands for several; the tables name them."


def test_reasons_that_go_round_in_a_circle_are_laid_out_all_the_same() -> None:
    a = Spot("a", "a", "service", "down", BANDS[1], ("b",))
    b = Spot("b", "b", "service", "down", BANDS[1], ("a",))
    assert len(laid_out([a, b]).boxes) == 2


def test_nothing_makes_no_map() -> None:
    assert lay_out([]) is None
