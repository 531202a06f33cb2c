"""What statements must fulfil together: both ends of the right kind, groups that make sense, the shapes.

Last step of three. It judges what the graph would hold after the import, and so knows what is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

from graphsms.ingest.check import Stated, StatedRelation
from graphsms.ingest.kinds import Kinds
from graphsms.ingest.spilled_lists import Groups
from graphsms.ingest.spilling import Spilled, in_batches, looked_up, pairs
from graphsms.model import Entity, Fault, Origin, Relation, RelationKey, Value
from graphsms.shapes import Quick, Shapes, Violation
from graphsms.vocabulary import PLACEHOLDER, STRENGTH, Propagation, Quorum, Vocabulary

__all__ = ["Surroundings", "judge"]

_GROUPS: Final = 1_000  # that are looked at at once
_FORMS: Final = 10_000  # of entities that are remembered
_Kinds: TypeAlias = tuple[str | None, str, str | None]  # of subject, the relation, of object
Take = Callable[[Fault], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of the graph matters to what is judged.

    Parameters
    ----------
    types : mapping of str to str
        Of entities that are referred to without being stated.
    relations : collection of RelationKey
        Present already, from entities that the statements speak of.
    members : callable
        The members of a group of the graph, by its id; nothing for what is no group.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    relations: Iterable[RelationKey] = ()
    members: Callable[[str], Iterable[str]] = lambda _: ()


def judge(
    stated: Stated,
    vocabulary: Vocabulary,
    around: Surroundings,
    *,
    strict: bool,
    fault: Take,
    warn: Take,
) -> None:
    """Check statements against each other and the ontology.

    Parameters
    ----------
    stated : Stated
        With placeholders for what is described nowhere.
    vocabulary : Vocabulary
    around : Surroundings
    strict : bool
        Whether a relation between the wrong kinds is a fault in foreign formats too, rather than a warning.
    fault, warn : callable
        Take each `Fault` and each warning.
    """
    judgement = _Judgement(stated, vocabulary, around, strict, fault, warn)
    judgement.of_relations()
    judgement.of_entities()
    judgement.of_groups()


class _Form(NamedTuple):
    """Entities of one type with properties of the same names: how it is quickly seen that one has no fault (None where
    that takes more), and whether it is a group."""

    quick: Sequence[tuple[str, Quick]] | None
    quorum: Quorum | None


class _Judgement:
    def __init__(
        self,
        stated: Stated,
        vocabulary: Vocabulary,
        around: Surroundings,
        strict: bool,
        fault: Take,
        warn: Take,
    ) -> None:
        self.stated = stated
        self.vocabulary = vocabulary
        self.around = around
        self.strict = strict
        self.fault = fault
        self.warn = warn
        self.shapes = Shapes(vocabulary)
        self.quorums: dict[str, Quorum | None] = {name: one.quorum for name, one in vocabulary.types.items()}
        counted = {c.path for c in vocabulary.constraints if c.path in vocabulary.relations}
        self.gathered = counted | {one.relation for one in self.quorums.values() if one is not None}
        self.kinds = Kinds(stated, around.types)
        self.minimums: Spilled[str, Value | None] = Spilled()  # how many members each group that is stated needs
        # Objects by relation and subject, of the relations that some rule counts.
        self.ends = Groups()

    def type_of(self, id: str) -> str | None:
        one = self.stated.entities.get(id)
        return one[0] if one is not None else self.around.types.get(id)

    # ---------------------------------------------------------------------------------- relations

    def of_relations(self) -> None:
        gathered = self.gathered
        fits: dict[_Kinds, str] = {}
        for keys, values, subject_types, object_types in self.kinds.of_relations():
            for subject, relation, object in keys:
                if relation in gathered:
                    self.ends.add(_ends(relation, subject), object)
            kinds = [*zip(subject_types, (key[1] for key in keys), object_types, strict=True)]
            for one in {*kinds} - fits.keys():
                fits[one] = self.wrong_kind(*one)
            faulty = any(map(fits.__getitem__, {*kinds}))
            for key, said, its in zip(keys, values, kinds, strict=True):
                if (faulty or said[0] or key[0] == key[2]) and its[0] is not None and its[2] is not None:
                    self.of_relation(key, said, its[0], fits[its])
        for subject, relation, object in self.around.relations:
            if relation in gathered:
                self.ends.add(_ends(relation, subject), object)

    def of_relation(self, key: RelationKey, said: StatedRelation, subject_type: str, wrong: str) -> None:
        subject, relation, object = key
        properties, origin, _, _ = said
        if wrong:
            hold = self.warn if origin.file in self.stated.foreign and not self.strict else self.fault
            hold(Fault(origin, subject, relation, "wrong-kind", f"{object!r}: {wrong}", object))
        if properties:
            self.of_qualified(Relation(relation, subject, object, properties), subject_type, origin)
        if subject == object:
            self.of_loop(subject, subject_type, relation, origin)

    def wrong_kind(self, subject_type: str | None, relation: str, object_type: str | None) -> str:
        if subject_type is None or object_type is None:
            return ""  # dangling, and reported as that
        its = self.vocabulary.relations[relation]
        if not self.vocabulary.any_of(subject_type, its.domain):
            return f"{relation} leads from {_one_of(its.domain)}, and this is a {subject_type}."
        if not self.vocabulary.any_of(object_type, its.range):
            return f"{relation} leads to {_one_of(its.range)}, and that is a {object_type}."
        return ""

    def of_qualified(self, relation: Relation, subject_type: str, origin: Origin) -> None:
        quorum = self.quorums[subject_type]
        if STRENGTH in relation.properties and quorum is not None and quorum.relation == relation.type:
            message = f"Members of a group are always hard: take {STRENGTH} away from {relation.object!r}."
            self.fault(Fault(origin, relation.subject, relation.type, "strength-on-member", message, relation.object))
        for violation in self.shapes.of_relation(relation):
            field = f"{relation.type} {violation.constraint.path}"
            self.take(violation, relation.subject, field, origin, relation.object)

    def of_loop(self, id: str, type: str, relation: str, origin: Origin) -> None:
        quorum = self.quorums[type]
        propagates = self.vocabulary.relations[relation].propagation is not Propagation.NONE
        if propagates and (quorum is None or quorum.relation != relation):
            hold = self.warn if origin.file in self.stated.foreign and not self.strict else self.fault
            hold(Fault(origin, id, relation, "relation-to-itself", "Nothing can need itself: take this away.", id))

    # ----------------------------------------------------------------------------------- entities

    def of_entities(self) -> None:
        allowed: dict[str, set[str]] = {}
        forms: dict[tuple[str, ...], _Form] = {}
        for id, (type, properties, origin) in pairs(self.stated.entities):
            named = (type, *properties)
            form = forms.get(named)
            if form is None:
                form = forms[named] = self.form(type, properties)
                if len(forms) > _FORMS:
                    del forms[next(iter(forms))]
            if form.quorum is not None:
                self.minimums[id] = properties.get(form.quorum.property)
            if form.quick is not None:
                for property, look in form.quick:
                    if not look(properties[property]):
                        break
                else:
                    continue
            may = allowed.get(type)
            if may is None:
                may = allowed[type] = {one.name for one in self.vocabulary.properties_of(type)}
            if not properties.keys() <= may:
                for name in sorted(properties.keys() - may):
                    message = f"A {type} has no such property; {self.bearers(name)}."
                    self.fault(Fault(origin, id, name, "unexpected-property", message))
            if properties.get(PLACEHOLDER) is True:
                continue  # nothing is described, so nothing can be required
            entity = Entity(id, type, properties)
            ends = partial(self.ends_of, id) if self.shapes.relations_of(type) else _no_ends
            for violation in self.shapes.of_entity(entity, ends, self.type_of):
                if not self.told_already(id, violation):
                    self.take(violation, id, violation.constraint.path, origin)

    def form(self, type: str, names: Collection[str]) -> _Form:
        """What holds of all entities of a type with properties of these names."""
        quick = None
        if PLACEHOLDER not in names and {*names} <= {one.name for one in self.vocabulary.properties_of(type)}:
            quick = self.shapes.quick_looks(type, names)
        return _Form(quick, self.quorums[type])

    def told_already(self, id: str, violation: Violation) -> bool:
        """Whether its value was refused before, or it leads to what is not there."""
        leads_nowhere = violation.component == "class" and self.type_of(str(violation.value)) is None
        return leads_nowhere or (id, violation.constraint.path) in self.stated.faulty

    def ends_of(self, id: str, relation: str) -> Collection[str]:
        return self.ends.of(_ends(relation, id))

    def bearers(self, name: str) -> str:
        property = self.vocabulary.properties[name]
        if property.domain:
            return f"{name} is for {_one_of(property.domain)}"
        return f"{name} is for relations"

    def take(self, violation: Violation, subject: str, field: str, origin: Origin, object: str = "") -> None:
        hold = self.fault if violation.constraint.severity == "error" else self.warn
        hold(Fault(origin, subject, field, violation.rule, f"{violation.message}.", object))

    # ------------------------------------------------------------------------------------- groups

    def of_groups(self) -> None:
        groups: dict[str, list[str]] = {}
        too_few: list[tuple[int, Fault]] = []
        for batch in in_batches(self.ends.numbered(), _GROUPS):
            split = [ends.split("\n", 1) for _, ends, _ in batch]
            ids = [*{*(subject for _, subject in split), *(id for _, _, members in batch for id in members)}]
            quorums = {
                id: self.quorums[type] for id, type in zip(ids, self.kinds.of(ids), strict=True) if type is not None
            }
            minimums = looked_up(self.minimums, [subject for _, subject in split])
            for (number, _, members), (relation, subject) in zip(batch, split, strict=True):
                quorum = quorums.get(subject)
                if quorum is None or quorum.relation != relation:
                    continue
                # Circles are of groups alone: of millions of members, few are.
                inner = sorted(id for id in members if quorums.get(id) is not None)
                if inner or subject not in minimums:
                    groups[subject] = inner
                minimum = minimums.get(subject)
                if isinstance(minimum, int) and minimum > len(members):
                    message = f"It needs {minimum} of its members, and has {len(members)}."
                    where = self.origin(subject)
                    too_few.append((number, Fault(where, subject, quorum.property, "minimum-exceeds-members", message)))
        for _, fault in sorted(too_few, key=itemgetter(0)):
            self.fault(fault)
        for circle in _circles(groups, self.members):
            message = f"A group cannot contain itself, also not through others: {' → '.join(circle)}."
            self.fault(Fault(self.origin(circle[0]), circle[0], "", "group-contains-itself", message))

    def members(self, id: str) -> list[str]:
        """Members of a group that no statement names members of."""
        type = self.type_of(id)
        if id in self.stated.entities or (type is not None and self.quorums[type] is None):
            return []
        return sorted(self.around.members(id))

    def origin(self, id: str) -> Origin:
        one = self.stated.entities.get(id)
        if one is not None:
            return one[2]
        return next(said[1] for key, said in pairs(self.stated.relations) if key[0] == id)


def _circles(groups: dict[str, list[str]], members: Callable[[str], list[str]]) -> Iterator[list[str]]:
    """One path back to itself for each relation that closes a circle; depth first, without recursion."""
    done: set[str] = set()
    for start in sorted(groups):
        path: list[str] = []
        on_path: dict[str, int] = {}
        todo: list[tuple[str, bool]] = [(start, True)]
        while todo:
            id, enter = todo.pop()
            if not enter:
                on_path.pop(path.pop())
                done.add(id)
            elif id in on_path:
                yield [*path[on_path[id] :], id]
            elif id not in done:
                on_path[id] = len(path)
                path.append(id)
                todo.append((id, False))
                inner = groups[id] if id in groups else members(id)
                todo += [(one, True) for one in reversed(inner)]


def _ends(relation: str, subject: str) -> str:
    """Of which ends: no name of a relation holds a line break."""
    return f"{relation}\n{subject}"


def _no_ends(_relation: str) -> Collection[str]:
    return ()


def _one_of(names: Iterable[str]) -> str:
    return " or ".join(names)
