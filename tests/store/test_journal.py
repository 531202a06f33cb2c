"""The hash chain, computed a second time by hand from what its documentation says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.samples import ENTITIES, ESTATE, RELATIONS
from graphsms.errors import CorruptError, InputError
from graphsms.model import ChangeSet, Touched, Value
from graphsms.ontology import load
from graphsms.store import journal
from graphsms.store.journal import Images, canonical_json, entity_image, image, properties_from, relation_image
from graphsms.store.sqlite import SqliteStore

SCALARS = st.one_of(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans())
VALUES: st.SearchStrategy[Value] = st.one_of(SCALARS, st.lists(SCALARS).map(tuple))
PROPERTIES = st.dictionaries(st.text(), VALUES)


def by_hand(previous: str, fields: list[object], images: list[str]) -> str:
    digests = sorted({hashlib.sha256(one.encode()).digest() for one in images})
    covered = [previous, *fields, hashlib.sha256(b"".join(digests)).hexdigest()]
    return hashlib.sha256(json.dumps(covered, separators=(",", ":")).encode()).hexdigest()


def counted(*fields: str) -> str:
    return "".join(f"{len(field)}:{field}" for field in fields)


def test_a_revision_is_hashed_over_the_one_before_its_fields_and_its_images(tmp_path: Path) -> None:
    time = "2026-11-21T09:30:00.000000Z"
    with SqliteStore.open(str(tmp_path / "estate.db"), load(), clock=lambda: time) as store:
        first = store.apply(ESTATE)
        second = store.apply(ChangeSet(removed_entities=["app"], actor="Zoë"))
    stated = ["entity " + counted(e.id, e.type, canonical_json(e.properties), e.source or "") for e in ENTITIES] + [
        "relation " + counted(*r.key, canonical_json(r.properties), r.source or "") for r in RELATIONS
    ]
    assert first.hash == by_hand("", [1, time, "Ada", "first import", "RFC-1", "cmdb", 9, 0, 0], stated)
    gone = [
        "no entity " + counted("app"),
        "no relation " + counted("app", "dependsOn", "group"),
        "no relation " + counted("web", "dependsOn", "app"),
    ]
    assert second.hash == by_hand(first.hash, [2, time, "Zoë", "", "", "", 0, 0, 3], gone)


@given(st.lists(st.text(max_size=3)), st.sets(st.text(max_size=3)), st.integers(1, 5), st.sampled_from([0, 2, 1000]))
def test_images_come_to_the_same_hash_in_memory_and_on_disk(
    given: list[str], without: set[str], held: int, many: int
) -> None:
    kept = sorted({hashlib.sha256(one.encode()).digest() for one in set(given) - without})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "_HELD", held * 256)  # so many of each of the 256 parts
        patch.setattr(journal, "_MANY", many)
        with Images() as images:
            for one in given:
                images.add(one)
            for one in without:
                images.withdraw(one)
            assert images.digest() == hashlib.sha256(b"".join(kept)).digest()
        with Images() as images:
            for start in range(0, len(given), 4):
                images.add_all(given[start : start + 4])
            for one in without:
                images.withdraw(one)
            assert images.digest() == hashlib.sha256(b"".join(kept)).digest()


def test_very_many_images_come_to_the_hash_of_their_digests_in_order() -> None:
    given = [str(number) for number in range(300_000)]
    kept = sorted(hashlib.sha256(one.encode()).digest() for one in given)
    for again in ([], given[7:9]):
        with Images() as images:
            images.add_all(given)
            images.add_all(again)
            assert images.digest() == hashlib.sha256(b"".join(kept)).digest()


@given(PROPERTIES)
def test_properties_are_what_their_canonical_text_says(properties: dict[str, Value]) -> None:
    text = canonical_json(properties)
    assert properties_from(text) == properties
    assert canonical_json(properties_from(text)) == text
    assert canonical_json(dict(reversed(properties.items()))) == text


@given(st.tuples(*[st.text(max_size=4)] * 4), st.tuples(*[st.text(max_size=4)] * 4))
def test_no_two_entities_have_one_image(one: tuple[str, str, str, str], other: tuple[str, str, str, str]) -> None:
    assert (entity_image(*one) == entity_image(*other)) == (one == other)
    assert relation_image(*one, "") != entity_image(*one)


@pytest.mark.parametrize("text", ["", "[1]", '"x"', "{", "7", "null", "nonsense"])
def test_a_text_that_is_no_properties_is_corrupt(text: str) -> None:
    with pytest.raises(CorruptError, match="backup"):
        properties_from(text)


def test_half_a_character_has_no_image() -> None:
    with Images() as images, pytest.raises(InputError, match="surrogate"):
        images.add("\ud800")
    for many in (0, 10):
        with pytest.MonkeyPatch.context() as patch, Images() as images:
            patch.setattr(journal, "_MANY", many)
            with pytest.raises(InputError, match="surrogate"):
                images.add_all(["plain", "\ud800"])


def test_what_was_neither_before_nor_after_is_corrupt() -> None:
    with pytest.raises(CorruptError, match="Revision 3"):
        image(Touched(3, None, None))
