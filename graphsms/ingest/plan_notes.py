"""What a plan says beside its changes, as lines of its file: warnings, what does not stand, what was left out.

::

    {"warning": {"at": ["estate.csv", 7], "subject": "db-1", "field": "…", "rule": "…", "message": "…"}}
    {"overruled": {"of": "db-1", "what": ["name", "DB", "Orders", "cmdb"]}}
    {"rejected": {"at": ["estate.xlsx", 7, "Servers"], "subject": "db-2", "faults": [{…}], "row": {…}}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphsms.ingest.drafted import OverruledOf
from graphsms.ingest.plan import ImportPlan
from graphsms.ingest.rejects import Rejected
from graphsms.ingest.sources import Overruled
from graphsms.ingest.tabular.cells import SheetOrigin
from graphsms.model import Fault, Origin, RelationKey, Value

__all__ = ["Notes", "lines_of_notes"]

_OF_A_FAULT: Final = ("subject", "field", "rule", "message", "object")


def lines_of_notes(plan: ImportPlan) -> Iterator[Mapping[str, object]]:
    """What a plan says beside its changes, one line each."""
    for warning in plan.warnings:
        yield {"warning": _fault_line(warning)}
    for overruled in plan.overruled:
        yield {"overruled": {"of": overruled.of, "what": overruled.what}}
    for one in plan.rejected:
        yield {
            "rejected": {
                "at": _place_line(one.origin),
                "subject": one.subject,
                "faults": [_fault_line(fault) for fault in one.faults],
                "row": dict(one.row),
            }
        }


@dataclass(slots=True)
class Notes:
    """Those that have been read so far."""

    warnings: list[Fault] = field(default_factory=list)
    overruled: list[OverruledOf] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def take(self, line: Mapping[str, Any]) -> bool:
        """Take in a line; False where it is none of these.

        Raises
        ------
        ValueError, TypeError, KeyError, AttributeError
            It is damaged.
        """
        if "warning" in line:
            self.warnings.append(_fault(line["warning"]))
        elif "overruled" in line:
            self.overruled.append(_overruled(line["overruled"]))
        elif "rejected" in line:
            said = line["rejected"]
            faults = tuple(_fault(one) for one in said["faults"])
            self.rejected.append(Rejected(_place(said["at"]), _text(said["subject"]), faults, dict(said["row"])))
        else:
            return False
        return True


def _fault_line(one: Fault) -> dict[str, object]:
    return {"at": _place_line(one.origin), **{name: getattr(one, name) for name in _OF_A_FAULT if getattr(one, name)}}


def _fault(said: Mapping[str, Any]) -> Fault:
    return Fault(_place(said["at"]), *(_text(said.get(name, "")) for name in _OF_A_FAULT))


def _place_line(origin: Origin) -> list[object]:
    sheet = [origin.sheet] if isinstance(origin, SheetOrigin) else []
    return [origin.file, origin.line, *sheet]


def _place(said: Any) -> Origin:
    file, line, *sheet = said
    if not (line is None or type(line) is int):
        raise TypeError(f"{line!r} is no line")
    return SheetOrigin(_text(file), line, *map(_text, sheet)) if sheet else Origin(_text(file), line)


def _overruled(said: Mapping[str, Any]) -> OverruledOf:
    of: str | RelationKey
    if isinstance(said["of"], str):
        of = said["of"]
    else:
        subject, type, object = map(_text, said["of"])
        of = (subject, type, object)
    name, says, stands, by = said["what"]
    return OverruledOf(of, Overruled(_text(name), _value(says), _value(stands), _text(by)))


def _value(said: Any) -> Value:
    if not all(isinstance(one, str | int | float | bool) for one in (said if isinstance(said, list) else [said])):
        raise TypeError(f"{said!r} is no value")
    found: Value = tuple(said) if isinstance(said, list) else said
    return found


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise TypeError(f"{said!r} is no text")
    return said
