"""Changes to small estates at random, each made of what is there: for histories on any store."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from graphsms.model import ChangeSet, Entity, Relation
from graphsms.store import Store
from small_estates import entities, relations


@dataclass(frozen=True)
class Edit:
    """Entities to put or remove, then relations to put or remove, all by id."""

    put: tuple[Entity, ...]
    removed: tuple[str, ...]
    connected: tuple[Relation, ...]
    disconnected: tuple[int, ...]
    retypes: bool

    def apply(self, store: Store) -> None:
        types = {entity.id: entity.type for entity in store.entities()}
        known = types.keys()
        put = {e.id: e if self.retypes else replace(e, type=types.get(e.id, e.type)) for e in self.put}
        gone = tuple(id for id in self.removed if id in known - put.keys())
        left = (known | put.keys()) - set(gone)
        connected = {r.key: r for r in self.connected if {r.subject, r.object} <= left}
        keys = [r.key for r in store.relations() if not {r.subject, r.object} & set(gone)]
        cut = {keys[number % len(keys)] for number in self.disconnected if keys} - connected.keys()
        store.apply(
            ChangeSet(entities=put.values(), relations=connected.values(), removed_entities=gone, removed_relations=cut)
        )


@st.composite
def edits(draw: st.DrawFn, most: int = 14) -> Edit:
    ids = st.integers(0, most).map("e{}".format)
    put = draw(st.lists(ids.flatmap(entities), max_size=4))
    ends = tuple(Entity(f"e{number}", draw(st.sampled_from(["Pool", "Thing"]))) for number in range(most))
    return Edit(
        tuple({entity.id: entity for entity in put}.values()),
        tuple(dict.fromkeys(draw(st.lists(ids, max_size=2)))),
        tuple(draw(st.lists(relations(ends), max_size=6))),
        tuple(draw(st.lists(st.integers(0, 99), max_size=3))),
        draw(st.integers(0, 9)) == 0,
    )
