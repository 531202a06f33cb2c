"""The cables of NetBox, traced from end to end through patch panels.

A cable has ends on two sides, A and B, often several on one. What comes in at the front port of a panel goes on at
the rear port that it is wired to, and the other way round; a rear port of many fibres is left at the position at which
it was entered. The trace ends at what is no panel, or in the panel where it goes no further.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from graphsms.ingest.foreign import text
from graphsms.ingest.netbox_records import Inventory, Record

__all__ = ["Cabling", "End"]

End: TypeAlias = tuple[str, int]  # a model, such as an interface or a power port, and a number

_FRONT: Final = "dcim.frontport"
_REAR: Final = "dcim.rearport"
_OTHER: Final = {"A": "B", "B": "A"}


class Cabling:
    """Which ends the cables of an inventory join.

    Parameters
    ----------
    inventory : Inventory
    planned : collection of str
        States of cables that are not there yet.

    Notes
    -----
    A trace costs as much as it passes ends; each end is passed once.
    """

    def __init__(self, inventory: Inventory, planned: object) -> None:
        self.inventory = inventory
        self._sides: dict[int, dict[str, list[End]]] = {}
        self._cable: dict[End, tuple[int, str]] = {}
        self._device: dict[End, int] = {}
        self._rears: dict[int, list[tuple[int, int]]] = {}  # of a front port: rear ports, with positions in them
        self._fronts: dict[int, list[tuple[int, int]]] = {}  # of a rear port: front ports, with their positions in it
        self._connector: dict[End, int] = {}
        left_out = planned if isinstance(planned, list) else []
        for cable in inventory.of("dcim.cable"):
            if text(cable.fields.get("status")) not in left_out:
                self._sides[cable.key] = {"A": [], "B": []}
                for side in _OTHER:
                    self._take_sides(cable, side)
        for one in inventory.of("dcim.cabletermination"):
            cable_key, side = one.number("cable"), text(one.fields.get("cable_end"))
            if cable_key in self._sides and side in _OTHER:
                end = _end(one.fields.get("termination_type"), one.fields.get("termination_id"))
                self._join(cable_key, side, end, one.number("_device"))
                connector = one.number("connector")
                if end is not None and connector is not None:
                    self._connector[end] = connector
        for front, rear, position in self._wired():
            self._rears.setdefault(front, []).append((rear, position))
            self._fronts.setdefault(rear, []).append((front, position))

    def ends(self) -> Iterator[End]:
        """Every end of a cable."""
        yield from self._cable

    def device(self, end: End) -> int | None:
        """The number of the device that an end is of."""
        record = self.inventory.get(*end)
        found = record.number("device") if record else None
        return self._device.get(end) if found is None else found

    def far(self, start: End) -> list[End]:
        """The ends that the cable of an end leads to."""
        found: list[End] = []
        todo: list[tuple[End, tuple[int, ...]]] = [(start, ())]
        seen = {start}
        while todo:
            end, positions = todo.pop()
            cable = self._cable.get(end)
            if cable is None:
                continue
            for other in self._across(end, self._sides[cable[0]], cable[1]):
                if other not in seen:
                    seen.add(other)
                    beyond = [one for one in self._through(other, positions) if one[0] in self._cable]
                    todo += [one for one in beyond if one[0] not in seen]
                    seen.update(one[0] for one in beyond)
                    if not beyond:
                        found.append(other)
        return found or self._told(start)

    def _through(self, end: End, positions: tuple[int, ...]) -> Iterator[tuple[End, tuple[int, ...]]]:
        """Where a signal that comes in at an end of a panel comes out."""
        model, key = end
        if model == _FRONT:
            for rear, position in self._rears.get(key, ()):
                yield (_REAR, rear), (*positions, position)
        elif model == _REAR:
            for front, position in self._fronts.get(key, ()):
                if not positions or position == positions[-1]:
                    yield (_FRONT, front), positions[:-1]

    def _across(self, end: End, sides: Mapping[str, list[End]], side: str) -> list[End]:
        """The ends at the other side: the one with the same connector, where the cable has as many on both."""
        others = sides[_OTHER[side]]
        connector = self._connector.get(end)
        if connector is not None and len(others) == len(sides[side]):
            return [one for one in others if self._connector.get(one, connector) == connector]
        return others

    def _wired(self) -> Iterator[tuple[int, int, int]]:
        """Front port, rear port and the position in that: stated by front ports, since version 4.5 apart from them."""
        for one in self.inventory.of(_FRONT):
            rear, listed = one.number("rear_port"), one.fields.get("rear_ports")
            if rear is not None:
                yield one.key, rear, one.number("rear_port_position") or 1
            for each in listed if isinstance(listed, list) else []:
                rear, position = (
                    (each.get("rear_port"), each.get("rear_port_position")) if isinstance(each, dict) else (0, 0)
                )
                if isinstance(rear, int) and rear:
                    yield one.key, rear, position if isinstance(position, int) else 1
        for one in self.inventory.of("dcim.portmapping"):
            front, rear = one.number("front_port"), one.number("rear_port")
            if front is not None and rear is not None:
                yield front, rear, one.number("rear_port_position") or 1

    def _told(self, end: End) -> list[End]:
        """The far ends as the API has traced them itself, where its cables are not here."""
        record = self.inventory.get(*end)
        fields: Mapping[str, object] = record.fields if record else {}
        kind, told = fields.get("connected_endpoints_type"), fields.get("connected_endpoints")
        found = []
        for one in told if isinstance(told, list) else []:
            far = _end(kind, one.get("id")) if isinstance(one, Mapping) else None
            if far is not None:
                self._remember(far, one)
                found.append(far)
        return found

    def _take_sides(self, cable: Record, side: str) -> None:
        """The ends on one side, as the API tells them, and as dumps before version 3.3 did."""
        listed = cable.fields.get(f"{side.lower()}_terminations")
        for one in listed if isinstance(listed, list) else []:
            if isinstance(one, Mapping):
                end = _end(one.get("object_type"), one.get("object_id"))
                self._join(cable.key, side, end, None)
                self._remember(end, one.get("object"))
        single = f"termination_{side.lower()}"
        end = _end(cable.fields.get(f"{single}_type"), cable.fields.get(f"{single}_id"))
        self._join(cable.key, side, end, cable.number(f"_{single}_device"))

    def _join(self, cable: int, side: str, end: End | None, device: int | None) -> None:
        if end is not None:
            self._sides[cable][side].append(end)
            self._cable[end] = (cable, side)
            if device is not None:
                self._device[end] = device

    def _remember(self, end: End | None, told: Any) -> None:
        """The device that the API names beside an end."""
        device = told.get("device") if isinstance(told, Mapping) else None
        key = device.get("id") if isinstance(device, Mapping) else None
        if end is not None and isinstance(key, int):
            self._device[end] = key


def _end(kind: object, key: object) -> End | None:
    model = ".".join(map(text, kind)) if isinstance(kind, list) else text(kind)
    return (model, key) if model and isinstance(key, int) and not isinstance(key, bool) else None
