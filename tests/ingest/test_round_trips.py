"""What is written in our own format is read as it was, in any order, and only once."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphsms.export import export
from graphsms.ingest import Counts
from graphsms.ingest.exchange import ENTITIES
from graphsms.model import ChangeSet, Entity, Relation, Value
from graphsms.ontology import load
from graphsms.store import Store, open_store
from graphsms.vocabulary import PLACEHOLDER
from imported import content, imported
from strategies import AWKWARD_TEXT, IDS, TEXT, values

VOCABULARY = load()
QUORUMS = {name: one.quorum for name, one in VOCABULARY.types.items() if one.quorum is not None}
# Types of which nothing is demanded, and properties that may have any value of their datatype.
DEMANDED = {one.target for one in VOCABULARY.constraints if one.min_count}
FREE_TYPES = sorted(
    name for name, one in VOCABULARY.types.items() if not {name, *one.ancestors} & DEMANDED and name not in QUORUMS
)
BOUND = {
    one.path for one in VOCABULARY.constraints if one.max_count != 1 or one.pattern or one.less_than or one.min_length
}
BOUND |= {one.path for one in VOCABULARY.constraints if one.min_inclusive is not None or one.less_than_or_equals}
BOUND |= {one.less_than_or_equals for one in VOCABULARY.constraints if one.less_than_or_equals} | {
    PLACEHOLDER,
    "validTo",
}
COUNTED = {one.path for one in VOCABULARY.constraints if one.path in VOCABULARY.relations}
QUALIFYING = [one for one in VOCABULARY.properties.values() if one.on_relations and one.name not in BOUND]

USABLE_IDS = IDS.filter(lambda id: id == id.strip() and id.isprintable())


def free_properties(type: str) -> st.SearchStrategy[dict[str, Value]]:
    own = [one for one in VOCABULARY.properties_of(type) if one.name not in BOUND]
    return st.fixed_dictionaries({}, optional={one.name: values(one, VOCABULARY) for one in own[:12]})


@st.composite
def estates(draw: st.DrawFn) -> tuple[list[Entity], list[Relation]]:
    """Graphs that break no rule, with groups among them."""
    entities = []
    for id in draw(st.lists(USABLE_IDS, min_size=1, max_size=6, unique=True)):
        type = draw(st.sampled_from(FREE_TYPES))
        entities.append(Entity(id, type, draw(free_properties(type))))
    relations: dict[tuple[str, str, str], Relation] = {}
    for _ in range(draw(st.integers(0, 6))):
        one, other = draw(st.sampled_from(entities)), draw(st.sampled_from(entities))
        fitting = [
            name
            for name, relation in VOCABULARY.relations.items()
            if one.id != other.id
            and name not in COUNTED
            and VOCABULARY.any_of(one.type, relation.domain)
            and VOCABULARY.any_of(other.type, relation.range)
        ]
        if fitting:
            type = draw(st.sampled_from(fitting))
            said = draw(st.fixed_dictionaries({}, optional={p.name: values(p, VOCABULARY) for p in QUALIFYING}))
            relations[one.id, type, other.id] = Relation(type, one.id, other.id, said)
    for group, quorum in QUORUMS.items():
        range_ = VOCABULARY.relations[quorum.relation].range
        members = [one.id for one in entities if VOCABULARY.any_of(one.type, range_)]
        wanted: bool = draw(st.booleans())
        if members and wanted:
            entities.append(Entity("the group", group, {quorum.property: draw(st.integers(1, len(members)))}))
            relations |= {(m, "", ""): Relation(quorum.relation, "the group", m) for m in members}
    return entities, list(relations.values())


def items(entities: list[Entity], relations: list[Relation]) -> list[dict[str, Any]]:
    """Entities as a person would state them in a file."""
    found = []
    for one in entities:
        item: dict[str, Any] = {"id": one.id, "type": one.type, **one.properties}
        for relation in relations:
            if relation.subject == one.id:
                target = {"to": relation.object, **relation.properties} if relation.properties else relation.object
                item.setdefault(relation.type, []).append(target)
        found.append(item)
    return found


@contextmanager
def empty_stores(number: int) -> Iterator[tuple[Path, list[Store]]]:
    with tempfile.TemporaryDirectory() as folder:
        stores = [open_store(f"{folder}/{n}.db") for n in range(number)]
        try:
            yield Path(folder), stores
        finally:
            for store in stores:
                store.close()


ESTATES = estates()
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(ESTATES)
@SETTINGS
def test_what_is_canonical_survives_the_exchange_format(estate: tuple[list[Entity], list[Relation]]) -> None:
    with empty_stores(3) as (folder, (store, from_yaml, from_json)):
        store.apply(ChangeSet(*estate))
        export(store, "exchange", folder / "estate.yaml")
        export(store, "exchange-json", folder / "estate.json")
        imported(from_yaml, folder / "estate.yaml")
        imported(from_json, folder / "estate.json")
        assert content(from_yaml) == content(store)
        assert content(from_json) == content(store)
        again = imported(store, folder / "estate.yaml")  # who says so is all that is new
        assert (again.created, again.changed, content(store)) == (Counts(), Counts(), content(from_yaml))
        assert imported(store, folder / "estate.yaml").revision == again.revision


@given(ESTATES, st.randoms(use_true_random=False))
@SETTINGS
def test_neither_the_order_of_a_file_nor_a_second_import_changes_anything(
    estate: tuple[list[Entity], list[Relation]], random: Any
) -> None:
    stated = items(*estate)
    with empty_stores(2) as (folder, (store, other)):
        file = folder / "estate.json"
        file.write_text(json.dumps({ENTITIES: stated}), encoding="utf-8")
        first = imported(store, file)
        assert (first.created.entities, first.created.relations) == (len(estate[0]), len(estate[1]))
        assert imported(store, file).revision == first.revision
        shuffled = [dict(random.sample(list(one.items()), len(one))) for one in random.sample(stated, len(stated))]
        file.write_text(json.dumps({ENTITIES: shuffled}), encoding="utf-8")
        assert imported(store, file).revision == first.revision
        imported(other, file)
        assert content(other) == content(store)


@given(st.one_of(AWKWARD_TEXT, TEXT))
@SETTINGS
def test_any_text_is_read_as_it_is(name: str) -> None:
    with empty_stores(1) as (folder, (store,)):
        file = folder / "estate.json"
        file.write_text(
            json.dumps({ENTITIES: [{"id": "a", "type": FREE_TYPES[0], "description": name}]}), encoding="utf-8"
        )
        imported(store, file)
        (found,) = store.entities()
        assert found.properties == {"description": name}
