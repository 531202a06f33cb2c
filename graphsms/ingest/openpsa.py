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

from graphsms.errors import RejectedError
from graphsms.ingest.documents import content_of
from graphsms.ingest.foreign import Take, deep_link, mapping, passed_over
from graphsms.ingest.openpsa_causes import CommonCause, common_causes
from graphsms.ingest.openpsa_figures import Figures, figures
from graphsms.ingest.openpsa_logic import AtLeast, Formula, Leaf, formulas
from graphsms.ingest.openpsa_model import Definition, Model, define
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.ingest.xmltext import Element, xml_document
from graphsms.model import Fault, Origin
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
        for model in _models(paths, rules, fault):
            yield from _Statements(model, rules, vocabulary, fault, warn)
            passed_over(model.skipped, warn)


def _models(paths: Sequence[Path], rules: Any, fault: Take) -> Iterator[Model]:
    """A model for each file with fault trees, with the data of the files in its folder that have none."""
    roots: list[tuple[Path, Element]] = []
    for path in paths:
        try:
            root = xml_document(content_of(path), str(path))
            if root.name != "opsa-mef":
                message = f"A model is an opsa-mef; this is {root.name!r}."
                fault(Fault(Origin(str(path), root.line), "", "", "wrong-form", message))
            else:
                roots.append((path, root))
        except RejectedError as error:
            for one in error.faults:
                fault(one)
    names: dict[str, Path] = {}
    folders = {path.parent for path, root in roots if root.child(_TREE) is not None}
    for path, root in roots:
        tree = root.child(_TREE)
        if tree is None:
            if path.parent not in folders:
                message = "It holds no fault tree, and no file beside it that is read does: name that file too."
                fault(Fault(Origin(str(path), root.line), "", "", "no-fault-tree", message))
            continue
        name = root.attributes.get("name") or tree.attributes.get("name") or path.stem
        if name in names:  # two models of one name would be one
            message = f"{names[name]} holds a model of the name {name!r} too: name one of them (opsa-mef name=...)."
            fault(Fault(Origin(str(path), root.line), "", "name", "same-model", message))
            continue
        names[name] = path
        model = Model(name)
        define(model, root, str(path), rules, fault)
        for other, data in roots:
            if other != path and other.parent == path.parent and data.child(_TREE) is None:
                define(model, data, str(other), rules, fault)
        yield model


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
            yield RawRelation(self.rules["needs"]["relation"], self.id(name), id, one.group.origin)

    def id(self, name: str) -> str:
        return f"openpsa:{self.model.name}/{name}"

    def entity(self, one: Definition, type: str, properties: dict[str, object]) -> RawEntity:
        label = " ".join(one.element.said("label").split())
        own = {
            self.word["name"]: one.name,
            self.word["description"]: label or None,
            self.word["source_key"]: one.path,
            self.word["link"]: deep_link(one.origin),
            self.word["tree"]: [one.scope[0]] if one.scope else None,
        }
        return RawEntity(self.id(one.known_as), type, {**properties, **own}, one.origin)

    def gate(self, one: Definition) -> Iterator[RawStatement]:
        formula = self.formulas.get(one.known_as, False)
        if isinstance(formula, bool):
            return
        self.anonymous = 0
        type, properties = self.kind(formula)
        yield self.entity(one, type, properties)
        yield from self.arguments(self.id(one.known_as), one, formula)

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
                yield RawRelation(relation, id, self.id(one.name), gate.origin, object_type=self.rules["item"]["type"])
            elif isinstance(one, AtLeast):
                self.anonymous += 1
                inner = f"{self.id(gate.known_as)}#{self.anonymous}"
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
            self.warn(Fault(one.origin, self.id(one.known_as), "", "constant-gate", message))
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
    names = [one.known_as for one in definitions]
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
