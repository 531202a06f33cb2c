"""A model of the Open-PSA Model Exchange Format: what its files define, and what a name in them means.

Events and parameters are defined in fault trees, in components of these, and as data of the model. A name means what is
defined privately where it stands, or around that; then what is public anywhere in the model; or it is a whole path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphsms.ingest.foreign import Take
from graphsms.ingest.xmltext import Element
from graphsms.model import Fault, Origin

__all__ = ["EVENTS", "REFERENCES", "Definition", "Model", "define", "references"]

EVENTS: Final = ("define-gate", "define-basic-event", "define-house-event")
_CONTAINERS: Final = ("define-fault-tree", "define-component")
REFERENCES: Final = ("event", "gate", "basic-event", "house-event")
_COMMON: Final = "define-CCF-group"
_ALSO_PLAIN: Final = ("label", "attributes")


@dataclass(frozen=True, slots=True)
class Definition:
    """An event or a parameter: its kind, name, the containers that it stands in, and whether only these see it.

    ``model`` is what the model is called in whose file it stands: models may come to be joined.
    """

    kind: str
    name: str
    scope: tuple[str, ...]
    private: bool
    element: Element
    origin: Origin
    model: str

    @property
    def path(self) -> str:
        return ".".join((*self.scope, self.name))

    @property
    def known_as(self) -> str:
        """What it is called in the whole model: by its name if public, else by its path."""
        return self.path if self.private else self.name

    def formula(self) -> Element | None:
        """What it is defined by."""
        return next((one for one in self.element.children if one.name not in _ALSO_PLAIN), None)


@dataclass(slots=True)
class Model:
    """Definitions by what they are called, events apart from parameters, and what was read over."""

    name: str
    events: dict[str, Definition] = field(default_factory=dict)
    parameters: dict[str, Definition] = field(default_factory=dict)
    trees: list[str] = field(default_factory=list)
    common_causes: list[Definition] = field(default_factory=list)
    event_trees: list[Definition] = field(default_factory=list)
    skipped: list[tuple[str, Origin]] = field(default_factory=list)
    includes: list[tuple[str, Origin]] = field(default_factory=list)

    def event(self, name: str, scope: tuple[str, ...]) -> Definition | None:
        """The event that a name means in a scope."""
        return _meant(name, scope, self.events)

    def undefined(self) -> Iterator[tuple[Definition, str]]:
        """Names of events that gates speak of and nothing defines, each with its gate."""
        for gate in self.events.values():
            if gate.kind == "define-gate":
                for name in references(gate.element):
                    if self.event(name, gate.scope) is None:
                        yield gate, name

    def parameter(self, name: str, scope: tuple[str, ...]) -> Definition | None:
        """The parameter that a name means in a scope."""
        return _meant(name, scope, self.parameters)


def _meant(name: str, scope: tuple[str, ...], among: Mapping[str, Definition]) -> Definition | None:
    for depth in range(len(scope), 0, -1):
        found = among.get(".".join((*scope[:depth], name)))
        if found is not None:
            return found
    found = among.get(name)
    if found is not None or "." not in name:
        return found
    # A public definition may also be called by its path, or by the end of it.
    found = among.get(name.rpartition(".")[2])
    return found if found is not None and f".{found.path}".endswith(f".{name}") else None


def references(element: Element) -> Iterator[str]:
    """The names of events in a formula, whatever is around it."""
    todo = [element]
    while todo:
        one = todo.pop()
        todo += reversed(one.children)
        if one.name in REFERENCES and one.attributes.get("name", "").strip():
            yield one.attributes["name"].strip()


def define(model: Model, root: Element, file: str, rules: Any, fault: Take) -> None:
    """Take the definitions of a file into a model."""
    for element, scope, private in _walk(root, (), False):
        origin = Origin(file, element.line)
        name = element.attributes.get("name", "").strip()
        kind = element.name
        if kind == "include":
            if scope:  # others are followed, or told of, by those who know the files
                model.includes.append((element.attributes.get("file", ""), origin))
        elif kind == "define-event-tree":
            model.event_trees.append(Definition(kind, name, scope, private, element, origin, model.name))
        elif kind in rules["passed_over"]:
            model.skipped.append((rules["passed_over"][kind], origin))
        elif kind in _ALSO_PLAIN:
            continue
        elif kind not in (*EVENTS, *_CONTAINERS, _COMMON, "define-parameter"):
            model.skipped.append((kind, origin))
        elif not name:
            fault(Fault(origin, "", "name", "missing-id", f"A definition ({kind}) has a name."))
        elif kind == _COMMON:
            model.common_causes.append(Definition(kind, name, scope, private, element, origin, model.name))
        elif kind == "define-fault-tree":
            model.trees.append(name)
        elif kind not in _CONTAINERS:
            one = Definition(kind, name, scope, private, element, origin, model.name)
            among = model.events if kind in EVENTS else model.parameters
            before = among.setdefault(one.known_as, one)
            if before is not one:
                message = f"It is defined in {before.origin} already: a model defines each name once."
                fault(Fault(origin, one.known_as, "name", "defined-twice", message))


def _walk(element: Element, scope: tuple[str, ...], private: bool) -> Iterator[tuple[Element, tuple[str, ...], bool]]:
    """What stands in a model, each with the containers around it, and whether it is private to them."""
    for one in element.children:
        role = one.attributes.get("role")
        its = role == "private" or (private and role != "public")
        if one.name == "model-data":
            yield from _walk(one, scope, private)
            continue
        yield one, scope, its and bool(scope)
        if one.name in _CONTAINERS:
            yield from _walk(one, (*scope, one.attributes.get("name", "").strip()), its)
