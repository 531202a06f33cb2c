"""The constraints of the shapes, checked on entities and relations as they are held: SHACL Core without RDF.

Source: W3C Recommendation *Shapes Constraint Language (SHACL)*, 20 July 2017, section 4; each component
below bears the name that it has there. Targets are by class, subclasses included. What the graph holds is
what its RDF would say: a code is the IRI of its individual, the value of a relation that of its object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from graphsms.model import Entity, Relation, Scalar, Value
from graphsms.vocabulary import ON_RELATIONS, Constraint, PropertyType, Vocabulary

__all__ = ["Shapes", "Violation"]

Objects: TypeAlias = Callable[[str], Collection[str]]
TypeOf: TypeAlias = Callable[[str], str | None]
# Says of most values at once that they fulfil a constraint; of the others it says nothing.
Quick: TypeAlias = Callable[[Value], bool]

_DURATION: Final = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?")


@dataclass(frozen=True, slots=True)
class Violation:
    """One result of validation.

    Parameters
    ----------
    constraint : Constraint
    component : str
        Which parameter of it is not fulfilled, such as ``minCount``.
    value : Scalar or None
        The value that does not fulfil it; None where their number does not.
    message : str
        What is wrong, in words.
    """

    constraint: Constraint
    component: str
    value: Scalar | None
    message: str

    @property
    def rule(self) -> str:
        """The component as the name of a rule.

        Examples
        --------
        >>> Violation(Constraint("Entity", "name", "", "error"), "maxCount", None, "").rule
        'max-count'
        """
        return re.sub(r"(?=[A-Z])", "-", self.component).lower()


@dataclass(slots=True)
class _Plan:
    """The constraints of one type, sorted by when they can fail."""

    required: list[Constraint] = field(default_factory=list)
    by_property: dict[str, list[tuple[Quick, Constraint]]] = field(default_factory=dict)
    by_relation: dict[str, list[Constraint]] = field(default_factory=dict)


class Shapes:
    """The shapes of a vocabulary, made ready for checking.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> shapes = Shapes(load())
    >>> [one.component for one in shapes.of_entity(Entity("web", "Entity", {"name": ""}))]
    ['minLength']
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._plans: dict[str, _Plan] = {}

    def relations_of(self, type: str) -> Collection[str]:
        """The relations that some constraint on entities of a type speaks of."""
        return self._plan(type).by_relation.keys()

    def quick_looks(self, type: str, names: Collection[str]) -> Sequence[tuple[str, Quick]] | None:
        """How it is quickly seen that an entity of a type with properties of just these names fulfils everything: by
        one look at each of some values. None where that takes more."""
        plan = self._plan(type)
        if plan.by_relation or any(constraint.path not in names for constraint in plan.required):
            return None
        return [(name, quick) for name in names for quick, _ in plan.by_property.get(name, ())]

    def of_entity(
        self, entity: Entity, objects: Objects = lambda _: (), type_of: TypeOf = lambda _: None
    ) -> list[Violation]:
        """What an entity does not fulfil.

        Parameters
        ----------
        entity : Entity
        objects : callable
            The ids at the end of the entity's relations of a type; asked only for `relations_of` its type.
        type_of : callable
            The type of an entity by its id, or None.
        """
        plan = self._plan(entity.type)
        found: list[Violation] = []
        properties = entity.properties
        for constraint in plan.required:
            if constraint.path not in properties:
                found += self._counted(constraint, 0)
        if plan.by_property:
            for name, value in properties.items():
                for quick, constraint in plan.by_property.get(name, ()):
                    if not quick(value):
                        found += self._property(constraint, value, properties)
        for relation, constraints in plan.by_relation.items():
            ends = objects(relation)
            for constraint in constraints:
                found += self._relation(constraint, ends, type_of)
        return found

    def of_relation(self, relation: Relation) -> list[Violation]:
        """What the properties of a relation do not fulfil; one without properties has nothing to fulfil."""
        if not relation.properties:
            return []
        plan = self._plan(ON_RELATIONS)
        found: list[Violation] = []
        for constraint in plan.required:
            if constraint.path not in relation.properties:
                found += self._counted(constraint, 0)
        for name, value in relation.properties.items():
            for quick, constraint in plan.by_property.get(name, ()):
                if not quick(value):
                    found += self._property(constraint, value, relation.properties)
        return found

    def _plan(self, type: str) -> _Plan:
        plan = self._plans.get(type)
        if plan is None:
            plan = self._plans[type] = _Plan()
            for constraint in self._vocabulary.constraints:
                if constraint.target == type or (
                    type != ON_RELATIONS
                    and constraint.target != ON_RELATIONS
                    and self._vocabulary.is_a(type, constraint.target)
                ):
                    self._sort(constraint, plan)
        return plan

    def _sort(self, constraint: Constraint, plan: _Plan) -> None:
        if constraint.path in self._vocabulary.relations:
            plan.by_relation.setdefault(constraint.path, []).append(constraint)
            return
        if constraint.min_count:
            plan.required.append(constraint)
        property = self._vocabulary.properties[constraint.path]
        if property.many or _says_more_than_once(constraint):
            plan.by_property.setdefault(constraint.path, []).append((_quick(constraint, property), constraint))

    # ----------------------------------------------------------------------------- the components

    def _counted(self, constraint: Constraint, number: int) -> Iterator[Violation]:
        least, most = constraint.min_count, constraint.max_count
        if least is not None and number < least:
            yield _violation(
                constraint, "minCount", None, f"has {_values(number)}, and at least {least} must be stated"
            )
        if most is not None and number > most:
            yield _violation(constraint, "maxCount", None, f"has {_values(number)}, and at most {most} may be stated")

    def _property(self, constraint: Constraint, value: Value, properties: Mapping[str, Value]) -> Iterator[Violation]:
        values = value if isinstance(value, tuple) else (value,)
        property = self._vocabulary.properties[constraint.path]
        yield from self._counted(constraint, len(values))
        for one in values:
            yield from self._bounds(constraint, one)
            yield from self._text(constraint, self._lexical(property, one) if _needs_text(constraint) else "", one)
            for type in constraint.classes:
                yield _violation(constraint, "class", one, f"is {one!r}, and must lead to a {type}")
            for other, component in (
                (constraint.less_than, "lessThan"),
                (constraint.less_than_or_equals, "lessThanOrEquals"),
            ):
                if other is not None and other in properties:
                    yield from _compared(constraint, component, property.datatype, one, other, properties[other])

    def _relation(self, constraint: Constraint, ends: Collection[str], type_of: TypeOf) -> Iterator[Violation]:
        yield from self._counted(constraint, len(ends))
        for end in ends:
            for type in constraint.classes:
                its = type_of(end)
                if its is None or not self._vocabulary.is_a(its, type):
                    yield _violation(constraint, "class", end, f"leads to {end!r}, and must lead to a {type}")
            if _needs_text(constraint):
                from graphsms.rdf.iri import iri_of

                yield from self._text(constraint, iri_of(end), end)

    def _bounds(self, constraint: Constraint, value: Scalar) -> Iterator[Violation]:
        least, most = constraint.min_inclusive, constraint.max_inclusive
        if isinstance(value, str):
            return  # the loader lets bounds stand on numbers only
        if least is not None and value < least:
            yield _violation(constraint, "minInclusive", value, f"is {value!r}, and must be at least {least:g}")
        if most is not None and value > most:
            yield _violation(constraint, "maxInclusive", value, f"is {value!r}, and must be at most {most:g}")

    def _text(self, constraint: Constraint, text: str, value: Scalar) -> Iterator[Violation]:
        if constraint.min_length is not None and len(text) < constraint.min_length:
            few = f"is shorter than {constraint.min_length} characters" if text else "is empty"
            yield _violation(constraint, "minLength", value, few)
        if constraint.max_length is not None and len(text) > constraint.max_length:
            yield _violation(constraint, "maxLength", value, f"is longer than {constraint.max_length} characters")
        if constraint.pattern is not None and not re.search(constraint.pattern, text):
            yield _violation(constraint, "pattern", value, f"is {value!r}, and must match {constraint.pattern}")

    def _lexical(self, property: PropertyType, value: Scalar) -> str:
        if property.code_list is not None:
            code = self._vocabulary.code_lists[property.code_list].code(str(value))
            return code.iri if code else str(value)
        if isinstance(value, str):
            return value
        from graphsms.rdf.literals import lexical

        return lexical(property.datatype, value)


