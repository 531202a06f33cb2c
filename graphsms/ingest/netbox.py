"""NetBox: places, equipment, power, virtual machines, circuits and who they come from.

::

    (device)-[powered by]->(group)-[has]->(PDU)-[powered by]->(feed)-[powered by]->(panel)-[located at]->(site)

Read from a dump of its database or from the lists of its REST API (`graphsms.ingest.netbox_records`); cables are
traced to their far ends (`graphsms.ingest.netbox_cables`). What models, fields and states become here stands in
``mappings/netbox.yaml``. Ids are ``netbox:dcim.device/12``, a model and a number: that is what NetBox links by and
never changes, while names change, repeat between sites, and may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from graphsms.ingest.foreign import Take, mapping, passed_over
from graphsms.ingest.netbox_cables import Cabling
from graphsms.ingest.netbox_network import Network
from graphsms.ingest.netbox_power import Power
from graphsms.ingest.netbox_records import Inventory, Record, take_in
from graphsms.ingest.netbox_words import Words
from graphsms.ingest.reader import RawRelation, RawStatement
from graphsms.vocabulary import Vocabulary

__all__ = ["NetBoxReader"]

_DUMP: Final = re.compile(rb'"(?:model|app_label)"\s*:\s*"(?:dcim|virtualization|circuits)\b')
_API: Final = re.compile(rb'"url"\s*:\s*"https?://[^"\s]*/api/(?:dcim|virtualization|circuits|tenancy|ipam)/')


class NetBoxReader:
    """Reads what leaves NetBox: dumps and lists of the REST API."""

    name: Final = "netbox"
    foreign: Final = True

    def recognizes(self, path: Path, head: bytes) -> bool:
        """JSON: a list of records of NetBox's models, or an object with results that have addresses of its API."""
        if path.suffix.lower() != ".json":
            return False
        if head.lstrip()[:1] == b"[":
            return bool(_DUMP.search(head) or _API.search(head))
        return b'"results"' in head and _API.search(head) is not None

    def read(self, paths: Sequence[Path], vocabulary: Vocabulary, fault: Take, warn: Take) -> Iterator[RawStatement]:
        """The records of all files, and what they say of each other."""
        rules: Any = mapping(self.name)
        inventory = take_in(paths, rules, fault, warn)
        yield from _Statements(inventory, rules, vocabulary, warn)
        passed_over(inventory.skipped, warn)


class _Statements:
    """What the records say, as entities and relations."""

    def __init__(self, inventory: Inventory, rules: Any, vocabulary: Vocabulary, warn: Take) -> None:
        self.inventory = inventory
        self.rules = rules
        self.words = Words(inventory, rules, vocabulary)
        cabling = Cabling(inventory, rules["planned_cables"])
        self.parts = (Power(self.words, cabling), Network(self.words, cabling, warn))

    def __iter__(self) -> Iterator[RawStatement]:
        for model, kind in self.rules["kinds"].items():
            for one in self.inventory.of(model):
                yield self.words.entity(one)
                yield from self.references(one, kind)
        yield from self.mounted()
        yield from self.chassis()
        yield from self.hosts()
        for part in self.parts:
            yield from part

    def references(self, one: Record, kind: Any) -> Iterator[RawRelation]:
        for rule in self.rules["references"].get(one.model, ()):
            yield from self.words.led(one, rule["field"], rule["relation"])
        if not any(one.number(field) is not None for field in kind.get("unless", ())):
            place = next((field for field in kind.get("places", ()) if one.number(field) is not None), "")
            yield from self.words.led(one, place, self.rules["place"]["relation"])
        yield from self.words.led(one, "tenant", self.rules["tenant"]["relation"])

    def mounted(self) -> Iterator[RawRelation]:
        """Devices in the bays of others."""
        relation = self.rules["mounted_in"]["relation"]
        for bay in self.inventory.of("dcim.devicebay"):
            installed = self.inventory.get("dcim.device", bay.number("installed_device"))
            if installed is not None:
                for one in self.words.led(bay, "device", relation):
                    yield one._replace(subject=installed.id)

    def chassis(self) -> Iterator[RawStatement]:
        """Virtual chassis, as groups of their members."""
        members = self.by("virtual_chassis")
        for one in self.inventory.of("dcim.virtualchassis"):
            if among := members.get(one.key):
                name = self.words.name(one)
                yield from self.words.group(one.id, name, f"{len(among)} members of {name}", among, one.origin)

    def hosts(self) -> Iterator[RawStatement]:
        """The hosts of each cluster."""
        hosts, relation = self.by("cluster"), self.rules["hosts"]["relation"]
        for one in self.inventory.of("virtualization.cluster"):
            among = hosts.get(one.key, [])
            type = self.rules["kinds"]["dcim.device"]["type"]
            yield from self.words.one_of(one, relation, ("hosts", "Hosts"), among, type)

    def by(self, field: str) -> dict[int | None, list[str]]:
        """The devices of each record that a field leads to."""
        found: dict[int | None, list[str]] = {}
        for device in self.inventory.of("dcim.device"):
            found.setdefault(device.number(field), []).append(device.id)
        return found
