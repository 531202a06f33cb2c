"""A change set, read once, in batches of one type that can be read again, as a transaction that is retried must."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from tempfile import SpooledTemporaryFile
from typing import Final, Generic, TypeAlias, TypeVar

from graphsms.errors import InputError, IntegrityError
from graphsms.model import ChangeSet, RelationKey, Value
from graphsms.store.journal import (
    canonical_json,
    removed_entity_image,
    removed_relation_image,
    statements_json,
)
from graphsms.store.marks import relation_marks
from graphsms.vocabulary import Vocabulary

__all__ = ["BATCH", "Batches", "EntityRow", "RelationRow", "Spool", "named", "spooled"]

BATCH: Final = 10_000
_IN_MEMORY: Final = 2**25  # bytes; more goes to disk
_MANY: Final = 50_000  # digests, from which on numpy sorts them
_UNFINISHED: Final = 5 * BATCH  # rows, over all types whose batch is not full yet

# (id, properties as JSON, properties, source, what each source says as JSON or "")
EntityRow: TypeAlias = tuple[str, str, Mapping[str, Value], str | None, str]
# (subject, object, properties as JSON, properties, marks, source, what each source says)
RelationRow: TypeAlias = tuple[str, str, str, Mapping[str, Value], int, str | None, str]

_Kind = TypeVar("_Kind", bound=Hashable)
_Row = TypeVar("_Row")


class Batches(Generic[_Kind, _Row]):
    """Rows by kind, at most `BATCH` at a time, each kind's in the order in which they came."""

    def __init__(self) -> None:
        self.total = 0
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the batches
        self._full: list[tuple[_Kind, int]] = []
        self._filling: dict[_Kind, list[_Row]] = {}
        self._unfinished = 0

    def close(self) -> None:
        """Throw them away."""
        self._file.close()

    def add(self, kind: _Kind, row: _Row) -> None:
        """Take in a row."""
        rows = self._filling.setdefault(kind, [])
        rows.append(row)
        self.total += 1
        self._unfinished += 1
        if len(rows) == BATCH:
            self._put(kind)
        elif self._unfinished > _UNFINISHED:
            self._put(max(self._filling, key=lambda one: len(self._filling[one])))

    def finish(self) -> None:
        """No more rows come."""
        for kind in list(self._filling):
            self._put(kind)

    def __iter__(self) -> Iterator[tuple[_Kind, list[_Row]]]:
        for kind, place in self._full:
            self._file.seek(place)
            yield kind, pickle.load(self._file)  # noqa: S301 - our own file, without a name

    def _put(self, kind: _Kind) -> None:
        rows = self._filling.pop(kind)
        self._unfinished -= len(rows)
        self._full.append((kind, self._file.seek(0, 2)))
        pickle.dump(rows, self._file, pickle.HIGHEST_PROTOCOL)


@dataclass(frozen=True)
class Spool:
    """A change set that has been read; everything stands there once. Of the relations of the types in ``marked``,
    some have marks."""

    entities: Batches[str, EntityRow]
    relations: Batches[str, RelationRow]
    removed_entities: Sequence[str]
    removed_relations: Sequence[RelationKey]
    marked: frozenset[str]

    @property
    def total(self) -> int:
        """How many entities and relations it is about."""
        return self.entities.total + self.relations.total + len(self.removed_entities) + len(self.removed_relations)