def _says_more_than_once(constraint: Constraint) -> bool:
    """Whether it can fail for a single value that is one of its property's."""
    return (
        _needs_text(constraint)
        or constraint.min_inclusive is not None
        or constraint.max_inclusive is not None
        or constraint.less_than is not None
        or constraint.less_than_or_equals is not None
        or bool(constraint.classes)
        or constraint.max_count == 0
        or (constraint.min_count or 0) > 1
    )


def _quick(constraint: Constraint, property: PropertyType) -> Quick:
    if property.datatype != "string" or constraint.less_than or constraint.less_than_or_equals or constraint.classes:
        return lambda _: False
    least, most = constraint.min_length or 0, constraint.max_length
    if constraint.pattern is None and most is None and (constraint.min_count or 0) < 2:
        return lambda value: type(value) is str and len(value) >= least and constraint.max_count != 0
    return lambda _: False


def _needs_text(constraint: Constraint) -> bool:
    return constraint.min_length is not None or constraint.max_length is not None or constraint.pattern is not None


def _violation(constraint: Constraint, component: str, value: Scalar | None, problem: str) -> Violation:
    wanted = f" ({constraint.message})" if constraint.message else ""
    return Violation(constraint, component, value, f"{problem}{wanted}")


def _values(number: int) -> str:
    return "no value" if number == 0 else "1 value" if number == 1 else f"{number} values"


