"""The ontology as a small frozen model: types, relations, properties, code lists and constraints.

The Turtle under ``ontology/`` is the only schema. It is read once, here, and everything else comes
from the `Vocabulary` made of it: labels and relationship types, import checks, enumerations, how
failure travels. A user's own Turtle is read beside it and is worth the same. `graphsms.ontology.load`
makes it; here is what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Final, Literal

__all__ = [
    "ANY",
    "LIFECYCLE",
    "NAME",
    "NAMESPACE",
    "ON_RELATIONS",
    "PLACEHOLDER",
    "STRENGTH",
    "VALID_FROM",
    "VALID_TO",
    "Behaviour",
    "Code",
    "CodeList",
    "Constraint",
    "EntityType",
    "Propagation",
    "PropertyType",
    "Quorum",
    "RelationType",
    "Strength",
    "Vocabulary",
    "relationship_type",
]

NAMESPACE: Final = "https://w3id.org/graphsms/ontology#"

# The terms of ontology/core.ttl that the engine itself gives a meaning to. No other term of the
# ontology stands in the code.
ANY: Final = "Entity"
ON_RELATIONS: Final = "QualifiedRelation"
NAME: Final = "name"
PLACEHOLDER: Final = "placeholder"
LIFECYCLE: Final = "lifecycle"
STRENGTH: Final = "strength"
VALID_FROM: Final = "validFrom"
VALID_TO: Final = "validTo"

Strength = Literal["hard", "soft"]


class Behaviour(Enum):
    """What failure means for entities of a type."""

    CAN_FAIL = "canFail"
    IS_CONCERNED = "isConcerned"
    STAYS_OUT = "staysOut"


class Propagation(Enum):
    """Which way the state of one end of a relation reaches the other."""

    OBJECT_TO_SUBJECT = "objectToSubject"
    SUBJECT_TO_OBJECT = "subjectToObject"
    NONE = "noPropagation"


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a code list: stored and shown by its ``notation``."""

    notation: str
    iri: str
    label: str
    definition: str
    rank: int | None
    carries_failure: bool | None
    seeds: str | None = None  # of a mode of impact: the notation of the state that it starts from


@dataclass(frozen=True, slots=True)
class CodeList:
    """An enumeration, in the order of the ranks of its codes (then of their notations)."""

    name: str
    iri: str
    label: str
    codes: tuple[Code, ...]

    def code(self, notation: str) -> Code | None:
        """The code with that notation, if there is one."""
        return next((code for code in self.codes if code.notation == notation), None)


@dataclass(frozen=True, slots=True)
class Quorum:
    """That entities of a type need only so many of those at the end of a relation."""

    relation: str
    property: str


