"""What several sources say of one thing, put together: by property, the source of the highest precedence holds.

Which source is to be believed is data: entities of the graph of the type that the ontology knows as
*information source*, whose id is the name of the source, with ``precedence`` (the greater wins) and
``authoritative``. First come the sources that are authoritative, then what was entered by hand (the source
""), then the others by precedence; of equals, who spoke first. The rest is kept beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from graphsms.model import Entity, Relation, Scalar, Statement, Value
from graphsms.vocabulary import PLACEHOLDER, Vocabulary

if TYPE_CHECKING:
    from graphsms.store import Store

__all__ = [
    "AUTHORITATIVE",
    "HAND",
    "PRECEDENCE",
    "Overruled",
    "Precedence",
    "Standing",
    "believed",
    "contested",
    "is_placeholder",
    "precedence_of",
    "settled",
    "statements_of",
    "with_statement",
    "without_source",
]

_RANKED: Final = 10_000
HAND: Final = ""
PRECEDENCE: Final = "precedence"
AUTHORITATIVE: Final = "authoritative"
TYPE: Final = "type"  # as a field among the properties

_Thing = TypeVar("_Thing", Entity, Relation)


class Standing(NamedTuple):
    """How far a source is to be believed."""

    precedence: int = 0
    authoritative: bool = False


class Overruled(NamedTuple):
    """Something that a source says and that does not stand: ``by`` says otherwise, and comes before it."""

    field: str
    says: Value
    stands: Value
    by: str


@dataclass(frozen=True)
class Precedence:
    """In which order sources are believed.

    Parameters
    ----------
    standings : mapping of str to Standing
        By name of the source; one that is missing has no precedence.
    vocabulary : Vocabulary

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> order = Precedence({"cmdb": Standing(10), "ad": Standing(0, True)}, load())
    >>> order.ranked(["scan", "cmdb", "", "ad"])
    ['ad', '', 'cmdb', 'scan']
    """

    standings: Mapping[str, Standing]
    vocabulary: Vocabulary
    # Millions of things are of the same few sources.
    _ranked: dict[tuple[str, ...], list[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def ranked(self, sources: Iterable[str]) -> Sequence[str]:
        """Sources, given in the order in which they first spoke, the first to be believed first."""
        named = tuple(sources)
        found = self._ranked.get(named)
        if found is None:
            found = sorted(named, key=self._place)
            if len(self._ranked) < _RANKED:
                self._ranked[named] = found
        return found

    def authoritative(self, source: str) -> bool:
        """Whether a source is right where another differs."""
        return source in self.standings and self.standings[source].authoritative

    def _place(self, source: str) -> tuple[int, int]:
        if source == HAND:
            return (1, 0)
        standing = self.standings.get(source) or Standing()
        return (0 if standing.authoritative else 2, -standing.precedence)


def precedence_of(store: Store, instead: Iterable[Entity] = (), without: Iterable[str] = ()) -> Precedence:
    """The precedence that the graph holds now, with some of its entities as they are to become, others removed."""
    words = store.vocabulary
    type = words.known.get("information source")
    if type is None:  # the ontology of a test or of a user has no such thing
        return Precedence({}, words)
    found = {one.id: one for one in store.entities(type=type)} if store.revision().number else {}
    for one in instead:
        if words.is_a(one.type, type):
            found[one.id] = one
        else:
            found.pop(one.id, None)
    for id in without:
        found.pop(id, None)
    return Precedence({id: _standing(one.properties) for id, one in found.items()}, words)


def believed(order: Precedence) -> dict[str, Standing]:
    """Those of the standings that make a difference."""
    return {source: one for source, one in order.standings.items() if one != Standing()}


def _standing(properties: Mapping[str, Value]) -> Standing:
    precedence = properties.get(PRECEDENCE)
    return Standing(precedence if isinstance(precedence, int) else 0, properties.get(AUTHORITATIVE) is True)


def is_placeholder(properties: Mapping[str, Value]) -> bool:
    """Whether it is only referred to, and described by nobody."""
    return properties.get(PLACEHOLDER) is True


# -------------------------------------------------------------------------- who says what of a thing


def statements_of(thing: Entity | Relation) -> dict[str, Statement]:
    """What each source says, also where one alone does.

    A value that no source says can only have been put there by hand, past the statements: so it is one of hand.

    Examples
    --------
    >>> statements_of(Entity("web", "Service", {"name": "Web"}, "cmdb"))
    {'cmdb': Statement(type='Service', properties={'name': 'Web'})}
    """
    type = thing.type if isinstance(thing, Entity) else ""
    if not thing.stated:
        return {thing.source or HAND: Statement(type, thing.properties)}
    said = dict(thing.stated)
    extra: dict[str, Value] = {}
    for name, value in thing.properties.items():
        others = [one.properties[name] for one in said.values() if name in one.properties]
        if isinstance(value, tuple):
            known = {one for other in others if isinstance(other, tuple) for one in other}
            unsaid = tuple(one for one in value if one not in known)
            if unsaid:
                extra[name] = unsaid
        elif not any(_same(value, one) for one in others):
            extra[name] = value
    typed = type if type and all(one.type != type for one in said.values()) else ""
    if extra or typed:
        hand = said.get(HAND, Statement(""))
        said[HAND] = Statement(typed or hand.type, {**hand.properties, **extra})
    return said


def with_statement(said: Mapping[str, Statement], source: str, statement: Statement) -> dict[str, Statement]:
    """What is said when a source says something else, or something for the first time."""
    found = {**said, source: statement}
    if any(not is_placeholder(one.properties) for one in found.values()):
        # Whoever only refers to it says nothing of it.
        found = {name: one for name, one in found.items() if not is_placeholder(one.properties)}
    return found


def without_source(said: Mapping[str, Statement], source: str) -> dict[str, Statement]:
    """What is said when a source says nothing any more."""
    return {name: one for name, one in said.items() if name != source}


def settled(thing: _Thing, said: Mapping[str, Statement], order: Precedence) -> _Thing:
    """A thing as it stands by what is said of it: its type, properties and leading source.

    Parameters
    ----------
    thing : Entity or Relation
        Gives what identifies it.
    said : mapping of str to Statement
        By source, at least one, in the order in which they first spoke.
    order : Precedence

    Notes
    -----
    Does not depend on the order of the statements where no two of them have the same precedence.
    """
    ranked = order.ranked(said)
    leading = next((one for one in ranked if one != HAND), HAND)
    if len(said) == 1:
        properties: Mapping[str, Value] = said[leading].properties
        type = said[leading].type or thing.type
        kept: Mapping[str, Statement] = {}
    else:
        properties = _together([said[one] for one in ranked], [order.authoritative(one) for one in ranked])
        type = _type((said[one].type for one in ranked), order.vocabulary) or thing.type
        kept = said
    if isinstance(thing, Entity):
        return Entity(thing.id, type, properties, leading or None, kept)
    return Relation(thing.type, thing.subject, thing.object, properties, leading or None, kept)


def _together(ranked: Iterable[Statement], authoritative: Iterable[bool]) -> dict[str, Value]:
    ranked = list(ranked)
    first = ranked[0].properties
    if all(one.properties == first for one in ranked):
        return dict(first)
    found: dict[str, Value] = {}
    final: set[str] = set()
    for statement, right in zip(ranked, authoritative, strict=True):
        for name, value in statement.properties.items():
            before = found.get(name)
            if before is None:
                found[name] = value
            elif isinstance(before, tuple) and isinstance(value, tuple) and name not in final:
                found[name] = _union(before, value)
            if right:
                final.add(name)
    return found


def _union(one: tuple[Scalar, ...], other: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    return tuple(sorted({*one, *other}, key=lambda value: (str(type(value)), value)))


def _type(ranked: Iterable[str], vocabulary: Vocabulary) -> str:
    """The most particular type that agrees with the first that is said; "" where none is."""
    found = ""
    for type in ranked:
        if not found or (type and vocabulary.is_a(type, found)):
            found = type or found
    return found


def contested(thing: Entity | Relation, order: Precedence, source: str) -> Iterator[Overruled]:
    """What a source says of a thing and what does not stand."""
    own = thing.stated.get(source)
    if own is None or (own.properties == thing.properties and own.type in (thing.type, "")):
        return
    ranked = order.ranked(thing.stated)
    for name, value in sorted(own.properties.items()):
        stands = thing.properties.get(name)
        if stands is None or _same(stands, value):
            continue
        if isinstance(stands, tuple) and isinstance(value, tuple) and set(value) <= set(stands):
            continue
        by = next(one for one in ranked if name in thing.stated[one].properties)
        yield Overruled(name, value, stands, by)
    if isinstance(thing, Entity) and own.type and not order.vocabulary.is_a(thing.type, own.type):
        by = next(one for one in ranked if thing.stated[one].type == thing.type)
        yield Overruled(TYPE, own.type, thing.type, by)


def _same(one: Value, other: Value) -> bool:
    """Equal, and of one kind: 1 is not 1.0, and not true."""
    return one == other and type(one) is type(other)
