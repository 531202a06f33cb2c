"""A store in memory for tests of the snapshot and the analyses: simple enough to be believed.

It keeps every revision whole. What it cannot do is what those do not ask for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from uuid import uuid4

from graphsms.model import ChangeSet, Entity, Relation, RelationKey, Revision, Touched
from graphsms.store import MARK_DATED, EdgeStream, GraphStream, NodeStream, SourceState, Store
from graphsms.store.journal import EMPTY
from graphsms.store.marks import entity_marks, not_live, relation_marks
from graphsms.store.versions import Census
from graphsms.vocabulary import VALID_FROM, VALID_TO, Vocabulary

_Graph = tuple[dict[str, Entity], dict[RelationKey, Relation]]


class MemoryStore(Store):
    def __init__(self, vocabulary: Vocabulary, folder: str | None = None, packed_text: bool = False) -> None:
        self._vocabulary = vocabulary
        self._graphs: list[_Graph] = [({}, {})]
        self._revisions = [EMPTY]
        self._keys: dict[str, int] = {}
        self._sources: list[SourceState] = []
        self._settings: dict[str, str] = {}
        self._identity = str(uuid4())
        self._folder = folder
        self._packed_text = packed_text
        self.streams = 0

    @property
    def url(self) -> str:
        return "memory"

    @property
    def identity(self) -> str:
        return self._identity

    @property
    def vocabulary(self) -> Vocabulary:
        return self._vocabulary

    def close(self) -> None: ...

    def __enter__(self) -> MemoryStore:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def apply(self, changes: ChangeSet) -> Revision:
        entities, relations = dict(self._graphs[-1][0]), dict(self._graphs[-1][1])
        for key in changes.removed_relations:
            del relations[key]
        for id in changes.removed_entities:
            del entities[id]
            for key in [key for key in relations if id in (key[0], key[2])]:
                del relations[key]
        for entity in changes.entities:
            entities[entity.id] = entity
            self._keys.setdefault(entity.id, len(self._keys) + 1)
        for relation in changes.relations:
            assert relation.subject in entities, relation
            assert relation.object in entities, relation
            relations[relation.key] = relation
        number = len(self._revisions)
        self._graphs.append((entities, relations))
        self._revisions.append(Revision(number, f"2026-11-21T09:30:{number % 60:02}Z", hash=str(uuid4())))
        return self._revisions[-1]

    def note_import(self, source: SourceState) -> None:
        self._sources = [other for other in self._sources if other.name != source.name] + [source]

    def set_setting(self, name: str, value: str) -> None:
        self._settings[name] = value

    def setting(self, name: str) -> str | None:
        return self._settings.get(name)

    def revision(self) -> Revision:
        return self._revisions[-1]

    def revisions(self, since: int = 0) -> Iterator[Revision]:
        return iter(self._revisions[since + 1 :])

    def revision_at(self, time: str) -> Revision:
        return [revision for revision in self._revisions if revision.time <= time][-1]

    def _at(self, at: int | None) -> _Graph:
        return self._graphs[-1 if at is None else at]

    def entity(self, id: str, at: int | None = None) -> Entity | None:
        return self._at(at)[0].get(id)

    def entities(
        self, ids: Iterable[str] | None = None, type: str | None = None, at: int | None = None
    ) -> Iterator[Entity]:
        entities = self._at(at)[0]
        for id in sorted(entities if ids is None else set(ids) & entities.keys()):
            if type is None or self._vocabulary.is_a(entities[id].type, type):
                yield entities[id]

    def relations(
        self,
        subjects: Iterable[str] | None = None,
        objects: Iterable[str] | None = None,
        type: str | None = None,
        at: int | None = None,
    ) -> Iterator[Relation]:
        ends = (None if subjects is None else set(subjects), None if objects is None else set(objects))
        for key, relation in sorted(self._at(at)[1].items()):
            asked = [end for end in ends if end is not None]
            found = (ends[0] is not None and key[0] in ends[0]) or (ends[1] is not None and key[2] in ends[1])
            if (found or not asked) and type in (None, relation.type):
                yield relation

    def having(self, property: str) -> Iterator[Entity]:
        yield from (one for one in self.entities() if property in one.properties)

    def find(self, text: str, type: str | None = None, limit: int = 50) -> list[Entity]:
        return [entity for entity in self.entities(type=type) if text in entity.id][:limit]

    def nearest_ids(self, id: str, limit: int = 3) -> list[str]:
        return get_close_matches(id, self._graphs[-1][0], n=limit)

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for part in self._graphs[-1]:
            for one in part.values():
                found[one.type] = found.get(one.type, 0) + 1
        return found

    def sources(self) -> list[SourceState]:
        return self._sources

    def touched(self, since: int, until: int | None = None) -> Iterator[Touched]:
        for number in range(since + 1, (len(self._graphs) - 1 if until is None else until) + 1):
            (entities, relations), (entities_after, relations_after) = self._graphs[number - 1 : number + 1]
            for id in sorted(entities.keys() | entities_after.keys()):
                if entities.get(id) != entities_after.get(id):
                    yield Touched(number, entities.get(id), entities_after.get(id))
            for key in sorted(relations.keys() | relations_after.keys()):
                if relations.get(key) != relations_after.get(key):
                    yield Touched(number, relations.get(key), relations_after.get(key))

    def touched_of(self, id: str) -> list[Touched]:
        def about(one: Touched) -> bool:
            item = one.after or one.before
            return id in ((item.id,) if isinstance(item, Entity) else (item.subject, item.object) if item else ())

        return [one for one in self.touched(0) if about(one)]

    def census(self) -> Census:
        begun = Counter(one.revision for one in self.touched(0) if one.after is not None)
        ended = Counter(one.revision for one in self.touched(0) if one.before is not None)
        return Census(self.revision(), sum(self.counts().values()), begun, ended)

    @contextmanager
    def stream(self, relations: Sequence[str], at: int | None = None) -> Iterator[GraphStream]:
        self.streams += 1
        entities, edges = self._at(at)
        sources = sorted({entity.source or "" for entity in entities.values()})
        dead = not_live(self._vocabulary)

        def nodes() -> Iterator[NodeStream]:
            for type in sorted({entity.type for entity in entities.values()}):
                packed = sorted(
                    self._keys[entity.id] << 32
                    | sources.index(entity.source or "") << 8
                    | entity_marks(entity.properties, dead)
                    for entity in entities.values()
                    if entity.type == type
                )
                yield NodeStream(type, self._chunks(packed))

        def streams() -> Iterator[EdgeStream]:
            for name in relations:
                packed: list[int] = []
                marked: list[tuple[int, int, int]] = []
                for relation in edges.values():
                    if relation.type == name:
                        subject, object = self._keys[relation.subject], self._keys[relation.object]
                        marks = relation_marks(relation.properties)
                        if marks:
                            marked.append((subject, object, marks))
                        else:
                            packed.append(subject << 32 | object)
                yield EdgeStream(name, self._chunks(packed), marked)

        yield GraphStream(len(self._graphs) - 1 if at is None else at, sources, nodes(), streams())

    def _chunks(self, packed: list[int]) -> list[str | list[int]]:
        halves = [packed[: len(packed) // 2], packed[len(packed) // 2 :]]
        return [",".join(map(str, half)) if self._packed_text else half for half in halves]

    def keys(self, ids: Sequence[str], at: int | None = None) -> list[int | None]:
        entities = self._at(at)[0]
        return [self._keys[id] if id in entities else None for id in ids]

    def by_keys(self, keys: Sequence[int], at: int | None = None) -> Iterator[tuple[int, Entity]]:
        entities = self._at(at)[0]
        wanted = set(keys)
        for key, id in sorted((key, id) for id, key in self._keys.items()):
            if key in wanted and id in entities:
                yield key, entities[id]

    def dated(self, at: int | None = None) -> tuple[list[tuple[int, str, str]], list[tuple[str, int, int, str, str]]]:
        entities, relations = self._at(at)
        return (
            [
                (self._keys[e.id], str(e.properties.get(VALID_FROM, "")), str(e.properties.get(VALID_TO, "")))
                for e in entities.values()
                if entity_marks(e.properties, frozenset()) & MARK_DATED
            ],
            [
                (
                    r.type,
                    self._keys[r.subject],
                    self._keys[r.object],
                    str(r.properties.get(VALID_FROM, "")),
                    str(r.properties.get(VALID_TO, "")),
                )
                for r in relations.values()
                if relation_marks(r.properties) & MARK_DATED
            ],
        )

    def cache_folder(self) -> str | None:
        return self._folder
