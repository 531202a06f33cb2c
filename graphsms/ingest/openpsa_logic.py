"""The formulas of fault trees, brought to the one form that needs can say: at least k failures of n arguments.

`or` is one failure of n, `and` is n of n. House events and constants are put in and simplified away: what is always
true counts as a failure that has happened, what is never true is left out. What turns failure into success (`not`,
`xor` and the like) cannot be said, unless it is of something constant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from graphsms.ingest.foreign import Take
from graphsms.ingest.openpsa_model import REFERENCES, Definition, Model
from graphsms.ingest.xmltext import Element
from graphsms.model import Fault, Origin

__all__ = ["AtLeast", "Formula", "Leaf", "formulas"]

_TRUE: Final = ("true", "1")
_FALSE: Final = ("false", "0")


@dataclass(frozen=True, slots=True)
class Leaf:
    """An event, by what it is called in the model."""

    name: str


@dataclass(frozen=True, slots=True)
class AtLeast:
    """True when ``failures`` of the arguments are, or more; all of them different."""

    failures: int
    arguments: tuple[Formula, ...]


Formula: TypeAlias = bool | Leaf | AtLeast


def formulas(model: Model, rules: Any, fault: Take) -> dict[str, Formula]:
    """The formula of each gate of a model, constants simplified away.

    Parameters
    ----------
    model : Model
    rules : mapping
        Of the format.
    fault : callable
        Takes what cannot be said, and gates that need themselves.

    Notes
    -----
    Linear in the size of the formulas.
    """
    reader = _Formulas(model, rules, fault)
    for gate in _in_order(reader):
        reader.simplify(gate)
    return reader.found


class _Formulas:
    def __init__(self, model: Model, rules: Any, fault: Take) -> None:
        self.model = model
        self.rules = rules
        self.fault = fault
        self.found: dict[str, Formula] = {}
        self.gates = {name: one for name, one in model.events.items() if one.kind == "define-gate"}

    def named(self, element: Element, gate: Definition) -> Definition | str:
        """The event that an element refers to, or the name of one that nothing defines."""
        name = element.attributes.get("name", "").strip()
        found = self.model.event(name, gate.scope)
        return name if found is None else found

    def leads_to(self, gate: Definition) -> Iterator[str]:
        """The gates that the formula of a gate refers to."""
        todo = [gate.formula()]
        while todo:
            element = todo.pop()
            if element is None:
                continue
            todo += element.children
            if element.name in REFERENCES:
                found = self.named(element, gate)
                if isinstance(found, Definition) and found.known_as in self.gates:
                    yield found.known_as

    def simplify(self, gate: Definition) -> None:
        element = gate.formula()
        if element is None:
            self.wrong(gate, gate.element, "wrong-form", "A gate is defined by a formula.")
        else:
            self.found[gate.known_as] = self.formula(element, gate)

    def wrong(self, gate: Definition, element: Element, rule: str, message: str) -> None:
        self.fault(Fault(Origin(gate.origin.file, element.line), gate.known_as, element.name, rule, message))

    def formula(self, element: Element, gate: Definition) -> Formula:
        """A formula in its one form; what is wrong with it is told, and it counts as never true."""
        kind = element.name
        if kind in REFERENCES:
            return self.reference(element, gate)
        if kind == "constant":
            return self.truth(element, gate)
        if kind in ("and", "or", "atleast"):
            arguments = [self.formula(one, gate) for one in element.children]
            return self.gathered(element, gate, arguments)
        if kind == "not" and len(element.children) == 1:
            inner = self.formula(element.children[0], gate)
            if isinstance(inner, bool):
                return not inner
        if kind in self.rules["non_coherent"]:
            message = (
                f"It is true when something works ({kind}): what needs what cannot say that. State the tree with "
                "failures alone, such as by its minimal cut sets."
            )
            self.wrong(gate, element, "non-coherent", message)
        else:
            self.wrong(gate, element, "unknown-formula", f"The format has no formula {kind!r}.")
        return False

    def reference(self, element: Element, gate: Definition) -> Formula:
        found = self.named(element, gate)
        if isinstance(found, str):
            if not found:
                self.wrong(gate, element, "wrong-form", "A reference to an event names it.")
            return Leaf(found)
        if found.kind == "define-house-event":
            constant = found.formula()
            return self.truth(constant, found) if constant is not None else False
        if found.known_as in self.found and isinstance(self.found[found.known_as], bool):
            return self.found[found.known_as]
        return Leaf(found.known_as)

    def truth(self, element: Element, gate: Definition) -> bool:
        said = element.attributes.get("value", "").strip().lower()
        if element.name != "constant" or said not in (*_TRUE, *_FALSE):
            self.wrong(gate, element, "wrong-value", f"A constant is true or false, not {said!r}.")
        return said in _TRUE

    def gathered(self, element: Element, gate: Definition, said: list[Formula]) -> Formula:
        """At least so many of the arguments, those that are constant put in."""
        if not said:
            self.wrong(gate, element, "wrong-form", f"The formula {element.name!r} has arguments.")
            return False
        open_ones = [one for one in said if not isinstance(one, bool)]
        different = list(dict.fromkeys(open_ones))
        happened = sum(1 for one in said if one is True)
        if element.name == "or":
            failures = 1 - happened
        elif element.name == "and":
            failures = len(different) + sum(1 for one in said if one is False)
        else:
            failures = self.threshold(element, gate, len(said)) - happened
            if len(different) < len(open_ones):
                message = "An argument stands twice among those that are counted: state each once."
                self.wrong(gate, element, "repeated-argument", message)
        if failures <= 0:
            return True
        if failures > len(different):
            return False
        if len(different) == 1:
            return different[0]
        return AtLeast(failures, tuple(different))

    def threshold(self, element: Element, gate: Definition, number: int) -> int:
        said = element.attributes.get("min", "").strip()
        if not said.isdecimal() or len(said) > 9 or not 1 <= int(said) <= number:
            message = f"It takes {said or 'an unknown number'} of {number} failures; it must be from 1 to {number}."
            self.wrong(gate, element, "wrong-value", message)
            return 1
        return int(said)


def _in_order(reader: _Formulas) -> Iterator[Definition]:
    """The gates, those that a gate refers to before it; one that needs itself is told. Without recursion."""
    done: set[str] = set()

    def ahead_of(name: str) -> Iterator[str]:
        return iter(sorted(set(reader.leads_to(reader.gates[name]))))

    for start in reader.gates:
        if start in done:
            continue
        path: dict[str, None] = {start: None}
        stack = [(start, ahead_of(start))]
        while stack:
            name, ahead = stack[-1]
            following = next(ahead, None)
            if following is None:
                stack.pop()
                path.pop(name)
                done.add(name)
                yield reader.gates[name]
            elif following in path:
                circle = [*list(path)[list(path).index(following) :], following]
                gate = reader.gates[name]
                message = f"A gate cannot need itself: {' → '.join(circle)}."
                reader.wrong(gate, gate.element, "gate-needs-itself", message)
            elif following not in done:
                path[following] = None
                stack.append((following, ahead_of(following)))
