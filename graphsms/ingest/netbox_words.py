"""How a record of NetBox is said in our words: its type, name and properties, and what it needs one of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from graphsms.ingest.foreign import text
from graphsms.ingest.netbox_records import Inventory, Record
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.model import Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["Words"]


class Words:
    """The mapping, applied to the records of an inventory."""

    def __init__(self, inventory: Inventory, rules: Any, vocabulary: Vocabulary) -> None:
        self.inventory = inventory
        self.rules = rules
        self.vocabulary = vocabulary
        self.supply = str(rules["kinds"]["dcim.powerfeed"]["type"])
        quorum = vocabulary.types[rules["group"]["type"]].quorum
        assert quorum is not None, "the mapping's group is none of the ontology"
        self.quorum = quorum
        self._with_outlets = {one.number("device") for one in inventory.of("dcim.poweroutlet")}
        self.types = {one.id: self._type(one) for model in rules["kinds"] for one in inventory.of(model)}

    def _type(self, one: Record) -> str:
        kind = self.rules["kinds"][one.model]
        if one.model == "dcim.device" and one.key in self._with_outlets:
            return self.supply
        word = self.inventory.said(one, kind["by"]).lower() if "by" in kind else ""
        fitting = (rule["type"] for rule in kind.get("patterns", ()) if word and re.search(rule["match"], word))
        return str(next(fitting, kind["type"]))

    def name(self, one: Record) -> str:
        """What people call it; what has no name is called after its model of equipment, or its kind, and number."""
        for path in ("name", "cid", "display"):
            if said := self.inventory.said(one, path):
                return said
        kind = self.inventory.said(one, "device_type.model") or one.model.partition(".")[2]
        return f"{kind} {one.key}"

    def entity(self, one: Record) -> RawEntity:
        """A record as an entity."""
        found: dict[str, object] = {}
        for rule in self.rules["properties"]:
            if one.model in rule.get("only", (one.model,)):
                words = (self.inventory.said(one, path) for path in rule["from"])
                said = [word.partition(rule.get("until", "\0"))[0] for word in words if word]
                if said:
                    found[rule["property"]] = said if rule.get("list") else said[0]
        if self.rules["kinds"][one.model].get("statuses"):
            self._status(one, found)
        return self.named(one, self.types[one.id], self.name(one), found)

    def named(self, one: Record, type: str, name: str, properties: dict[str, object]) -> RawEntity:
        """A record as an entity of a type and name."""
        own = {
            self.rules["name"]["property"]: name,
            self.rules["source_key"]["property"]: f"{one.model}/{one.key}",
            self.rules["link"]["property"]: one.link,
        }
        return RawEntity(one.id, type, {**properties, **own}, one.origin)

    def _status(self, one: Record, found: dict[str, object]) -> None:
        rule, word = self.rules["statuses"], text(one.fields.get("status"))
        if word in rule["codes"]:
            found[rule["property"]] = rule["codes"][word]
        if word and word not in rule["not_tagged"]:
            before = found.get(rule["tag"]["property"])
            found[rule["tag"]["property"]] = [*(before if isinstance(before, list) else ()), word]

    def led(self, one: Record, field: str, relation: str) -> Iterator[RawRelation]:
        """The relation to what a field leads to, if to anything."""
        target = self.inventory.target(one, field)
        if target is not None:
            type = self.rules["kinds"][target[0]]["type"]
            yield RawRelation(relation, one.id, f"netbox:{target[0]}/{target[1]}", one.origin, object_type=type)

    def group(self, id: str, name: str, said: str, members: Sequence[str], origin: Origin) -> Iterator[RawStatement]:
        """A group of members of which one is taken to be enough."""
        properties: dict[str, object] = {
            self.rules["name"]["property"]: name,
            self.rules["description"]["property"]: f"{said}; 1 is taken to be enough, since nothing says more.",
            self.rules["group"]["inferred"]["property"]: True,
            self.quorum.property: 1,
        }
        yield RawEntity(id, self.rules["group"]["type"], properties, origin)
        for member in members:
            yield RawRelation(self.quorum.relation, id, member, origin)

    def one_of(
        self, one: Record, relation: str, group: tuple[str, str], among: Sequence[str], type: str
    ) -> Iterator[RawStatement]:
        """That a record needs one of several others: the one where there is one, else a group of them.

        The group's id ends in the first of ``group``, its name begins with the second.
        """
        if len(among) > 1:
            id, name = f"{one.id}#{group[0]}", self.name(one)
            said = f"{len(among)} {group[1].lower()} of {name}"
            yield from self.group(id, f"{group[1]} of {name}", said, among, one.origin)
            yield RawRelation(relation, one.id, id, one.origin)
        elif among:
            yield RawRelation(relation, one.id, among[0], one.origin, object_type=type)
