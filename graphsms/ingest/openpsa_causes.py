"""Groups of common-cause failure: what several basic events happen by together, as one thing that all of them need.

::

    (pump A)-[depends on]->(common cause of the pumps)<-[depends on]-(pump B)

By the beta-factor model a basic event happens by itself or, with all others of its group, by their common cause: needs
say just that. The other models know causes of some of a group as well, one for each choice of so many; only that of all
of them is read, and the rest told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from graphsms.ingest.foreign import Take
from graphsms.ingest.openpsa_figures import Figures, shared
from graphsms.ingest.openpsa_model import Definition, Model
from graphsms.ingest.xmltext import Element
from graphsms.model import Fault

__all__ = ["CommonCause", "common_causes"]

_BETA: Final = "beta-factor"
_FIRST: Final = {"MGL": 2}  # the level of the first factor where none says its level; 1 in the other models
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class CommonCause:
    """A cause by which all members of a group fail, and how often they do by themselves and by it.

    ``defined`` are members that nothing else defines, with where the group names them.
    """

    group: Definition
    members: tuple[str, ...]
    defined: tuple[Definition, ...]
    alone: Figures
    together: Figures


def common_causes(model: Model, rules: Any, fault: Take, warn: Take) -> Iterator[CommonCause]:
    """The causes that a model states; what of its groups cannot be said goes to ``warn``."""
    for group in model.common_causes:
        members: dict[str, None] = {}
        defined: list[Definition] = []
        for element in _members(group.element):
            name = element.attributes.get("name", "").strip()
            found = model.event(name, group.scope)
            if found is None and name and name not in members:
                defined.append(Definition("define-basic-event", name, (), False, element, group.origin, group.model))
            elif not name or (found is not None and found.kind != "define-basic-event"):
                message = f"What fails by a common cause is a basic event, and {name!r} is none."
                fault(Fault(group.origin, group.known_as, "members", "wrong-member", message))
                continue
            members[found.known_as if found is not None else name] = None
        names = ", ".join([*members][:_SHOWN]) + (f" and {len(members) - _SHOWN} more" if len(members) > _SHOWN else "")
        kind = group.element.attributes.get("model", _BETA)
        if len(members) < 2 or (kind != _BETA and _highest(group.element, kind) < len(members)):
            message = (
                f"That some of {names} fail by a common cause is not read, and by its factors all of them do not: state"
                " what they have in common, such as a place or a supply."
            )
            warn(Fault(group.origin, group.known_as, "define-CCF-group", "common-cause", message))
            yield CommonCause(group, (), tuple(defined), Figures(), Figures())
            continue
        if kind != _BETA and len(members) > 2:
            message = f"That all of {names} fail by a common cause is read, and that some of them do ({kind}) is not."
            warn(Fault(group.origin, group.known_as, "define-CCF-group", "common-cause", message))
        alone, together = shared(group, model, rules) if kind == _BETA else (Figures(), Figures())
        yield CommonCause(group, tuple(members), tuple(defined), alone, together)


def _members(group: Element) -> list[Element]:
    members = group.child("members")
    return members.children if members is not None else []


def _highest(group: Element, kind: str) -> int:
    """How many fail together at the most, by the factors that are given."""
    factors = [*(group.child("factors") or group).all("factor")]
    levels = (one.attributes.get("level", "") for one in factors)
    first = _FIRST.get(kind, 1)
    said = (int(one) if one.isdecimal() and len(one) < 9 else first + at for at, one in enumerate(levels))
    return max(said, default=0)