@contextmanager
def spooled(changes: ChangeSet, vocabulary: Vocabulary) -> Iterator[Spool]:
    """Read a change set; it is kept for the length of the block.

    Raises
    ------
    IntegrityError
        It contradicts itself, or states what the ontology does not have.
    """
    with ExitStack() as files:
        entities = files.enter_context(closing(Batches[str, EntityRow]()))
        relations = files.enter_context(closing(Batches[str, RelationRow]()))
        marked: set[str] = set()
        digests = array("Q")  # of what is stated or removed, 8 bytes each
        for entity in changes.entities:
            if entity.type not in vocabulary.types:
                raise _unknown("type", entity.type)
            text = canonical_json(entity.properties)
            said = statements_json(entity.stated)
            entities.add(entity.type, (entity.id, text, dict(entity.properties), entity.source or None, said))
            digests.append(_digest(removed_entity_image(entity.id)))
        for relation in changes.relations:
            if relation.type not in vocabulary.relations:
                raise _unknown("relation", relation.type)
            subject, type, object = relation.key
            text, marks = canonical_json(relation.properties), relation_marks(relation.properties)
            said = statements_json(relation.stated)
            row = (subject, object, text, dict(relation.properties), marks, relation.source or None, said)
            relations.add(type, row)
            digests.append(_digest(removed_relation_image(subject, type, object)))
            if marks:
                marked.add(type)
        removed_entities = list(dict.fromkeys(changes.removed_entities))
        removed_relations = list(dict.fromkeys(changes.removed_relations))
        entities.finish()
        relations.finish()
        digests.extend(_digest(removed_entity_image(id)) for id in removed_entities)
        digests.extend(_digest(removed_relation_image(*key)) for key in removed_relations)
        if _repeats(digests):
            entities_once = files.enter_context(closing(Batches[str, EntityRow]()))
            relations_once = files.enter_context(closing(Batches[str, RelationRow]()))
            _put_entities_once(entities, removed_entities, entities_once)
            _put_relations_once(relations, removed_relations, relations_once)
            entities, relations = entities_once, relations_once
        del digests
        _require_ends_that_stay(relations, frozenset(removed_entities))
        yield Spool(entities, relations, removed_entities, removed_relations, frozenset(marked))


def named(subject: str, type: str, object: str) -> str:
    """A relation for people."""
    return f"relation {subject!r} {type} {object!r}"


# ------------------------------------------------------------------- repetitions, contradictions


def _digest(about: str) -> int:
    try:
        return int.from_bytes(blake2b(about.encode(), digest_size=8).digest(), "big")
    except UnicodeEncodeError:
        raise InputError(f"{about[:60]!r} holds half of a surrogate pair, which is no character.") from None


def _repeats(digests: array[int]) -> bool:
    """Whether anything may be stated twice: two things with one digest are looked at again, and found to be two."""
    if len(digests) < _MANY:
        return len(set(digests)) < len(digests)
    import numpy

    ordered = numpy.sort(numpy.frombuffer(digests, numpy.uint64))
    return bool((ordered[1:] == ordered[:-1]).any())


def _put_entities_once(stated: Batches[str, EntityRow], removed: Iterable[str], once: Batches[str, EntityRow]) -> None:
    """Leave out what is repeated; a contradiction is an error."""
    known: dict[str, tuple[str, str, str] | None] = dict.fromkeys(removed)
    for type, rows in stated:
        for row in rows:
            id, says = row[0], (type, row[1], row[4])
            if id not in known:
                known[id] = says
                once.add(type, row)
            elif known[id] != says:
                raise _contradicted(f"entity {id!r}", removed=known[id] is None)
    once.finish()


def _put_relations_once(
    stated: Batches[str, RelationRow], removed: Iterable[RelationKey], once: Batches[str, RelationRow]
) -> None:
    known: dict[RelationKey, tuple[str, str] | None] = dict.fromkeys(removed)
    for type, rows in stated:
        for row in rows:
            key, says = (row[0], type, row[1]), (row[2], row[6])
            if key not in known:
                known[key] = says
                once.add(type, row)
            elif known[key] != says:
                raise _contradicted(named(*key), removed=known[key] is None)
    once.finish()


def _require_ends_that_stay(relations: Batches[str, RelationRow], removed: frozenset[str]) -> None:
    for type, rows in relations if removed else ():
        for subject, object, *_ in rows:
            if subject in removed or object in removed:
                end = subject if subject in removed else object
                raise IntegrityError(
                    f"The change set states the {named(subject, type, object)} and removes its end {end!r};"
                    " nothing was changed."
                )


def _contradicted(what: str, *, removed: bool) -> IntegrityError:
    if removed:
        return IntegrityError(f"The change set both states and removes the {what}; nothing was changed.")
    return IntegrityError(f"The change set states the {what} twice, and differently; nothing was changed.")


def _unknown(kind: str, name: str) -> IntegrityError:
    return IntegrityError(f"The ontology has no {kind} {name!r}: add it, or correct it; nothing was changed.")
