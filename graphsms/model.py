"""What flows through graphsms: entities, relations, change sets, revisions, faults.

Values are plain and canonical, so that two of them are equal exactly when they mean the same:
text, integers, floats and booleans as Python has them; date-times as ``2026-11-21T09:30:00Z``
(UTC), dates as ``2026-11-21``, durations as ISO 8601 has them; a code by its notation; a property
that may have several values as a sorted tuple without repetition. `Vocabulary.value` makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = [
    "ChangeSet",
    "Entity",
    "Fault",
    "Origin",
    "Relation",
    "RelationKey",
    "Revision",
    "Scalar",
    "Statement",
    "Touched",
    "Value",
]

Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = Scalar | tuple[Scalar, ...]
RelationKey: TypeAlias = tuple[str, str, str]  # subject, type, object


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says of an entity or a relation, where several say something of it.

    Parameters
    ----------
    type : str
        As which type the source has it; "" for a relation, whose type identifies it.
    properties : mapping of str to Value
    """

    type: str
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entity:
    """A node: a service, a configuration item, a party, an agreement, a record, ...

    Parameters
    ----------
    id : str
        Unique in the graph; stands in every answer as it was given.
    type : str
        Local name of a class of the ontology.
    properties : mapping of str to Value
        By local name of the property, values canonical.
    source : str, optional
        Which source leads in it, None where it was entered by hand; beside the content, not part of what the
        entity says.
    stated : mapping of str to Statement
        What each source says, by its name ("" is by hand), in the order in which they first spoke; type and
        properties are put together from it by the precedence of the sources. Empty where the one source says
        just what the entity says.

    Examples
    --------
    >>> Entity("web", "Service", {"name": "Web shop"}).name
    'Web shop'
    """

    id: str
    type: str
    properties: Mapping[str, Value] = field(default_factory=dict)
    source: str | None = None
    stated: Mapping[str, Statement] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The ``name`` property, or the id where there is none."""
        return str(self.properties.get("name", self.id))

    @property
    def source_key(self) -> str | None:
        """What it is called where it comes from: ``sourceKey``, or the id, which our own formats give as it stands
        there; None where it was entered by hand."""
        return None if self.source is None else str(self.properties.get("sourceKey", self.id))


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed edge between two entities; at most one of a type between the same two.

    Parameters
    ----------
    type : str
        Local name of an object property of the ontology.
    subject, object : str
        Ids of the entities: ``subject --type--> object``.
    properties : mapping of str to Value
        Qualification, such as ``strength``, ``validFrom``, ``inferred``.
    source : str, optional
        Which source leads in it.
    stated : mapping of str to Statement
        What each source says of it, as for an entity.
    """

    type: str
    subject: str
    object: str
    properties: Mapping[str, Value] = field(default_factory=dict)
    source: str | None = None
    stated: Mapping[str, Statement] = field(default_factory=dict)

    @property
    def key(self) -> RelationKey:
        """What identifies it: subject, type, object."""
        return (self.subject, self.type, self.object)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What is to become true in one revision: all of it or nothing.

    Entities and relations are stated whole: what is stored under the same id (or key) is replaced.
    Those equal to what is stored are left alone, also where they differ in their source; if all are, no
    revision is made. Where something else changes too, the source that is given is written, and without one
    the stored one stays. Removing an entity removes its relations.

    Parameters
    ----------
    entities, relations : iterable
        To be created or replaced. Read once, in order; may be generators.
    removed_entities : iterable of str
        Ids to remove. Removing what does not exist is an `IntegrityError`.
    removed_relations : iterable of RelationKey
        Keys to remove, likewise.
    actor, reason, request, source : str
        Who, why, under which request for change (its id), from where.
    base : int, optional
        The revision that the change set was made from: the store refuses with `ConflictError` where it
        is at another one. Without it, the change set goes on top of whatever there is.
    exact : bool
        Whether sources are part of what is stated, none included: for what restores an earlier state.
    """

    entities: Iterable[Entity] = ()
    relations: Iterable[Relation] = ()
    removed_entities: Iterable[str] = ()
    removed_relations: Iterable[RelationKey] = ()
    actor: str = ""
    reason: str = ""
    request: str = ""
    source: str = ""
    base: int | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """A numbered state of the graph: 0 is the empty one, each change set that changes something adds one.

    Parameters
    ----------
    number : int
    time : str
        When it was recorded, UTC, ``2026-11-21T09:30:00.123456Z``.
    actor, reason, request, source : str
        As the change set gave them.
    created, changed, removed : int
        How many entities and relations together.
    hash : str
        SHA-256 (hex) over the previous revision's hash, these fields and the images in order.
    """

    number: int
    time: str
    actor: str = ""
    reason: str = ""
    request: str = ""
    source: str = ""
    created: int = 0
    changed: int = 0
    removed: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Touched:
    """What one revision did to one entity or relation: ``before`` is None where it was created,
    ``after`` is None where it was removed."""

    revision: int
    before: Entity | Relation | None
    after: Entity | Relation | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was read: a file, and the line or row in it where known (from 1)."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong (or, as a warning, doubtful) in an input: where, in which field, by which rule.

    Parameters
    ----------
    origin : Origin
    subject : str
        The id of the entity concerned, or "".
    field : str
        The property, relation or key concerned, or "".
    rule : str
        Stable kebab-case name of the rule, such as ``unknown-type`` or ``dangling-relation``.
    message : str
        What is wrong and what to do, one or two sentences.
    object : str
        The id at the other end, where it is about one relation.
    """

    origin: Origin
    subject: str
    field: str
    rule: str
    message: str
    object: str = ""

    def __str__(self) -> str:
        about = " ".join(part for part in (self.subject, self.field) if part)
        return f"{self.origin}: {about}{': ' if about else ''}{self.message} [{self.rule}]"
