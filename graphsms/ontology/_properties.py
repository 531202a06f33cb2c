"""Properties and relations: what entities say of themselves, and what leads from one to another."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

from graphsms.ontology._triples import DEFINITION, LABEL, OWL, RDFS, Triples, local, sms
from graphsms.vocabulary import (
    ON_RELATIONS,
    CodeList,
    Propagation,
    PropertyType,
    RelationType,
    Strength,
    relationship_type,
)

__all__ = ["properties_and_relations"]

_DATATYPE_PROPERTY: Final = OWL + "DatatypeProperty"
_OBJECT_PROPERTY: Final = OWL + "ObjectProperty"
_PARENT: Final = RDFS + "subPropertyOf"
_DOMAIN: Final = RDFS + "domain"
_RANGE: Final = RDFS + "range"
_VALUE_TYPE: Final = sms("valueType")
_INCLUSIVE_END: Final = sms("inclusiveEnd")
_END_OF: Final = sms("endOf")
_INVERSE_LABEL: Final = sms("inverseLabel")
_WHY: Final = sms("why")
_CLAUSE: Final = sms("clause")
_DEFAULT_STRENGTH: Final = sms("defaultStrength")
_SOFT: Final = sms("soft")
_HARD: Final = sms("hard")
_PROPAGATION: Final = sms("propagation")

# A literal range that pyoxigraph, the stores and the reasoners all understand.
_DATATYPES: Final = ("anyURI", "boolean", "date", "dateTime", "decimal", "double", "duration", "integer", "string")


def properties_and_relations(
    triples: Triples, types: Set[str], lists: Mapping[str, CodeList], single: Set[str]
) -> tuple[dict[str, PropertyType], dict[str, RelationType]]:
    """Every property, and every relation that can be asserted, by local name.

    Parameters
    ----------
    triples : Triples
    types : set of str
        Local names.
    lists : mapping of str to CodeList
    single : set of str
        IRIs of the properties that a shape allows at most once.

    Raises
    ------
    VocabularyError
        One does not say its ends, its datatype, or how failure travels along it.
    """
    datatype_properties = triples.typed.get(_DATATYPE_PROPERTY, {})
    object_properties = triples.typed.get(_OBJECT_PROPERTY, {})
    _require_declared(triples)
    refined = {parent for iri in object_properties for parent in triples.iris(iri, _PARENT)}
    properties: dict[str, PropertyType] = {}
    relations: dict[str, RelationType] = {}
    for iri in {**datatype_properties, **object_properties}:
        domain, range_ = _ends(triples, iri)
        propagation = triples.iri(iri, _PROPAGATION)
        if iri in datatype_properties or any(local(one) in lists for one in range_):
            if propagation:
                raise triples.wrong(iri, "is a property, along which no failure travels; leave out sms:propagation")
            properties[local(iri)] = _property(triples, iri, domain, range_, types, lists, iri not in single)
        elif propagation:
            relations[local(iri)] = _relation(triples, iri, domain, range_, propagation, types)
        elif iri not in refined and ON_RELATIONS not in map(local, domain):
            raise triples.wrong(
                iri,
                "say which way failure travels along it: sms:propagation sms:objectToSubject, "
                "sms:subjectToObject or sms:noPropagation",
            )
    return dict(sorted(properties.items())), dict(sorted(relations.items()))


def _require_declared(triples: Triples) -> None:
    """What has ends or a propagation is a property of some kind."""
    declared = {
        iri
        for kind in ("DatatypeProperty", "ObjectProperty", "AnnotationProperty")
        for iri in triples.typed.get(OWL + kind, {})
    }
    for iri, facts in triples.about.items():
        if iri not in declared and (_DOMAIN in facts or _RANGE in facts or _PROPAGATION in facts):
            raise triples.wrong(iri, "is not declared; add: a owl:ObjectProperty or a owl:DatatypeProperty")
        for parent in triples.iris(iri, _PARENT) if _PARENT in facts else ():
            if parent not in declared:
                raise triples.wrong(iri, f"its super-property {local(parent)} is declared nowhere; is the name right?")


def _ends(triples: Triples, iri: str) -> tuple[list[str], list[str]]:
    """Domain and range, each from the nearest super-property that states it where the property does not."""
    domain: list[str] = []
    range_: list[str] = []
    for one in _line(triples, iri):
        domain = domain or triples.classes(one, _DOMAIN)
        range_ = range_ or triples.classes(one, _RANGE)
        if domain and range_:
            break
    return domain, range_


def _line(triples: Triples, iri: str) -> list[str]:
    """The property itself and its super-properties, nearest first."""
    line = [iri]
    for one in line:
        line += [parent for parent in triples.iris(one, _PARENT) if parent not in line]
    return line


def _property(
    triples: Triples,
    iri: str,
    domain: list[str],
    range_: list[str],
    types: Set[str],
    lists: Mapping[str, CodeList],
    many: bool,
) -> PropertyType:
    stated = triples.iri(iri, _VALUE_TYPE)
    given = [local(one) for one in ([stated] if stated else []) + range_]
    if len(given) != 1:
        raise triples.wrong(iri, "a property has one datatype: rdfs:range, or sms:valueType for dates and durations")
    coded = given[0] in lists
    if not coded and given[0] not in _DATATYPES:
        raise triples.wrong(iri, f"{given[0]} is no supported datatype; use one of {', '.join(_DATATYPES)}")
    names = [local(one) for one in domain]
    of_types = tuple(one for one in names if one in types)
    if not names or len(of_types) + (ON_RELATIONS in names) != len(names):
        unknown = ", ".join(one for one in names if one not in types and one != ON_RELATIONS)
        raise triples.wrong(
            iri, f"its rdfs:domain must be types of the ontology or sms:{ON_RELATIONS} ({unknown or 'none given'})"
        )
    return PropertyType(
        name=local(iri),
        iri=iri,
        label=triples.english(iri, LABEL, local(iri)),
        definition=triples.english(iri, DEFINITION),
        domain=of_types,
        on_relations=ON_RELATIONS in names,
        datatype="code" if coded else given[0],
        code_list=given[0] if coded else None,
        many=many,
        inclusive_end=bool(triples.boolean(iri, _INCLUSIVE_END)),
        end_of=triples.literal(iri, _END_OF) or "",
    )


def _relation(
    triples: Triples, iri: str, domain: list[str], range_: list[str], propagation: str, types: Set[str]
) -> RelationType:
    try:
        travels = Propagation(local(propagation))
    except ValueError:
        raise triples.wrong(
            iri,
            f"{local(propagation)} is no propagation; use sms:objectToSubject, sms:subjectToObject "
            "or sms:noPropagation",
        ) from None
    for end, classes in (("domain", domain), ("range", range_)):
        unknown = [local(one) for one in classes if local(one) not in types]
        if unknown or not classes:
            raise triples.wrong(
                iri, f"its rdfs:{end} must be types of the ontology ({', '.join(unknown) or 'none given'})"
            )
    return RelationType(
        name=local(iri),
        iri=iri,
        label=triples.english(iri, LABEL, local(iri)),
        inverse_label=triples.english(iri, _INVERSE_LABEL),
        definition=triples.english(iri, DEFINITION),
        relationship_type=relationship_type(local(iri)),
        domain=tuple(map(local, domain)),
        range=tuple(map(local, range_)),
        propagation=travels,
        strength=_strength(triples, iri, travels),
        why=triples.english(iri, _WHY),
        clauses=triples.texts(iri, _CLAUSE),
        ancestors=tuple(map(local, _line(triples, iri)[1:])),
    )


def _strength(triples: Triples, iri: str, propagation: Propagation) -> Strength:
    said = triples.iri(iri, _DEFAULT_STRENGTH)
    if said is None and propagation is not Propagation.NONE:
        raise triples.wrong(iri, "a propagating relation says its sms:defaultStrength, sms:hard or sms:soft")
    if said == _SOFT:
        return "soft"
    if said in (None, _HARD):
        return "hard"
    raise triples.wrong(iri, f"{local(said or '')} is no strength; use sms:hard or sms:soft")
