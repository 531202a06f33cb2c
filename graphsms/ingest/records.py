"""Records of service management tools as entities and relations, by rules that are data.

ServiceNow, GLPI and iTop hold the same kind of thing: records of a table (or class), whose fields hold values or
refer to other records, and tables between two tables. Their readers make `Record` of what they read; which
table becomes which type, and which field what, stands in ``mappings/<tool>.yaml``:

- ``tables``: by name, the table that it ``extends``, its ``type`` (``when`` says which more particular one),
  ``properties``, ``references`` and, for tables between tables, ``edges``. All of it is inherited.
- Properties are read as `graphsms.ingest.record_sayings` says.
- A reference leads from its field to a record of a ``table``. Of ``one_of``, the first relation is made that leads
  between the types of both ends and whose ``own`` and ``other`` types are theirs; of ``also``, all that do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.ingest.record_groups import Groups, least
from graphsms.ingest.record_sayings import Sayings
from graphsms.ingest.record_tables import Tables, Tally
from graphsms.ingest.record_values import Cell, Record, cell_of
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["Record", "Records"]

Take = Callable[[Fault], None]


class Records:
    """Everything that was read of one tool, and what it says.

    Parameters
    ----------
    rules : mapping
        The mapping of the tool.
    vocabulary : Vocabulary
    id_of : callable
        The id of a record, by its table and key.
    link_of : callable
        Where people can open a record, or "".
    key_of : callable, optional
        What the tool itself calls a record; its key, where that says all.
    """

    def __init__(
        self,
        rules: Any,
        vocabulary: Vocabulary,
        id_of: Callable[[str, str], str],
        link_of: Callable[[Record], str],
        key_of: Callable[[Record], str] = lambda record: record.key,
    ) -> None:
        self.rules = rules
        self.vocabulary = vocabulary
        self.tables = Tables(rules)
        self.id_of = id_of
        self.link_of = link_of
        self.key_of = key_of
        self.nothing = frozenset(rules["nothing"])
        self.is_key = re.compile(rules["key"]).fullmatch
        self.tally = Tally()
        self.said = Sayings(rules, self.tables, self._called)
        self.records: list[Record] = []
        self.types: dict[str, str] = {}
        self.by_id: dict[str, Record] = {}
        self.relations: dict[tuple[str, str, str], RawRelation] = {}
        self.groups = Groups(rules.get("groups", {}), vocabulary, self._minimum)

    # -------------------------------------------------------------------------------- what is there

    def add(self, record: Record) -> None:
        """Take in a record: as an entity where its table has a type, else as what leads from one to another."""
        type = self.type_of(record)
        self.records.append(record)
        if type is None:
            return
        id = self.id_of(record.table, record.key)
        before = self.by_id.get(id)
        if before is not None:
            # Read from two of its tables, the more particular one says more.
            one, other = (record, before) if before.table in self.tables.line(record.table) else (before, record)
            said = {name: cell for name, cell in one.cells.items() if not {cell.value, cell.shown} <= self.nothing}
            record = Record(one.table, one.key, {**other.cells, **said}, one.origin, {**other.sets, **one.sets})
            type = self.type_of(record) or type
        self.types[id] = type
        self.by_id[id] = record

    def type_of(self, record: Record) -> str | None:
        """The type that a record becomes."""
        for rule in self.tables.gathered(record.table, "when"):
            cell = record.cell(rule["field"])
            if cell.value.casefold() in rule["is"] or cell.shown.casefold() in rule["is"]:
                return str(rule["type"])
        found = self.tables.inherited(record.table, "type")
        return None if found is None else str(found)

    def name_of(self, id: str) -> str:
        """What a record is called, or its id."""
        record = self.by_id.get(id)
        said = self.properties(record).get("name") if record is not None else None
        return str(said or id)

    def find(self, table: str, cell: Cell) -> str | None:
        """The id of what a cell refers to: by its key, or by its name where only that is said."""
        if cell.value not in self.nothing and self.is_key(cell.value):
            return self.id_of(table, cell.value)
        name = cell.value if cell.value not in self.nothing else cell.shown
        found = () if name in self.nothing else self.by_name.get((self.tables.line(table)[-1], name.casefold()), ())
        return found[0] if len(found) == 1 else None

    @cached_property
    def by_name(self) -> dict[tuple[str, str], list[str]]:
        """Ids by the first table of their line and what they are called."""
        found: dict[tuple[str, str], list[str]] = {}
        for id, record in self.by_id.items():
            called = str(self.properties(record).get("name", "")).casefold()
            found.setdefault((self.tables.line(record.table)[-1], called), []).append(id)
        return found

    # --------------------------------------------------------------------------------- what it says

    def statements(self) -> Iterator[RawStatement]:
        """The entities of all records, then what leads from one to another."""
        for id, record in self.by_id.items():
            said = self.properties(record, self.tally)
            said["sourceKey"] = self.key_of(record)
            link = self.link_of(record)
            if link:
                said["link"] = link
            yield RawEntity(id, self.types[id], said, record.origin)
        for record in self.records:
            self.refer(record)
        yield from self.groups.statements(self.name_of)
        yield from self.relations.values()

    def properties(self, record: Record, tally: Tally | None = None) -> dict[str, object]:
        """What a record says of itself, by property; what is doubtful goes to ``tally``."""
        return self.said.properties(record, tally)

    def moment(self, record: Record, name: str) -> str | None:
        """The moment in a field that the tool keeps in UTC."""
        return self.said.utc(record, record.cell(name), self.tally)

    def _called(self, table: str, key: str) -> str | None:
        """What the record of a key is called, if it is there."""
        record = self.by_id.get(self.id_of(table, key))
        said = self.properties(record).get("name") if record is not None else None
        return None if said is None else str(said)

    # ----------------------------------------------------------------------- what leads to another

    def refer(self, record: Record) -> None:
        """The relations that a record states."""
        own = self.id_of(record.table, record.key)
        if own in self.by_id:
            for rule in self.tables.gathered(record.table, "references"):
                for cells in [record.cells] if "each" not in rule else record.sets.get(rule["each"], ()):
                    self._reference(own, record, rule, cells)
        for rule in self.tables.gathered(record.table, "edges"):
            self._edge(record, rule)

    def _reference(self, own: str, record: Record, rule: Any, cells: Mapping[str, Cell]) -> None:
        if not self._holds(rule, cells):
            return
        own_table = record.table
        # Said by a record of another one that it names, or by one of its set of another one there.
        for part, holder in (("of", record.cells), ("pair", cells)):
            for name, own_table in rule.get(part, {}).items():
                other = self.find(own_table, cell_of(holder, name))
                if other is None:
                    return
                own = other
        for name, leads_to in rule["fields"].items():
            table = self._table(leads_to, cells)
            cell = cell_of(cells, name)
            other = self.find(table, cell) if table else None
            if other is not None and other != own:
                self.relate(rule, own, other, record.origin, own_table, table)
                return
            if other is None and table and not {cell.value, cell.shown} <= self.nothing:
                message = f"{{n}} of {record.table}: the name there is that of no record, or of several; not followed."
                self.tally.add(record.origin, name, "unknown-name", message)

    def _edge(self, record: Record, rule: Any) -> None:
        if not self._holds(rule, record.cells):
            return
        ends = []
        for side in ("from", "to"):
            table = self._table(rule[side]["table"], record.cells)
            end = self.find(table, record.cell(rule[side]["field"])) if table else None
            for name, further in rule[side].get("then", {}).items():
                described = self.by_id.get(end or "")
                end = self.find(further, cell_of(described.cells, name)) if described is not None else None
                table = further
            ends.append((end, table))
        (one, one_table), (other, other_table) = ends
        if one is None or other is None or one == other:
            if rule.get("quiet"):
                return
            message = f"{{n}} of {record.table} left out: one end is not said, or is of no known kind."
            self.tally.add(record.origin, "", "no-ends", message)
            return
        known = [id for id, side in ((one, "from"), (other, "to")) if rule[side].get("described") == "true"]
        if any(id not in self.types for id in known):
            message = f"{{n}} of {record.table} left out: what they are about is not among the records."
            self.tally.add(record.origin, "", "not-described", message)
            return
        self.relate(rule, one, other, record.origin, one_table, other_table)

    def _holds(self, rule: Any, cells: Mapping[str, Cell]) -> bool:
        """Whether a rule applies, where it has a condition."""
        return all(cell_of(cells, name).value.casefold() in values for name, values in rule.get("where", {}).items())

    def _table(self, leads_to: str, cells: Mapping[str, Cell]) -> str:
        """The table that a reference leads to.

        It is always the same, or that which another field names (``in FIELD``), in place of one that is taken where
        that names none (``in FIELD or TABLE``).
        """
        if not leads_to.startswith("in "):
            return leads_to
        field, _, otherwise = leads_to.removeprefix("in ").partition(" or ")
        named = cell_of(cells, field).value
        return named if self.tables.nearest(named) is not None else otherwise

    def relate(
        self, rule: Any, own: str, other: str, origin: Origin, own_table: str = "", other_table: str = ""
    ) -> None:
        """Make the relations of a rule between two ids, as far as they lead between what these are."""
        types = (self._type(own, own_table), self._type(other, other_table))
        chosen = next((one for one in rule.get("one_of", ()) if self._fits(one, types)), None)
        if chosen is None and rule.get("one_of"):
            if not rule.get("may_not_fit"):
                message = f"{{n}} times: no relation leads from {types[0]} to {types[1]} there; left out."
                self.tally.add(
                    origin, str(rule.get("said") or next(iter(rule.get("fields", {"": ""})))), "no-relation", message
                )
        elif chosen is not None:
            self._take(chosen, own, other, types, origin)
        for one in rule.get("also", ()):
            if self._fits(one, types):
                self._take(one, own, other, types, origin)

    def _type(self, id: str, table: str) -> str:
        return self.types.get(id) or str(self.tables.inherited(table, "type"))

    def _fits(self, one: Any, types: tuple[str, str]) -> bool:
        for side, type in zip(("own", "other"), types, strict=True):
            if side in one and not self.vocabulary.any_of(type, [each["type"] for each in one[side]]):
                return False
        if "relation" not in one:
            return True
        relation = self.vocabulary.relations[one["relation"]]
        subject, object = reversed(types) if one.get("inverse") else types
        return self.vocabulary.any_of(subject, relation.domain) and self.vocabulary.any_of(object, relation.range)

    def _take(self, one: Any, own: str, other: str, types: tuple[str, str], origin: Origin) -> None:
        subject, object = (other, own) if one.get("inverse") else (own, other)
        subject_type, object_type = reversed(types) if one.get("inverse") else types
        if "group" in one:
            self.groups.add(subject, one["group"], object, origin, (subject_type, object_type))
        if "relation" not in one:
            return
        made = RawRelation(
            one["relation"], subject, object, origin, one.get("properties", {}), object_type, subject_type
        )
        key = (subject, made.type, object)
        before = self.relations.get(key)
        # What is concluded does not weaken what is stated.
        if before is None or len(made.properties) < len(before.properties):
            self.relations[key] = made

    def _minimum(self, owner: str, kind: str, number: int) -> int | None:
        rule, record = self.rules["groups"][kind], self.by_id.get(owner)
        said = record.cell(rule["minimum"]).value if record is not None and "minimum" in rule else ""
        return least(said or rule.get("default", ""), number)

    def tell(self, warn: Take, passed: Iterable[tuple[str, Origin]] = ()) -> None:
        """Tell of what was left out."""
        for table, origin in passed:
            self.tally.add(origin, "", "passed-over", f"{{n}} of {table} passed over: nothing is made of them.")
        self.tally.tell(warn)
