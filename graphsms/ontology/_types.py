"""Types and code lists: every class under the root, and every list under skos:Concept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from graphsms.ontology._triples import DEFINITION, LABEL, OWL, RDFS, SKOS, Triples, local, sms
from graphsms.vocabulary import (
    ANY,
    ON_RELATIONS,
    Behaviour,
    Code,
    CodeList,
    EntityType,
    Propagation,
    PropertyType,
    Quorum,
    RelationType,
)

__all__ = ["Ancestry", "ancestry", "any_of", "code_lists", "types"]

Ancestry = Mapping[str, tuple[str, ...]]  # type → its superclasses up to the root, nearest first

_CLASS: Final = OWL + "Class"
_PARENT: Final = RDFS + "subClassOf"
_CONCEPT: Final = SKOS + "Concept"
_THING: Final = OWL + "Thing"
_CLAUSE: Final = sms("clause")
_EXPECTS: Final = sms("expects")
_EXPECTS_NOTHING: Final = sms("expectsNothing")
_RANK: Final = sms("rank")
_CARRIES_FAILURE: Final = sms("carriesFailure")
_SEEDS_STATE: Final = sms("seedsState")
_BEHAVIOUR: Final = sms("behaviour")
_QUORUM_OVER: Final = sms("quorumOver")
_QUORUM_PROPERTY: Final = sms("quorumProperty")
_SECTION: Final = sms("section")
_NOTATION: Final = SKOS + "notation"
_WHOLE_NUMBER: Final = "integer"


def any_of(type: str, alternatives: tuple[str, ...], lines: Ancestry) -> bool:
    """Whether a type is one of the alternatives, or a subclass of one."""
    return type in alternatives or any(one in alternatives for one in lines[type])


def ancestry(triples: Triples) -> dict[str, tuple[str, ...]]:
    """The IRI of every type, with the IRIs of its superclasses up to the root, nearest first.

    Raises
    ------
    VocabularyError
        A class is neither type nor code list, its superclass is not declared, or it is its own superclass.
    """
    root = sms(ANY)
    declared = triples.typed.get(_CLASS, {})
    parents = {iri: triples.iris(iri, _PARENT) for iri in declared}
    for iri, facts in triples.about.items():
        if _PARENT in facts and iri not in declared and triples.iris(iri, _PARENT):
            raise triples.wrong(iri, "has a superclass but is not declared; add: a owl:Class")
    lines = {iri: _upwards(iri, parents, triples) for iri in declared}
    outside = {parent for line in lines.values() for parent in line}  # other people's classes above ours
    found: dict[str, tuple[str, ...]] = {}
    for iri, line in lines.items():
        if iri == root or root in line:
            found[iri] = tuple(one for one in line if one == root or root in lines[one])
        elif _CONCEPT in line and _CONCEPT not in parents[iri]:
            raise triples.wrong(iri, f"is under the code list {local(line[0])}; add codes to the list itself")
        elif _CONCEPT not in line and iri not in outside and iri != sms(ON_RELATIONS):
            raise triples.wrong(iri, f"say what it is: rdfs:subClassOf sms:{ANY} or a type, or skos:Concept")
    return found


def _upwards(iri: str, parents: Mapping[str, list[str]], triples: Triples) -> list[str]:
    """Superclasses breadth first."""
    found: dict[str, None] = {}
    level = [iri]
    while level:
        above = [parent for one in level for parent in parents.get(one, ())]
        level = []
        for parent in above:
            if parent == iri:
                raise triples.wrong(iri, "is its own superclass")
            if parent not in parents and parent not in (_CONCEPT, _THING):
                raise triples.wrong(
                    iri, f"its superclass {local(parent)} is declared nowhere: mistyped, or lacks a owl:Class"
                )
            if parent not in found and parent != _THING:
                found[parent] = None
                level.append(parent)
    return list(found)


def types(
    triples: Triples,
    lines: Mapping[str, tuple[str, ...]],
    relations: Mapping[str, RelationType],
    properties: Mapping[str, PropertyType],
    lists: Mapping[str, CodeList],
) -> dict[str, EntityType]:
    """Every type, with what it says of itself or inherits from the nearest superclass that says it."""
    names = {local(iri): tuple(map(local, line)) for iri, line in lines.items()}
    codes = {code.iri: code for one in lists.values() for code in one.codes}
    starts = _starts(relations.values())
    found = {
        local(iri): EntityType(
            name=local(iri),
            iri=iri,
            label=triples.english(iri, LABEL, local(iri)),
            definition=triples.english(iri, DEFINITION),
            ancestors=names[local(iri)],
            behaviour=_behaviour(triples, (iri, *line)),
            expects=_expects(triples, (iri, *line), starts, names),
            quorum=_quorum(triples, (iri, *line), relations, properties, names),
            section=_section(triples, (iri, *line), codes),
            clauses=triples.texts(iri, _CLAUSE),
        )
        for iri, line in lines.items()
    }
    return dict(sorted(found.items()))


def _starts(relations: Iterable[RelationType]) -> dict[str, tuple[str, ...]]:
    """For all that types may expect, relation or super-property, the types that it leads from."""
    found: dict[str, tuple[str, ...]] = {}
    for relation in relations:
        for name in relation.fulfils:
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *relation.domain)))
    return found


def _nearest(triples: Triples, line: tuple[str, ...], annotation: str) -> str | None:
    """What the type says, or the nearest superclass that says it."""
    about = triples.about
    return next((triples.iri(one, annotation) for one in line if annotation in about[one]), None)


def _behaviour(triples: Triples, line: tuple[str, ...]) -> Behaviour:
    said = _nearest(triples, line, _BEHAVIOUR)
    if said is None:
        raise triples.wrong(line[0], "say sms:behaviour sms:canFail, sms:isConcerned or sms:staysOut")
    try:
        return Behaviour(local(said))
    except ValueError:
        raise triples.wrong(
            line[0], f"{local(said)} is no behaviour; use sms:canFail, sms:isConcerned or sms:staysOut"
        ) from None


def _expects(
    triples: Triples, line: tuple[str, ...], starts: Mapping[str, tuple[str, ...]], names: Ancestry
) -> tuple[str, ...]:
    expected: dict[str, None] = {}
    for one in line:
        said = triples.about[one]
        if _EXPECTS in said:
            expected.update(dict.fromkeys(map(local, triples.iris(one, _EXPECTS))))
        if _EXPECTS_NOTHING in said and triples.boolean(one, _EXPECTS_NOTHING):
            break
    else:
        raise triples.wrong(line[0], "say which relations it sms:expects, or sms:expectsNothing true")
    for name in expected:
        if name not in starts:
            raise triples.wrong(line[0], f"expects {name}, which is no relation and no relation is under it")
        if not any_of(local(line[0]), starts[name], names):
            raise triples.wrong(line[0], f"expects {name}, which leads from {' or '.join(starts[name])} only")
    return tuple(expected)


def _quorum(
    triples: Triples,
    line: tuple[str, ...],
    relations: Mapping[str, RelationType],
    properties: Mapping[str, PropertyType],
    names: Ancestry,
) -> Quorum | None:
    over, count = _nearest(triples, line, _QUORUM_OVER), _nearest(triples, line, _QUORUM_PROPERTY)
    if over is None and count is None:
        return None
    relation = relations.get(local(over)) if over else None
    number = properties.get(local(count)) if count else None
    if (
        relation is None
        or relation.propagation is not Propagation.OBJECT_TO_SUBJECT
        or number is None
        or number.datatype != _WHOLE_NUMBER
        or number.many
        or not any_of(local(line[0]), relation.domain, names)
        or not any_of(local(line[0]), number.domain, names)
    ):
        raise triples.wrong(
            line[0],
            "a quorum needs both: sms:quorumOver, a relation that leads from the type and passes it the state of the "
            "object, and sms:quorumProperty, a whole number that its entities have once",
        )
    return Quorum(relation.name, number.name)


def _section(triples: Triples, line: tuple[str, ...], codes: Mapping[str, Code]) -> Code:
    said = _nearest(triples, line, _SECTION)
    if said is None or said not in codes:
        raise triples.wrong(line[0], "say under which sms:section of an answer it stands, by a code of a code list")
    return codes[said]


def code_lists(triples: Triples, lines: Mapping[str, tuple[str, ...]]) -> dict[str, CodeList]:
    """Every class directly under skos:Concept that is no type, with its codes in order."""
    found: dict[str, CodeList] = {}
    for iri in triples.typed.get(_CLASS, {}):
        if _CONCEPT not in triples.iris(iri, _PARENT) or iri in lines:
            continue
        codes = [_code(triples, code) for code in triples.typed.get(iri, {})]
        if not codes:
            raise triples.wrong(iri, "is a code list without codes")
        seen: dict[str, Code] = {}
        for code in codes:
            other = seen.setdefault(code.notation, code)
            if other is not code:
                raise triples.wrong(
                    code.iri, f"shares its notation {code.notation!r} with {local(other.iri)}, of the same list"
                )
        found[local(iri)] = CodeList(
            name=local(iri),
            iri=iri,
            label=triples.english(iri, LABEL, local(iri)),
            codes=tuple(sorted(codes, key=lambda c: (c.rank is None, c.rank or 0, c.notation))),
        )
    return dict(sorted(found.items()))


def _code(triples: Triples, iri: str) -> Code:
    seeds = triples.iri(iri, _SEEDS_STATE)
    return Code(
        notation=_notation(triples, iri),
        iri=iri,
        label=triples.english(iri, LABEL, local(iri)),
        definition=triples.english(iri, DEFINITION),
        rank=triples.whole(iri, _RANK),
        carries_failure=triples.boolean(iri, _CARRIES_FAILURE),
        seeds=_notation(triples, seeds) if seeds else None,
    )


def _notation(triples: Triples, iri: str) -> str:
    return triples.literal(iri, _NOTATION) or local(iri)