@dataclass(frozen=True, slots=True)
class EntityType:
    """A class of the ontology that entities can be of.

    ``ancestors`` are its superclasses, nearest first, without itself; ``expects`` are the relations
    that its entities should have as subject, where a super-property stands for any relation under it;
    ``section`` is the heading in an answer for people.
    """

    name: str
    iri: str
    label: str
    definition: str
    ancestors: tuple[str, ...]
    behaviour: Behaviour
    expects: tuple[str, ...]
    quorum: Quorum | None
    section: Code
    clauses: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels in the property graph: its own name, then those of its superclasses."""
        return (self.name, *self.ancestors)


@dataclass(frozen=True, slots=True)
class RelationType:
    """An object property of the ontology that can be asserted between two entities.

    ``domain`` and ``range`` are alternatives. ``relationship_type`` is its name in the property graph.
    ``ancestors`` are its super-properties, nearest first, most of which cannot be asserted.
    """

    name: str
    iri: str
    label: str
    inverse_label: str
    definition: str
    relationship_type: str
    domain: tuple[str, ...]
    range: tuple[str, ...]
    propagation: Propagation
    strength: Strength
    why: str
    clauses: tuple[str, ...]
    ancestors: tuple[str, ...] = ()

    @property
    def fulfils(self) -> tuple[str, ...]:
        """What types expect and an edge of this relation provides: itself and its super-properties."""
        return (self.name, *self.ancestors)


@dataclass(frozen=True, slots=True)
class PropertyType:
    """A property whose values are literals or codes.

    ``datatype`` is the local name of an XML Schema datatype, or ``code``, and then ``code_list`` names
    the list. ``domain`` are alternatives; ``on_relations`` says that edges may carry it too; ``end_of`` is what
    ends at the time that it states, or "".
    """

    name: str
    iri: str
    label: str
    definition: str
    domain: tuple[str, ...]
    on_relations: bool
    datatype: str
    code_list: str | None
    many: bool
    inclusive_end: bool
    end_of: str = ""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One property shape of SHACL Core: what ``path`` must fulfil for entities of type ``target``.

    ``path`` is the local name of a property or relation. Absent parameters are None. ``target`` is
    ``QualifiedRelation`` where it binds edges.
    """

    target: str
    path: str
    message: str
    severity: Literal["error", "warning"]
    min_count: int | None = None
    max_count: int | None = None
    min_inclusive: float | None = None
    max_inclusive: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    less_than: str | None = None
    less_than_or_equals: str | None = None
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """Everything that the ontology says, by local name.

    Parameters
    ----------
    types, relations, properties, code_lists : mapping
        By local name, in alphabetical order.
    constraints : tuple of Constraint
        From the shapes.
    hash : str
        SHA-256 (hex) over the files that it was read from, in order.
    known : mapping of str to str
        The words by which analyses know terms that they give a meaning to, such as ``"baseline of"``, and the
        local name of the type, relation or property that each stands for.
    """

    types: Mapping[str, EntityType]
    relations: Mapping[str, RelationType]
    properties: Mapping[str, PropertyType]
    code_lists: Mapping[str, CodeList]
    constraints: tuple[Constraint, ...]
    hash: str = field(compare=False)
    known: Mapping[str, str] = field(default_factory=dict)

    def known_as(self, word: str) -> str:
        """The term that the ontology lets analyses know by a word: its local name.

        So that no analysis names a type or a relation itself. Raises KeyError where no term is known so,
        which a test rules out for every word in the code.
        """
        return self.known[word]

    def is_a(self, type: str, ancestor: str) -> bool:
        """Whether entities of ``type`` are also of type ``ancestor`` (a type is one of itself)."""
        return type == ancestor or ancestor in self.types[type].ancestors

    def any_of(self, type: str, alternatives: Iterable[str]) -> bool:
        """Whether ``type`` is one of the alternatives, or a subclass of one."""
        return any(self.is_a(type, one) for one in alternatives)

    @cached_property
    def subtypes(self) -> Mapping[str, tuple[str, ...]]:
        """For each type, itself and its subclasses."""
        found: dict[str, list[str]] = {name: [name] for name in self.types}
        for name, type in self.types.items():
            for ancestor in type.ancestors:
                found[ancestor].append(name)
        return {name: tuple(sorted(names)) for name, names in found.items()}

    @cached_property
    def by_iri(self) -> Mapping[str, EntityType | RelationType | PropertyType | Code]:
        """Every term and code by its IRI."""
        found: dict[str, EntityType | RelationType | PropertyType | Code] = {}
        for group in (self.types, self.relations, self.properties):
            found.update({term.iri: term for term in group.values()})
        for codes in self.code_lists.values():
            found.update({code.iri: code for code in codes.codes})
        return found

    def properties_of(self, type: str) -> tuple[PropertyType, ...]:
        """The properties that entities of a type may have."""
        return tuple(p for p in self.properties.values() if self.any_of(type, p.domain))


def relationship_type(name: str) -> str:
    """The name of a relation in the property graph.

    Examples
    --------
    >>> relationship_type("dependsOn")
    'DEPENDS_ON'
    >>> relationship_type("usesAPI")
    'USES_API'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).upper()
