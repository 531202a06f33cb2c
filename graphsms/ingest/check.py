"""What files state, made canonical and put together; whatever the ontology does not know is a fault.

First step of three: here each statement is judged by itself. What it means together with the others and
with the graph follows in `graphsms.ingest.plan` and `graphsms.ingest.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import lru_cache
from typing import Final, TypeAlias, TypeVar

from graphsms.ingest.ahead import Ahead
from graphsms.ingest.documents import line_of
from graphsms.ingest.ends import Ends
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.packing import ENTITIES, RELATIONS
from graphsms.ingest.reader import RawEntity, RawRelation, RawRelations, RawStatement, RawValue
from graphsms.ingest.spilling import Spilled
from graphsms.model import Entity, Fault, Origin, Relation, RelationKey, Value
from graphsms.values import MAX_TEXT, canonical
from graphsms.vocabulary import Vocabulary

__all__ = ["Findings", "Stated", "StatedEntity", "StatedRelation", "check", "id_problem", "most_specific"]

MAX_ID: Final = 2000
KEPT: Final = 1000
_REMEMBERED: Final = 10_000
_SPELLED: Final = 200_000  # ids of which one object is kept

# Plain tuples: there may be millions. Type, properties, where; and properties, where, what its ends may be.
StatedEntity: TypeAlias = tuple[str, dict[str, Value], Origin]
StatedRelation: TypeAlias = tuple[Mapping[str, Value], Origin, str | None, str | None]

_NOTHING: Final[Mapping[str, Value]] = {}
_Raw = TypeVar("_Raw", bound=RawStatement | RawRelations)


class Findings:
    """Faults or warnings, in order of the input: the first thousand kept (or as many as is said) and the
    first of each rule, all counted."""

    def __init__(self, keep: int | None = None) -> None:
        self._kept: list[Fault] = []
        self._keep = KEPT if keep is None else keep
        self.first_by_rule: dict[str, Fault] = {}
        self.total = 0

    def copy(self) -> Findings:
        """Another that begins with the same."""
        found = Findings(self._keep)
        found._kept, found.total = list(self._kept), self.total
        found.first_by_rule = dict(self.first_by_rule)
        return found

    def add(self, fault: Fault) -> None:
        """Take in one more."""
        self.total += 1
        self.first_by_rule.setdefault(fault.rule, fault)
        if len(self._kept) < self._keep:
            self._kept.append(fault)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._kept)

    def in_order(self, files: Mapping[str, int]) -> tuple[Fault, ...]:
        """Those kept, by file (its number in the import), sheet where it has several, and line."""

        def place(one: Fault) -> tuple[int, str, int]:
            return files.get(one.origin.file, -1), getattr(one.origin, "sheet", ""), one.origin.line or 0

        return tuple(sorted(self._kept, key=place))


@dataclass(slots=True)
class Stated:
    """All that an import states: entities by id, relations by key.

    ``foreign`` are the files of foreign formats; ``faulty`` the ids and properties whose value was refused, of
    which nothing more is to be said. Beyond ``room`` statements, where that is said, they go to a temporary file.
    """

    entities: MutableMapping[str, StatedEntity] = field(default_factory=dict)
    relations: MutableMapping[RelationKey, StatedRelation] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)
    faulty: set[tuple[str, str]] = field(default_factory=set)
    room: int | None = None
    _ends: Ends = field(default_factory=Ends)  # of relations that are in a file

    def copy(self) -> Stated:
        """Another that can be changed without changing this one."""
        if isinstance(self.relations, Spilled):
            self.relations.flush()  # so that their ends are known
        ends = self._ends.copy()
        entities = self.entities.copy() if isinstance(self.entities, Spilled) else dict(self.entities)
        relations = self.relations.copy(ends.update) if isinstance(self.relations, Spilled) else dict(self.relations)
        return Stated(entities, relations, set(self.foreign), set(self.faulty), self.room, ends)

    def surely_whole(self) -> bool:
        """Whether all that relations refer to is stated: what is in a file is looked through at once, and is not
        whole where that does not tell."""
        if not isinstance(self.entities, Spilled) or not isinstance(self.relations, Spilled):
            return False
        self.relations.flush()
        return self._ends.all_in(self.entities)

    def spill(self) -> None:
        """Put all of it, and what is yet to come, into temporary files."""
        entities: Spilled[str, StatedEntity] = Spilled(ENTITIES)
        relations: Spilled[RelationKey, StatedRelation] = Spilled(RELATIONS, noted=self._ends.update)
        entities.fill({**self.entities})
        relations.fill({**self.relations})
        self.entities, self.relations, self.room = entities, relations, None

    def entity(self, id: str, source: str | None = None) -> Entity:
        """One of the entities."""
        type, properties, _ = self.entities[id]
        return Entity(id, type, properties, source)

    def relation(self, key: RelationKey, source: str | None = None) -> Relation:
        """One of the relations."""
        return Relation(key[1], key[0], key[2], self.relations[key][0], source)


def check(
    statements: Iterable[_Raw],
    vocabulary: Vocabulary,
    into: Stated,
    *,
    zone: tzinfo,
    fault: Callable[[Fault], None],
    warn: Callable[[Fault], None],
) -> Iterator[_Raw]:
    """Make statements canonical and put them together, yielding each when it is done.

    Parameters
    ----------
    statements : iterable of RawEntity, RawRelation or RawRelations
        In any order; an entity or relation may be stated several times.
    vocabulary : Vocabulary
    into : Stated
        Takes them in. Two statements of one entity are one: of the most specific type, with the properties of
        both. Where they differ in a value, it is a fault, in a foreign format a warning, and the later holds.
    zone : tzinfo
        Of dates and times that say none.
    fault, warn : callable
        Take each `Fault` and each warning.
    """
    checker = _Checker(vocabulary, into, zone, fault, warn)
    left = 0 if into.room is None else max(1, into.room - len(into.entities) - len(into.relations))
    for statement in statements:
        before = left
        if isinstance(statement, RawRelations):
            checker.alike(statement)
            left -= len(statement.objects)
        else:
            if isinstance(statement, RawRelation):
                checker.relation(statement)
            else:
                checker.entity(statement)
            left -= 1
        yield statement
        if before > 0 >= left:
            into.spill()


class _Checker:
    def __init__(
        self,
        vocabulary: Vocabulary,
        into: Stated,
        zone: tzinfo,
        fault: Callable[[Fault], None],
        warn: Callable[[Fault], None],
    ) -> None:
        self.vocabulary = vocabulary
        self.into = into
        self.zone = zone
        self._fault = fault
        self._warn = warn
        self.ahead = Ahead(vocabulary, zone)
        self.faults = 0
        self.qualifications: dict[tuple[object, ...], Mapping[str, Value]] = {}
        self.ids: dict[str, str] = {}  # one object for each id, however often it is spelled
        self.types = {word: name for name, one in vocabulary.types.items() for word in (name, one.iri)}
        self.relations = {word: name for name, one in vocabulary.relations.items() for word in (name, one.iri)}
        self.properties = {word: one for name, one in vocabulary.properties.items() for word in (name, one.iri)}
        # What most values are: text that is canonical as it stands.
        self.plain = {name for name, one in vocabulary.properties.items() if one.datatype == "string" and not one.many}

    def fault(self, origin: Origin, subject: str, field: str, rule: str, message: str) -> None:
        self.faults += 1
        self._fault(Fault(origin, subject, field, rule, message))

    # ------------------------------------------------------------------------------ one statement

    def entity(self, raw: RawEntity) -> None:
        id = self.ids.get(raw.id) or self.id(raw.id, raw.origin, raw.id, "id")
        type = self.types.get(raw.type)
        if type is None:
            hint = _hint(raw.type, tuple(self.vocabulary.types))
            where = Origin(raw.origin.file, line_of(raw.properties, "type") or raw.origin.line)
            self.fault(where, raw.id, "type", "unknown-type", f"The ontology has no type {raw.type!r}.{hint}")
        properties = self.values(raw.properties, raw.id, raw.origin)
        if id is None or type is None:
            return
        if type in self.ahead.types:
            self.no_future(self.ahead.of_entity(type, properties), raw.id, raw.origin, raw.properties)
        one = (type, properties, raw.origin)
        before = self.into.entities.setdefault(id, one)
        if before is not one:
            self.into.entities[id] = (*self.put_together(id, before, one), before[2])

    def relation(self, raw: RawRelation) -> None:
        subject = self.ids.get(raw.subject) or self.id(raw.subject, raw.origin, raw.subject, raw.type)
        object = self.ids.get(raw.object) or self.id(raw.object, raw.origin, raw.subject, raw.type)
        type = self.relations.get(raw.type)
        if type is None:
            hint = _hint(raw.type, tuple(self.vocabulary.relations))
            message = f"The ontology has no relation {raw.type!r}.{hint}"
            self.fault(raw.origin, raw.subject, raw.type, "unknown-relation", message)
        properties = self.of_relation(raw) if raw.properties else _NOTHING
        if subject is None or object is None or type is None:
            return
        key = (subject, type, object)
        one: StatedRelation = (properties, raw.origin, raw.object_type, raw.subject_type)
        before = self.into.relations.setdefault(key, one)
        if before is one:
            return
        if before[0] != properties:
            if not self.into.foreign & {raw.origin.file, before[1].file}:
                message = f"It is stated in {before[1]} already, and differently: say once how it leads to {object!r}."
                self.fault(raw.origin, subject, type, "conflicting-values", message)
                return
            properties = self.merged(before[0], properties, subject, raw.origin)
        self.into.relations[key] = (properties, raw.origin, raw.object_type, raw.subject_type)

    def alike(self, raw: RawRelations) -> None:
        """Relations of which nothing more is stated."""
        subject, type, origin = self.ids.get(raw.subject), self.relations.get(raw.type), raw.origin
        if subject is None or type is None:
            for each in raw.apart():
                self.relation(each)
            return
        known, put = self.ids.get, self.into.relations.setdefault
        one: StatedRelation = (_NOTHING, origin, None, None)
        for named in raw.objects:
            object = known(named) or self.id(named, origin, raw.subject, raw.type)
            if object is not None and put((subject, type, object), one) is not one:
                self.relation(RawRelation(raw.type, raw.subject, named, origin))

    def of_relation(self, raw: RawRelation) -> Mapping[str, Value]:
        """What a relation says of itself; most say the same few things, and those are made canonical once."""
        try:
            said = (*raw.properties.items(), *map(type, raw.properties.values()))  # 1 is not True
            found = self.qualifications.get(said)
        except TypeError:  # a list among the values
            return self.qualified(raw)
        if found is None:
            faults = self.faults
            found = self.qualified(raw)
            if self.faults == faults and len(self.qualifications) < _REMEMBERED:
                self.qualifications[said] = found
        return found

    def qualified(self, raw: RawRelation) -> Mapping[str, Value]:
        for name in raw.properties:
            property = self.properties.get(name)
            if property is not None and not property.on_relations:
                says = [one.name for one in self.vocabulary.properties.values() if one.on_relations]
                message = f"A relation cannot carry {property.name}, only {', '.join(says)}."
                self.fault(raw.origin, raw.subject, raw.type, "unexpected-property", message)
                return _NOTHING
        found = self.values(raw.properties, raw.subject, raw.origin)
        self.no_future(self.ahead.of_relation(found), raw.subject, raw.origin, raw.properties)
        return found or _NOTHING

    def no_future(
        self, ahead: tuple[str, str] | None, subject: str, origin: Origin, raw: Mapping[str, RawValue]
    ) -> None:
        if ahead is not None:
            where = Origin(origin.file, line_of(raw, ahead[0]) or origin.line)
            self.fault(where, subject, ahead[0], "future-date", ahead[1])

    def id(self, id: str, origin: Origin, subject: str, field: str) -> str | None:
        """An id to be used, the first time that it is spelled."""
        problem = id_problem(id)
        if problem:
            self.fault(origin, subject, field, "bad-id", f"The id {id[:60]!r} {problem}.")
            return None
        if len(self.ids) >= _SPELLED:
            self.ids = {}
        self.ids[id] = id
        return id

    def values(self, raw: Mapping[str, RawValue], subject: str, origin: Origin) -> dict[str, Value]:
        found: dict[str, Value] = {}
        plain = self.plain
        for name, value in raw.items():
            if (
                type(value) is str
                and name in plain
                and len(value) <= MAX_TEXT
                and value.isprintable()
                and value.isascii()
            ):
                found[name] = value
            elif value is not None and value not in ([], ()):
                self.value(name, value, found, subject, origin, raw)
        return found

    def value(
        self,
        name: str,
        value: RawValue,
        found: dict[str, Value],
        subject: str,
        origin: Origin,
        raw: Mapping[str, RawValue],
    ) -> None:
        property = self.properties.get(name)
        where = Origin(origin.file, line_of(raw, name) or origin.line)
        if property is None:
            message = f"The ontology has no property {name!r}.{_hint(name, tuple(self.vocabulary.properties))}"
            self.fault(where, subject, name, "unknown-property", message)
            return
        try:
            found[property.name] = canonical(property, value, self.vocabulary, self.zone)
        except ValueError as error:
            self.into.faulty.add((subject, property.name))
            self.fault(where, subject, property.name, "wrong-value", f"{error}.")

    # --------------------------------------------------------------------- several of one entity

    def put_together(self, id: str, one: StatedEntity, other: StatedEntity) -> tuple[str, dict[str, Value]]:
        type = most_specific(one[0], other[0], self.vocabulary)
        if type is None:
            message = (
                f"It is stated as {one[0]} in {one[2]} and as {other[0]} here, and one is no subclass of the other."
            )
            self.fault(other[2], id, "type", "type-conflict", message)
            type = one[0]
        return type, self.merged(one[1], other[1], id, other[2])

    def merged(
        self, one: Mapping[str, Value], other: Mapping[str, Value], subject: str, origin: Origin
    ) -> dict[str, Value]:
        found = dict(one)
        for name, value in other.items():
            before = found.get(name, value)
            if isinstance(before, tuple) and isinstance(value, tuple):
                value = tuple(sorted({*before, *value}, key=lambda v: (str(type(v)), v)))
            elif before != value:
                foreign = origin.file in self.into.foreign
                hold = self._warn if foreign else self._fault
                message = (
                    f"is {value!r} here and {before!r} in another statement{'; this one holds' if foreign else ''}."
                )
                hold(Fault(origin, subject, name, "conflicting-values", message))
            found[name] = value
        return found


def most_specific(one: str, other: str, vocabulary: Vocabulary) -> str | None:
    """The type, of two, that is the other or a subclass of it; None where they do not agree."""
    if vocabulary.is_a(one, other):
        return one
    return other if vocabulary.is_a(other, one) else None


def id_problem(id: str) -> str:
    """Why something cannot be an id, as the end of a sentence, or nothing."""
    if id.isascii() and id.isprintable() and 0 < len(id) <= MAX_ID and id[0] != " " and id[-1] != " ":
        return ""
    if not id:
        return "is empty"
    if len(id) > MAX_ID:
        return f"has {len(id):,} characters; at most {MAX_ID:,} are allowed"
    if id != id.strip():
        return "begins or ends with white space"
    if any(ord(character) < 32 or ord(character) == 127 for character in id):
        return "contains a line break or another control character"
    if any("\ud800" <= character <= "\udfff" for character in id):
        return "contains half of a surrogate pair, which is no character"
    return ""


@lru_cache(maxsize=256)
def _hint(word: str, words: tuple[str, ...]) -> str:
    return did_you_mean(word, words)
