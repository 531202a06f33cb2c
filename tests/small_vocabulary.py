"""A vocabulary of a few types and relations, so that tests of the engine do not hang on the ontology.

=====  =================================================================================
Thing  can fail; `needs` (hard), `wants` (soft), `feeds` (subject to object, hard)
Box    can fail; expects `kept` (no state travels) and one of `needs` and `wants` (both are `stands`)
Pool   a group: needs `minimum` of what it `holds`
Party  is concerned: by what it `gets` (soft); passes nothing on
Deal   can fail; `by` a party (hard)
Note   stays out; `about` anything
=====  =================================================================================
"""

from __future__ import annotations

from graphsms.vocabulary import (
    Behaviour,
    Code,
    CodeList,
    EntityType,
    Propagation,
    PropertyType,
    Quorum,
    RelationType,
    Strength,
    Vocabulary,
)


def code(notation: str, rank: int, carries_failure: bool | None = None, seeds: str | None = None) -> Code:
    return Code(notation, f"x:{notation}", notation, "", rank, carries_failure, seeds)


SERVICES, PARTIES, ITEMS = code("services", 1), code("parties", 2), code("items", 3)


def _type(name: str, behaviour: Behaviour, section: Code, expects: tuple[str, ...] = ()) -> EntityType:
    quorum = Quorum("holds", "minimum") if name == "Pool" else None
    return EntityType(name, f"x:{name}", name, "", ("Entity",), behaviour, expects, quorum, section, ())


def _relation(name: str, propagation: Propagation, strength: Strength = "hard") -> RelationType:
    return RelationType(
        name=name,
        iri=f"x:{name}",
        label=name,
        inverse_label=f"{name} of",
        definition="",
        relationship_type=name.upper(),
        domain=("Entity",),
        range=("Entity",),
        propagation=propagation,
        strength=strength,
        why="",
        clauses=(),
        ancestors=("stands",) if name in ("needs", "wants") else (),
    )


def _property(name: str, datatype: str = "string", code_list: str | None = None) -> PropertyType:
    return PropertyType(name, f"x:{name}", name, "", ("Entity",), True, datatype, code_list, False, False)


def small_vocabulary() -> Vocabulary:
    can_fail, to_subject, to_object = Behaviour.CAN_FAIL, Propagation.OBJECT_TO_SUBJECT, Propagation.SUBJECT_TO_OBJECT
    types = (
        _type("Thing", can_fail, SERVICES),
        _type("Box", can_fail, ITEMS, ("kept", "stands")),
        _type("Pool", can_fail, ITEMS),
        _type("Party", Behaviour.IS_CONCERNED, PARTIES),
        _type("Deal", can_fail, ITEMS),
        _type("Note", Behaviour.STAYS_OUT, ITEMS),
    )
    relations = (
        _relation("needs", to_subject),
        _relation("wants", to_subject, "soft"),
        _relation("feeds", to_object),
        _relation("holds", to_subject),
        _relation("gets", to_subject, "soft"),
        _relation("by", to_subject),
        _relation("about", Propagation.NONE),
        _relation("kept", Propagation.NONE),
    )
    properties = (
        _property("name"),
        _property("placeholder", "boolean"),
        _property("minimum", "integer"),
        _property("lifecycle", "code", "LifecycleStatus"),
        _property("criticality", "code", "Criticality"),
        _property("validFrom", "dateTime"),
        _property("validTo", "dateTime"),
    )
    codes = {
        "LifecycleStatus": (code("live", 1, True), code("retired", 2, False)),
        "Criticality": (code("low", 1), code("critical", 2)),
        "Mode": (
            code("outage", 1, seeds="down"),
            code("degradation", 2, seeds="degraded"),
            code("change", 3, seeds="at risk"),
            code("removal", 4, seeds="down"),
            code("supplier replacement", 5, seeds="down"),
            code("service transfer", 6, seeds="at risk"),
        ),
    }
    return Vocabulary(
        types={type.name: type for type in sorted(types, key=lambda type: type.name)},
        relations={relation.name: relation for relation in sorted(relations, key=lambda relation: relation.name)},
        properties={property.name: property for property in properties},
        code_lists={name: CodeList(name, f"x:{name}", name, found) for name, found in codes.items()},
        constraints=(),
        hash="small",
    )