def _compared(
    constraint: Constraint, component: str, datatype: str, value: Scalar, other: str, others: Value
) -> Iterator[Violation]:
    for one in others if isinstance(others, tuple) else (others,):
        order = _order(datatype, value, one)
        if order is None or order > 0 or (order == 0 and component == "lessThan"):
            word = "less than" if component == "lessThan" else "at most"
            yield _violation(constraint, component, value, f"is {value}, and must be {word} {other}, which is {one}")


def _order(datatype: str, value: Scalar, than: Scalar) -> int | None:
    """Negative, 0 or positive as a value is less than, equal to or greater than another; None if they have no order.

    Both are of the same datatype, or numbers: the loader sees to that.
    """
    if not isinstance(value, str) and not isinstance(than, str):
        return (value > than) - (value < than)
    if datatype == "code":
        return None
    value, than = str(value), str(than)
    if datatype == "duration":
        (months, seconds), (than_months, than_seconds) = _length(value), _length(than)
        by_months = (months > than_months) - (months < than_months)
        by_seconds = (seconds > than_seconds) - (seconds < than_seconds)
        # A month is no fixed number of days (XML Schema 1.1, part 2, section 3.3.6).
        return None if by_months * by_seconds < 0 else by_months or by_seconds
    if datatype == "dateTime":
        value, than = value.removesuffix("Z"), than.removesuffix("Z")
    return (value > than) - (value < than)


def _length(duration: str) -> tuple[int, float]:
    """A duration in months and seconds."""
    found = _DURATION.fullmatch(duration)
    assert found is not None, f"{duration} is not canonical"
    sign, *parts = found.groups()
    years, months, days, hours, minutes, seconds = (float(part or 0) for part in parts)
    factor = -1 if sign else 1
    return factor * int(years * 12 + months), factor * (((days * 24 + hours) * 60 + minutes) * 60 + seconds)
