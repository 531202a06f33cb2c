"""The catalogue on every store: guidance and other frameworks can be followed to what is demanded, and back."""

from __future__ import annotations

from graphsms.clauses import catalogue
from graphsms.obligations import Assurance
from graphsms.ontology import load
from graphsms.store import Store


def test_guidance_and_counterparts_are_there_once_the_catalogue_is_loaded(store: Store) -> None:
    assured = Assurance(store)
    first = assured.load(actor="ann")
    known = catalogue(load())
    guidance = {one.id for one in store.entities(type="GuidanceItem")}
    assert guidance == set(known.guidance)
    led = {(one.type, one.object) for one in store.relations(subjects=["guide/checklist-8.7.1-4"])}
    assert {
        ("guides", "iso-20000-1-2018/8.7.1-1"),
        ("correspondsTo", "iso-20000-1-2011/6.3.2-5"),
        ("statedIn", "guide"),
    } <= led
    back = {one.subject for one in store.relations(objects=["iso-20000-1-2018/8.6.1-7_2"]) if one.type == "guides"}
    assert "guide/indicator-major-incidents" in back
    beside = {one.object for one in store.relations(subjects=["iso-20000-1-2018/8.5.1"]) if one.type == "correspondsTo"}
    assert beside == {one.id for one in known.counterparts["iso-20000-1-2018/8.5.1"]}
    indicator = store.entity("guide/indicator-sla-attainment")
    assert indicator is not None
    computable = indicator.properties["computableBy"]
    assert isinstance(computable, tuple)
    assert set(computable) == set(known.guidance[indicator.id].computable)
    assert assured.load(actor="ann").number == first.number  # again, and nothing is new
