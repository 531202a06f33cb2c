"""What goes in comes out: every value, every character, at any size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from contract.conftest import NewStore, Reopen
from contract.samples import ESTATE, content
from graphsms.history.verification import verify_journal
from graphsms.model import ChangeSet, Entity, Relation, Value
from graphsms.ontology import load
from graphsms.store import Store
from strategies import graphs

TEXTS = {
    "German": "Größe in Zürich",
    "composed": "\u00e9",
    "combining": "e\u0301",
    "astral": "🗻𝔘",
    "family of emoji": "👩\u200d👩\u200d👧",
    "right to left": "שלום عليكم",
    "white space": "  tab\there, line\nhere, carriage\rreturn ",
    "control characters": "\x01\x1b\x7f\x85\u2028",
    "quotes": "'single' \"double\" `back` \\ %s {} $x :x ?",
    "byte order mark": "\ufeffx\ufffe",
    "zero width": "\u200b",
    "dotless i": "ıİ",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_character_survives_in_ids_names_and_sources(store: Store, reopen: Reopen, text: str) -> None:
    entity = Entity(text, "Server", {"name": text, "tag": (text,)}, text)
    relation = Relation("dependsOn", text, text, {"description": text}, text)
    store.apply(ChangeSet([entity], [relation], actor=text, reason=text, request=text, source=text))
    again = reopen()
    assert content(again) == ([entity], [relation])
    assert again.entity(text) == entity
    assert again.keys([text]) == [1]
    made = again.revision()
    assert {made.actor, made.reason, made.request, made.source} == {text}
    assert verify_journal(again).intact


def test_ids_that_look_alike_stay_apart(store: Store) -> None:
    ids = sorted(["a", "A", "a ", "a\u0301", "á", "ａ", "0", "00", "0.0", "\u0430"])
    store.apply(ChangeSet([Entity(id, "Server") for id in ids]))
    assert [entity.id for entity in store.entities()] == ids


VALUES: dict[str, Value] = {
    "empty text": "",
    "text that is a number": "007",
    "whole number": 2**63 - 1,
    "negative": -(2**63),
    "zero": 0,
    "small fraction": 5e-324,
    "great fraction": 1.7976931348623157e308,
    "float of a whole number": 3.0,
    "decimal": 0.1,
    "true": True,
    "false": False,
    "date": "2026-02-28",
    "date and time": "2026-11-21T09:30:00.123456Z",
    "first moment": "0001-01-01T00:00:00Z",
    "duration": "P1Y2M3DT4H5M6.5S",
    "list": ("a", "b", "ä"),
    "list of one": ("a",),
    "list of numbers": (1, 2, 3),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_every_kind_of_value_comes_back_as_what_it_was(store: Store, reopen: Reopen, value: Value) -> None:
    entity, relation = Entity("a", "Server", {"value": value}), Relation("dependsOn", "a", "a", {"value": value})
    store.apply(ChangeSet([entity], [relation]))
    (found,), (edge,) = content(reopen())
    assert (found, edge) == (entity, relation)
    assert type(found.properties["value"]) is type(edge.properties["value"]) is type(value)
    assert store.apply(ChangeSet([entity], [relation])).number == 1


def test_a_megabyte_of_text_is_no_trouble(store: Store) -> None:
    long = "Zürich 🗻 " * 100_000
    entity = Entity("a", "Server", {"description": long})
    store.apply(ChangeSet([entity, Entity("b", "Server")], [Relation("dependsOn", "a", "b", {"description": long})]))
    assert store.entity("a") == entity
    assert [relation.properties["description"] for relation in store.relations()] == [long]
    assert store.find("zürich 🗻") == []  # it is no part of the name


def test_a_long_id_is_one_like_any_other(store: Store) -> None:
    id = "component:" + "x" * 2000
    store.apply(ChangeSet([Entity(id, "Server")], [Relation("dependsOn", id, id)]))
    assert [entity.id for entity in store.find("X" * 2000)] == [id]
    assert store.keys([id]) == [1]


def test_an_entity_may_have_hundreds_of_properties(store: Store) -> None:
    entity = Entity("a", "Server", {f"property{number:03}": number for number in range(500)})
    store.apply(ChangeSet([entity]))
    assert store.entity("a") == entity


def test_100_000_entities_and_as_many_relations_come_out_as_they_went_in(store: Store, reopen: Reopen) -> None:
    def entities() -> Iterator[Entity]:
        for number in range(100_000):
            properties: dict[str, Value] = {"name": f"Rechner {number} 🖥", "tag": ("a", f"b{number % 7}")}
            yield Entity(f"server-{number * 7 % 100_000:06}", "Server", properties, f"source {number % 3}")

    def relations() -> Iterator[Relation]:
        for number in range(100_000):
            properties: dict[str, Value] = {"strength": "soft"} if number % 11 == 0 else {}
            other = number * number % 100_000
            yield Relation("dependsOn", f"server-{number:06}", f"server-{other:06}", properties, "cmdb")

    made = store.apply(ChangeSet(entities(), relations()))
    assert made.created == 200_000
    again = reopen()
    assert list(again.entities()) == sorted(entities(), key=lambda entity: entity.id)
    assert list(again.relations()) == sorted(relations(), key=lambda relation: relation.key)
    assert again.counts() == {"Server": 100_000, "dependsOn": 100_000}
    assert again.apply(ChangeSet(entities(), relations())) == made


def test_ids_and_texts_of_any_ontology_term_come_out_as_they_went_in(new_store: NewStore) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(graphs(load()))
    def the_same(graph: tuple[list[Entity], list[Relation]]) -> None:
        with new_store() as store:
            store.apply(ChangeSet(*graph))
            assert content(store) == graph
            assert verify_journal(store).intact

    the_same()


def test_what_the_organization_has_set_is_kept_and_makes_no_revision(store: Store, reopen: Reopen) -> None:
    assert store.setting("zone") is None
    store.set_setting("zone", "Europe/Berlin")
    store.set_setting("zone", "Europe/Zurich")
    assert reopen().setting("zone") == "Europe/Zurich"
    assert store.revision().number == 0


def test_a_store_has_one_identity_for_life(store: Store, reopen: Reopen) -> None:
    store.apply(ESTATE)
    assert store.identity
    assert reopen().identity == store.identity
