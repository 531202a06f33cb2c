"""Who reaches others through whom, by the network cables of NetBox, and what its circuits hang on.

::

    (server)-[connected to]->(group)-[has]->(switch)-[peers with]->(router)
    (router)-[connected to]->(circuit)-[supplied by]->(supply relationship)-[has supplier]->(provider)
"""

from __future__ import annotations

from collections.abc import Iterator

from graphsms.ingest.foreign import Take
from graphsms.ingest.netbox_cables import Cabling, End
from graphsms.ingest.netbox_records import Record
from graphsms.ingest.netbox_words import Words
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.model import Fault

__all__ = ["Network"]

_DEVICE = "dcim.device"
_CIRCUIT = "circuits.circuit"
_TERMINATION = "circuits.circuittermination"
_PROVIDER = "circuits.provider"
# A path begins at these, and not in the panels that it goes through; it may end in one that it does not leave.
_STARTS = ("dcim.interface", _TERMINATION)
_CARRYING = (*_STARTS, "dcim.frontport", "dcim.rearport")


class Network:
    """The network cables and circuits of an inventory, as needs."""

    def __init__(self, words: Words, cabling: Cabling, warn: Take) -> None:
        self.words = words
        self.inventory = words.inventory
        self.rules = words.rules
        self.cabling = cabling
        self.warn = warn
        self.joined: dict[str, dict[str, None]] = {}  # each end of a trace, and what is at the others

    def __iter__(self) -> Iterator[RawStatement]:
        starts = [("dcim.interface", one.key) for one in self.inventory.of("dcim.interface")]
        for start in dict.fromkeys((*self.cabling.ends(), *starts)):
            if start[0] in _STARTS and not self.managing(start):
                self.trace(start)
        yield from self.devices()
        yield from self.circuits()
        yield from self.providers()

    def managing(self, end: End) -> bool:
        """Whether an interface is for management alone."""
        record = self.inventory.get(*end)
        return record is not None and record.fields.get("mgmt_only") is True

    def trace(self, start: End) -> None:
        one = self.holder(start)
        for end in self.cabling.far(start):
            other = self.holder(end) if end[0] in _CARRYING and not self.managing(end) else ""
            if one and other and one != other:
                self.joined.setdefault(one, {})[other] = None
                self.joined.setdefault(other, {})[one] = None

    def holder(self, end: End) -> str:
        """The id of the device or circuit that an end is of, or "" where it is not known."""
        if end[0] == _TERMINATION:
            record = self.inventory.get(*end)
            model, key = _CIRCUIT, record.number("circuit") if record else None
        else:
            model, key = _DEVICE, self.cabling.device(end)
        return f"netbox:{model}/{key}" if key is not None else ""

    def is_a(self, id: str, type: str) -> bool:
        return id in self.words.types and self.words.vocabulary.is_a(self.words.types[id], type)

    def devices(self) -> Iterator[RawStatement]:
        network = str(self.rules["network"]["type"])
        users = [str(one["type"]) for one in self.rules["users"]]
        for device in self.inventory.of(_DEVICE):
            others = self.joined.get(device.id, {})
            circuits = [one for one in others if one.startswith(f"netbox:{_CIRCUIT}/")]
            carriers = [one for one in others if self.is_a(one, network) and one not in circuits]
            if self.is_a(device.id, network):
                for peer in carriers:
                    if device.key < int(peer.rpartition("/")[2]):
                        yield RawRelation(self.rules["peers"]["relation"], device.id, peer, device.origin)
            elif any(self.is_a(device.id, one) for one in users):
                relation = str(self.rules["uplink"]["relation"])
                yield from self.words.one_of(device, relation, ("uplinks", "Uplinks"), carriers, network)
            for circuit in circuits:
                type = self.rules["kinds"][_CIRCUIT]["type"]
                yield RawRelation(
                    self.rules["circuit"]["relation"], device.id, circuit, device.origin, object_type=type
                )  # fmt: skip

    # ----------------------------------------------------------------------------------- circuits

    def circuits(self) -> Iterator[RawStatement]:
        places = self.rules["ends_at"]
        loose: list[Record] = []
        for end in self.inventory.of(_TERMINATION):
            circuit = self.inventory.get(_CIRCUIT, end.number("circuit"))
            if circuit is None:
                continue
            field = next((one for one in places["fields"] if end.number(one) is not None), "")
            for relation in self.words.led(end, field, places["relation"]):
                yield relation._replace(subject=circuit.id)
            through = self.rules["through"]
            for relation in self.words.led(end, "provider_network", through["relation"]):
                yield relation._replace(subject=circuit.id, properties=through["properties"])
            if field and circuit.id not in self.joined and circuit not in loose:
                loose.append(circuit)
        if loose:
            names = ", ".join(self.words.name(one) for one in loose[:5]) + (", ..." if len(loose) > 5 else "")
            message = (
                f"No cable says which device a circuit ends at, so that its loss hits nothing: {len(loose)} of them "
                f"({names})."
            )
            self.warn(Fault(loose[0].origin, loose[0].id, "", "no-cable", message))

    def providers(self) -> Iterator[RawStatement]:
        """The supply relationship of each provider, and what comes in it."""
        rule = self.rules["supply"]
        known: set[str] = set()
        for model in (_CIRCUIT, "circuits.providernetwork"):
            for one in self.inventory.of(model):
                for relation in self.words.led(one, "provider", rule["supplier"]["relation"]):
                    supply = f"{relation.object}#supply"
                    if supply not in known:
                        known.add(supply)
                        provider = self.inventory.get(_PROVIDER, one.number("provider"))
                        name = self.words.name(provider) if provider else self.inventory.said(one, "provider.name")
                        properties: dict[str, object] = {
                            self.rules["name"]["property"]: f"Supply by {name}" if name else None,
                            rule["inferred"]["property"]: True,
                        }
                        origin = provider.origin if provider else one.origin
                        yield RawEntity(supply, rule["type"], properties, origin)
                        yield relation._replace(subject=supply, origin=origin)
                    yield RawRelation(rule["supplied"]["relation"], one.id, supply, one.origin)
