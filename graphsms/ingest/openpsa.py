"""Fault trees of the Open-PSA Model Exchange Format, as things that need each other.

::

    (or-gate)-[depends on]->(event)        (and-gate, a group of which 1 has to hold)-[has]->(event)

An event of a fault tree is that something fails; here it is the thing that does. It is down exactly when the event
happens (`graphsms.ingest.openpsa_logic`), so that a cut set of the tree takes its top down, and nothing less does.
A file with fault trees is a model; files beside it that hold data alone (basic events, parameters) are part of it. Ids
are ``openpsa:model/event``. What becomes what stands in ``mappings/openpsa.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from graphsms.ingest.foreign import Take, deep_link, mapping, passed_over
from graphsms.ingest.openpsa_causes import CommonCause, common_causes
from graphsms.ingest.openpsa_figures import Figures, figures
from graphsms.ingest.openpsa_files import included, models
from graphsms.ingest.openpsa_logic import AtLeast, Formula, Leaf, formulas
from graphsms.ingest.openpsa_model import Definition, Model, references
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.model import Fault
from graphsms.vocabulary import Vocabulary

__all__ = ["OpenPsaReader"]

_ROOT: Final = re.compile(rb"<opsa-mef[\s>/]")
_TREE: Final = "define-fault-tree"
_SHOWN: Final = 5


class OpenPsaReader:
    """Reads fault trees of the Open-PSA Model Exchange Format."""

    name: Final = "openpsa"
    foreign: Final = True

    def recognizes(self, path: Path, head: bytes) -> bool:
        """XML with ``opsa-mef`` around it."""
        return path.suffix.lower() in (".xml", ".mef", ".opsa") and _ROOT.search(head) is not None

    def read(self, paths: Sequence[Path], vocabulary: Vocabulary, fault: Take, warn: Take) -> Iterator[RawStatement]:
        """The models of all files."""
        rules: Any = mapping(self.name)
        several = models(paths, rules, fault, warn)
        for model in several:
            yield from _Statements(model, rules, vocabulary, fault, warn)
            passed_over(model.skipped, warn)
        _tell_of_event_trees(several, warn)

    def follow(self, paths: Sequence[Path]) -> Sequence[Path]:
        """The files that these include, below their folders."""
        return included(paths)


def _tell_of_event_trees(models: Sequence[Model], warn: Take) -> None:
    """Event trees are passed over; the fault trees that they ask for are read, or told to be missing."""
    every = {one.origin: one for model in models for one in model.event_trees}
    for origin, tree in every.items():
        asked = dict.fromkeys(references(tree.element))
        known = [one for one in asked if any(model.event(one, tree.scope) is not None for model in models)]
        read = f" The fault trees behind it are read: {_listed(known)}." if known else ""
        message = f"Event tree {tree.name} is passed over: what follows on what is no need.{read}"
        warn(Fault(origin, tree.name, "", "passed-over", message))
        missing = [one for one in asked if one not in known]
        if missing:
            message = f"It asks for what no fault tree that is read defines: {_listed(missing)}; name its file too."
            warn(Fault(origin, tree.name, "", "missing-fault-tree", message))


class _Statements:
    """What a model says, as entities and relations."""

    def __init__(self, model: Model, rules: Any, vocabulary: Vocabulary, fault: Take, warn: Take) -> None:
        self.model = model
        self.rules = rules
        self.warn = warn
        self.word = {role: one["property"] for role, one in rules["properties"].items()}
        quorum = vocabulary.types[rules["group"]["type"]].quorum
        assert quorum is not None, "the mapping's group is none of the ontology"
        self.quorum = quorum
        self.formulas = formulas(model, rules, fault)
        self.causes = [*common_causes(model, rules, fault, warn)]
        self.anonymous = 0

    def __iter__(self) -> Iterator[RawStatement]:
        silent: list[Definition] = []
        # Of a group of common-cause failure, the group says how often its members fail.
        by_group = {name: one.alone for one in self.causes if one.alone.known for name in one.members}
        defined = (event for one in self.causes for event in one.defined)
        for one in (*self.model.events.values(), *defined):
            if one.kind == "define-basic-event":
                figure = by_group.get(one.known_as) or figures(one, self.model, self.rules)
                silent += [one] if figure.other else []
                yield self.entity(one, self.rules["item"]["type"], self.figures(figure))
            elif one.kind == "define-gate":
                yield from self.gate(one)
        for cause in self.causes:
            silent += [cause.group] if cause.together.other else []
            yield from self.cause(cause)
        self.tell(silent)

    def figures(self, said: Figures) -> dict[str, object]:
        return {
            self.word["availability"]: said.availability or None,
            self.word["basis"]: self.rules["basis"] if said.known else None,
            self.word["between_failures"]: said.between_failures or None,
            self.word["to_restore"]: said.to_restore or None,
        }

    def cause(self, one: CommonCause) -> Iterator[RawStatement]:
        """A common cause, and those that fail by it."""
        if not one.members:
            return
        made = self.entity(one.group, self.rules["item"]["type"], self.figures(one.together))
        id = f"{made.id}#{self.rules['common_cause']['suffix']}"
        said = self.rules["common_cause"]["description"].format(members=", ".join(one.members))
        description = self.word["description"]
        yield made._replace(id=id, properties={**made.properties, description: made.properties[description] or said})
        for name in one.members:
            yield RawRelation(self.rules["needs"]["relation"], self.id(name, one.group), id, one.group.origin)

    def id(self, name: str, of: Definition) -> str:
        """The id of an event by what it is called; of one that nothing defines, by the model that speaks of it."""
        return f"openpsa:{self.model.events.get(name, of).model}/{name}"

    def entity(self, one: Definition, type: str, properties: dict[str, object]) -> RawEntity:
        label = " ".join(one.element.said("label").split())
        own = {
            self.word["name"]: one.name,
            self.word["description"]: label or None,
            self.word["source_key"]: one.path,
            self.word["link"]: deep_link(one.origin),
            self.word["tree"]: [one.scope[0]] if one.scope else None,
        }
        return RawEntity(self.id(one.known_as, one), type, {**properties, **own}, one.origin)

    def gate(self, one: Definition) -> Iterator[RawStatement]:
        formula = self.formulas.get(one.known_as, False)
        if isinstance(formula, bool):
            return
        self.anonymous = 0
        type, properties = self.kind(formula)
        yield self.entity(one, type, properties)
        yield from self.arguments(self.id(one.known_as, one), one, formula)

    def kind(self, formula: Formula) -> tuple[str, dict[str, object]]:
        """The type of what a formula makes fail, and how much of it has to hold."""
        if isinstance(formula, AtLeast) and formula.failures > 1:
            minimum = len(formula.arguments) - formula.failures + 1
            return self.rules["group"]["type"], {self.quorum.property: minimum}
        return self.rules["item"]["type"], {}

    def arguments(self, id: str, gate: Definition, formula: Formula) -> Iterator[RawStatement]:
        """The needs or members that a formula gives to what it makes fail, and those of formulas within it."""
        several = formula.arguments if isinstance(formula, AtLeast) else (formula,)
        grouped = isinstance(formula, AtLeast) and formula.failures > 1
        relation = self.quorum.relation if grouped else self.rules["needs"]["relation"]
        for one in several:
            if isinstance(one, Leaf):
                yield RawRelation(
                    relation, id, self.id(one.name, gate), gate.origin, object_type=self.rules["item"]["type"]
                )
            elif isinstance(one, AtLeast):
                self.anonymous += 1
                inner = f"{self.id(gate.known_as, gate)}#{self.anonymous}"
                type, properties = self.kind(one)
                own = {
                    self.word["name"]: f"{gate.name}, formula {self.anonymous} within",
                    self.word["source_key"]: gate.path,
                    self.word["link"]: deep_link(gate.origin),
                    self.rules["within"]["inferred"]["property"]: True,
                }
                yield RawEntity(inner, type, {**properties, **own}, gate.origin)
                yield RawRelation(relation, id, inner, gate.origin)
                yield from self.arguments(inner, gate, one)

    # ------------------------------------------------------------------------------ what is not read

    def tell(self, silent: Sequence[Definition]) -> None:
        """What was simplified away or left out."""
        constant = [one for name, one in self.model.events.items() if isinstance(self.formulas.get(name), bool)]
        for one in constant:
            happens = "always" if self.formulas[one.known_as] else "never"
            message = f"By its constants and house events it {happens} happens; it is put into what refers to it."
            self.warn(Fault(one.origin, self.id(one.known_as, one), "", "constant-gate", message))
        houses = [one for one in self.model.events.values() if one.kind == "define-house-event"]
        if houses:
            message = f"House events are taken as they are set, and become nothing of their own: {_names(houses)}."
            self.warn(Fault(houses[0].origin, "", "", "house-events", message))
        if silent:
            message = f"The expressions of {len(silent)} basic events give no figure that is kept: {_names(silent)}."
            self.warn(Fault(silent[0].origin, "", "", "no-figure", message))
        for file, origin in self.model.includes:
            message = f"What it includes ({file}) is not read: name that file too."
            self.warn(Fault(origin, "", "include", "not-followed", message))


def _names(definitions: Sequence[Definition]) -> str:
    return _listed([one.known_as for one in definitions])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
