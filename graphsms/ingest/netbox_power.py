"""Who feeds whom, by the power cables of NetBox.

::

    (device)-[powered by]->(group)-[has]->(PDU)-[powered by]->(feed)

The power ports of a device lead to outlets, of a distributor, or to feeds. Where a distributor has several inlets and
its outlets say which of them they are behind, each inlet is a supply of its own: a device behind one of them is not
kept up by the other. Where no power cable is recorded, the feeds that are assigned to the rack say what can be said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphsms.ingest.foreign import text
from graphsms.ingest.netbox_cables import Cabling, End
from graphsms.ingest.netbox_records import Record
from graphsms.ingest.netbox_words import Words
from graphsms.ingest.reader import RawRelation, RawStatement

__all__ = ["Power"]

_PORT = "dcim.powerport"
_OUTLET = "dcim.poweroutlet"
_FEED = "dcim.powerfeed"
_GROUP = ("power", "Power sources")


class Power:
    """The power cables of an inventory, as needs."""

    def __init__(self, words: Words, cabling: Cabling) -> None:
        self.words = words
        self.inventory = words.inventory
        self.cabling = cabling
        self.relation = str(words.rules["power"]["relation"])
        self.inlets: dict[int, dict[int, list[End]]] = {}  # device: its power ports: what they are cabled to
        self.ports: dict[int, int] = {}  # device: how many power ports it has
        for port in self.inventory.of(_PORT):
            device = port.number("device")
            ends = [end for end in cabling.far((_PORT, port.key)) if end[0] in (_OUTLET, _FEED)]
            if device is not None:
                self.ports[device] = self.ports.get(device, 0) + 1
            if device is not None and ends:
                self.inlets.setdefault(device, {})[port.key] = ends
        self.feeds: dict[int | None, list[str]] = {}  # rack: the feeds that are assigned to it
        for feed in self.inventory.of(_FEED):
            self.feeds.setdefault(feed.number("rack"), []).append(feed.id)
        self.feeds.pop(None, None)
        saying = {one.number("device") for one in self.inventory.of(_OUTLET) if one.number("power_port") is not None}
        self.parted = {device for device, ports in self.inlets.items() if len(ports) > 1 and device in saying}

    def __iter__(self) -> Iterator[RawStatement]:
        for device in self.inventory.of("dcim.device"):
            ports = self.inlets.get(device.key, {})
            if device.key in self.parted:
                for port, ends in ports.items():
                    yield from self.inlet(device, port, ends)
            if ports:
                yield from self.fed(device, [end for ends in ports.values() for end in ends])
            else:
                yield from self.by_rack(device)

    def by_rack(self, device: Record) -> Iterator[RawStatement]:
        """That a device without power cables takes what feeds its rack, as far as that is clear.

        With one port and two feeds it is not: which of them it is plugged into would be a guess.
        """
        ports, feeds = self.ports.get(device.key, 0), self.feeds.get(device.number("rack"), [])
        if feeds and (ports > 1 or (ports and len(feeds) == 1)):
            for one in self.words.one_of(device, self.relation, _GROUP, feeds, self.words.supply):
                if isinstance(one, RawRelation) and one.subject == device.id:
                    yield one._replace(properties=self.words.rules["power_by_rack"]["properties"])
                else:
                    yield one

    def fed(self, one: Record, ends: Sequence[End]) -> Iterator[RawStatement]:
        """That a device or an inlet needs what its cables lead to, or one of that."""
        among = [source for source in dict.fromkeys(map(self.source, ends)) if source not in ("", one.id)]
        yield from self.words.one_of(one, self.relation, _GROUP, among, self.words.supply)

    def source(self, end: End) -> str:
        """The id of what stands behind an outlet or a feed, or "" where it is not known."""
        model, key = end
        if model == _FEED:
            return f"netbox:{model}/{key}"
        outlet, device = self.inventory.get(*end), self.cabling.device(end)
        inlet = outlet.number("power_port") if outlet else None
        if inlet in self.inlets.get(device or -1, {}) and device in self.parted:
            return f"netbox:{_PORT}/{inlet}"
        return f"netbox:dcim.device/{device}" if device is not None else ""

    def inlet(self, device: Record, port: int, ends: Sequence[End]) -> Iterator[RawStatement]:
        """An inlet of a distributor: it is gone with the distributor, and with what it is plugged into."""
        record = self.inventory.get(_PORT, port)
        assert record is not None, "inlets are made from records"
        name = f"{self.words.name(device)} {text(record.fields.get('name'))}".strip()
        yield self.words.named(record, self.words.supply, name, {})
        yield RawRelation(self.words.rules["inlet_of"]["relation"], record.id, device.id, record.origin)
        yield from self.fed(record, ends)
