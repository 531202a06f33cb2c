"""From the rows of one table to statements, by one rule of a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from graphsms.errors import InputError
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.reader import WHY, RawEntity, RawRelation, RawStatement
from graphsms.ingest.tabular.cells import BadCell, Cell, Row, SheetOrigin, cell_text, column_letter, tidy
from graphsms.ingest.tabular.mapping import (
    Choice,
    Condition,
    EntityRule,
    Leads,
    PropertyRule,
    RelationRule,
    TableRule,
)
from graphsms.ingest.tabular.values import VALUE, Converted, Template
from graphsms.model import Fault, Origin
from graphsms.values import canonical
from graphsms.vocabulary import Vocabulary

__all__ = ["TableReading"]

_REMEMBERED: Final = 10_000
_LISTED: Final = 12

Take = Callable[[Fault], None]


class TableReading:
    """One table being read: a text file, or a sheet of a workbook.

    Parameters
    ----------
    rule : TableRule
        How.
    mapping, file, sheet : str
        Where the rule stands, and where the rows do; ``sheet`` is "" in a text file.
    vocabulary : Vocabulary
    fault, warn : callable
        Take what is wrong, and what is doubtful.

    Notes
    -----
    One row is held at a time, and of each column up to 10,000 different values that were converted before.
    """

    def __init__(
        self, rule: TableRule, mapping: str, file: str, sheet: str, vocabulary: Vocabulary, fault: Take, warn: Take
    ) -> None:
        self.rule = rule
        self.mapping = mapping
        self.file = file
        self.sheet = sheet
        self.vocabulary = vocabulary
        self.take_fault = fault
        self.take_warning = warn
        self.index: dict[str, int] = {}
        self.cells: list[Cell] = []
        self.origin = Origin(file)
        self.subject = ""
        self.known: dict[int, dict[str, Sequence[Converted]]] = {}  # by the rule
        self.known_targets: dict[int, dict[str, Sequence[str]]] = {}
        self.first: EntityRule | None = None
        self.faults = 0

    def at(self, line: int | None) -> Origin:
        return SheetOrigin(self.file, line, self.sheet) if self.sheet else Origin(self.file, line)

    def fault(self, field: str, rule: str, message: str) -> None:
        self.take_fault(Fault(self.origin, self.subject, field, rule, message))

    def statements(self, rows: Iterable[Row], limit: int | None = None) -> Iterator[RawStatement]:
        """What the rows say. The header is the first row at or below the one that the rule names."""
        rows = iter(rows)
        header = next((row for row in rows if row.number >= self.rule.header), None)
        if header is None:
            self.take_fault(Fault(self.at(None), "", "", "empty-file", "There is no row with headers in it."))
            return
        width = self.header(header)
        if width == 0:
            return
        entities = [self.fitting(one) for one in self.rule.entities if one.fits(self.index)]
        self.first = entities[0]
        short, number = _Seen(), 0
        for row in rows:
            if not self.begin(row, width, short):
                continue
            number += 1
            for entity in entities:
                yield from self.entity(entity)
            if number == limit:
                break
        if not number:
            self.take_warning(Fault(self.at(header.number), "", "", "no-rows", "There is no row below the headers."))
        if short.count:
            message = f"{short.count:,} rows, from here on, have fewer cells than there are headers; the rest is empty."
            self.take_warning(Fault(self.at(short.first), "", "", "short-row", message))

    # ------------------------------------------------------------------------------- the header

    def header(self, row: Row) -> int:
        """Find the columns; how many there are, or 0 where some that are needed are not there."""
        names = [tidy(cell_text(one)) for one in row.cells]
        places: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            if name:
                places.setdefault(name, []).append(place)
        by_any_case = {name.casefold(): name for name in reversed(places)}
        needed, complete = self.rule.named(), True
        for column, optional in needed.items():
            name = column if column in places else by_any_case.get(column.casefold(), "")
            if not name and optional:
                continue
            if not name:
                self.missing(column, row.number, list(places))
            elif len(places[name]) > 1:
                letters = " and ".join(column_letter(place + 1) for place in places[name])
                message = (
                    f"Two columns are called {name!r} ({letters}); rename one, so that it is clear which is meant."
                )
                self.take_fault(Fault(self.at(row.number), "", column, "duplicate-column", message))
            else:
                self.index[column] = places[name][0]
                continue
            complete = False
        used = set(self.index.values())
        why = {f"rejected_{one}" if f"rejected_{one}" in places else one for one in WHY}
        known = why if why <= places.keys() else set()  # what was left out before and is corrected
        for name, where in places.items():
            if not used.intersection(where) and name not in known and not self.rule.ignores(name) and complete:
                message = "The column is not mapped: nothing is made of it; map it, or name it under `ignore`."
                self.take_warning(Fault(self.at(row.number), "", name, "unmapped-column", message))
        return len(names) if complete else 0

    def missing(self, column: str, line: int, there: Sequence[str]) -> None:
        said = self.rule.lines.get(column, self.rule.line)
        hint = did_you_mean(column, there)
        shown = ", ".join(there[:_LISTED]) + (", …" if len(there) > _LISTED else "")
        named = f"There is no column {column!r}, and the mapping names it ({self.mapping}:{said})."
        message = f"{named}{hint} There are: {shown}."
        # Without a field: it is the whole table that cannot be read.
        self.take_fault(Fault(self.at(line), "", "", "missing-column", message))

    def fitting(self, entity: EntityRule) -> EntityRule:
        """The rule without what is optional and has no column here."""

        def there(one: PropertyRule | RelationRule) -> bool:
            return not one.optional or all(column in self.index for column in one.named())

        return replace(entity, columns=tuple(filter(there, entity.columns)))

    # ------------------------------------------------------------------------------------- rows

    def begin(self, row: Row, width: int, short: _Seen) -> bool:
        """Take in a row; whether anything is to be made of it."""
        cells, empty = row.cells, self.rule.empty
        self.origin, self.subject = self.at(row.number), ""
        if not any(cells):
            return False
        found: list[Cell] = [None] * width
        bad: list[tuple[str, BadCell]] = []
        for column, place in self.index.items():
            cell = cells[place] if place < len(cells) else None
            if type(cell) is str:
                cell = cell.strip() or None
                if cell in empty:
                    cell = None
            elif isinstance(cell, BadCell):
                bad.append((column, cell))
                cell = None
            elif cell is not None and empty and cell_text(cell) in empty:
                cell = None
            found[place] = cell
        if not any(found) and not bad and not any(cell_text(one) for one in cells):
            return False
        self.cells = found
        if any(one.holds(self.text(one.column)) for one in self.rule.skip):
            return False
        if len(cells) > width and any(cells[width:]):
            message = (
                f"The row has {len(cells)} cells under {width} headers; a separator may stand in a value unquoted."
            )
            self.fault("", "ragged-row", message)
            return False
        if len(cells) < width and not self.sheet:
            short.add(row.number)
        for column, one in bad:
            self.fault(column, one.rule, one.message)
        for column in self.rule.required:
            if not self.text(column) and column not in {name for name, _ in bad}:
                self.fault(
                    column, "missing-value", f"The column {column} must not be empty; fill it, or skip such rows."
                )
        return True

    def text(self, column: str) -> str:
        return cell_text(self.cells[self.index[column]])

    def cell(self, column: str) -> Cell:
        return self.cells[self.index[column]]

    # ------------------------------------------------------------------------------- statements

    def entity(self, rule: EntityRule) -> Iterator[RawStatement]:
        if rule.when and not self.hold(rule.when):
            return
        id, type = "", None
        if rule.id is not None:
            id = rule.id.filled(self.text)
            if not id:
                if rule is self.first:
                    self.without_id(rule.id)
                return
            self.subject = self.subject or id
            type = self.chosen(rule.type, "type")
            properties = self.properties(rule)
            if isinstance(type, str):
                yield RawEntity(id, type, properties, self.origin)
        for one in rule.columns:
            if isinstance(one, RelationRule):
                yield from self.clauses(one, id, type) if one.clauses else self.column_relations(one, id)
        for link in rule.relations:
            yield from self.relations(link, id, None)

    def without_id(self, id: Template) -> None:
        empty = [column for column in id.columns if not self.text(column)]
        message = f"The id {id.text} needs {' and '.join(empty)}, which is empty; fill it, or skip such rows."
        self.fault(empty[0] if empty else id.text, "missing-id", message)

    def hold(self, conditions: Sequence[Condition]) -> bool:
        return all(one.holds(self.text(one.column)) for one in conditions)

    def chosen(self, said: str | Leads | Choice, kind: str) -> str | Leads | None:
        """A type or relation, by what the row says where the mapping leaves it to that."""
        if not isinstance(said, Choice):
            return said
        text = self.text(said.column)
        found = said.of(text)
        if found is None:
            hint = did_you_mean(text, said.values)
            message = (
                f"The mapping does not say which {kind} {text!r} is.{hint} Add it to `values`, or say `otherwise`."
            )
            self.fault(said.column, f"unmapped-{kind}", message)
        return found

    def properties(self, rule: EntityRule) -> dict[str, object]:
        found: dict[str, object] = {}
        for one in rule.columns:
            if not isinstance(one, PropertyRule):
                continue
            cell = self.cells[self.index[one.column]]
            if cell is None:
                continue
            values = self.values(one, cell)
            if not values:
                continue
            if self.vocabulary.properties[one.property].many:
                before = found.setdefault(one.property, [])
                assert isinstance(before, list)
                before.extend(values)
            else:
                found.setdefault(one.property, values[0])
        for name, value in rule.constants.items():
            if name not in found:
                found[name] = value
            elif self.vocabulary.properties[name].many:
                before = found[name]
                assert isinstance(before, list)
                before.extend(value if isinstance(value, list) else [value])
        return found

    def values(self, rule: PropertyRule, cell: Cell) -> Sequence[Converted]:
        """What a cell gives as values of a property, each of which the property can have."""
        if type(cell) is not str or len(list(rule.named())) > 1:
            return self.converted(rule, cell)
        known = self.known.setdefault(id(rule), {})
        found = known.get(cell)
        if found is None:
            faults, found = self.faults, self.converted(rule, cell)
            if self.faults == faults and len(known) < _REMEMBERED:
                known[cell] = found
        return found

    def converted(self, rule: PropertyRule, cell: Cell) -> list[Converted]:
        property = self.vocabulary.properties[rule.property]
        found: list[Converted] = []
        for piece in rule.conversion.pieces(cell):
            try:
                value = rule.conversion.converted(piece)
                if value is not None and rule.template is not None:
                    value = self.filled(rule.template, str(value)) or None
                if value is None or value == "":
                    continue
                canonical(property, value, self.vocabulary)
            except ValueError as error:
                self.faults += 1
                self.fault(rule.column, "wrong-value", f"{rule.property} {error}.")
            else:
                found.append(value)
        return found

    def filled(self, template: Template, value: str | None) -> str:
        """A template with what the row says, and ``value`` for what the column holds, where it stands with one."""
        if value is None:
            return template.filled(self.text)
        return template.filled(lambda column: value if column == VALUE else self.text(column))

    # -------------------------------------------------------------------------------- relations

    def column_relations(self, rule: RelationRule, id: str) -> Iterator[RawRelation]:
        cell = self.cells[self.index[rule.column]]
        if cell is None or (rule.when and not self.hold(rule.when)):
            return
        leads = rule.leads
        if isinstance(leads, Leads) and rule.is_plain:
            for target in self.targets(rule, cell):
                ends = (target, id, rule.target_type, None) if leads.inverse else (id, target, None, rule.target_type)
                yield RawRelation(leads.relation, ends[0], ends[1], self.origin, rule.constants, ends[3], ends[2])
            return
        for value in self.pieces(rule, cell):
            yield from self.relations(rule, id, value)

    def clauses(self, rule: RelationRule, id: str, type: object) -> Iterator[RawRelation]:
        """Relations to the requirements at the places of the standard that a column refers to."""
        from graphsms.ingest.serving import served_at  # slow to import

        cell = self.cells[self.index[rule.column]]
        leads = self.chosen(rule.leads, "relation") if cell is not None and self.hold(rule.when) else None
        if not isinstance(leads, Leads) or not isinstance(type, str):
            return
        for reference in self.pieces(rule, cell):
            try:
                found = served_at(type, reference, self.vocabulary)
            except InputError as error:
                self.faults += 1
                self.fault(rule.column, "unknown-clause", str(error))
                continue
            for one in found:
                said = {**one.said, **rule.constants}
                yield RawRelation(leads.relation, id, one.requirement.id, self.origin, said, rule.target_type)

    def targets(self, rule: RelationRule, cell: Cell) -> Sequence[str]:
        """The ids that a cell names, where nothing else of the row has a say; each cell is thought about once."""
        if type(cell) is not str:
            return [self.filled(rule.target, value) for value in self.pieces(rule, cell)]
        known = self.known_targets.setdefault(id(rule), {})
        found = known.get(cell)
        if found is None:
            faults, found = self.faults, [self.filled(rule.target, value) for value in self.pieces(rule, cell)]
            if self.faults == faults and len(known) < _REMEMBERED:
                known[cell] = found
        return found

    def pieces(self, rule: RelationRule, cell: Cell) -> Iterator[str]:
        """What a cell names, one by one."""
        for piece in rule.conversion.pieces(cell):
            try:
                value = rule.conversion.converted(piece)
            except ValueError as error:
                self.faults += 1
                self.fault(rule.column, "wrong-value", f"The column {error}.")
                continue
            if value is not None and value != "":
                yield str(value)

    def relations(self, rule: RelationRule, id: str, value: str | None) -> Iterator[RawRelation]:
        if not rule.column and not self.hold(rule.when):
            return
        target = self.filled(rule.target, value)
        start = self.filled(rule.start, value) if rule.start is not None else id
        leads = self.chosen(rule.leads, "relation") if target and start else None
        if not isinstance(leads, Leads):
            return
        said = {name: self.filled(one, value) for name, one in rule.properties.items()}
        properties = {name: one for name, one in said.items() if one}
        ends = (target, start) if leads.inverse else (start, target)
        types = (rule.target_type, rule.start_type) if leads.inverse else (rule.start_type, rule.target_type)
        yield RawRelation(
            leads.relation, *ends, self.origin, properties, object_type=types[1], subject_type=types[0]
        )  # fmt: skip


class _Seen:
    """How often something was seen, and where first."""

    def __init__(self) -> None:
        self.count = 0
        self.first: int | None = None

    def add(self, number: int) -> None:
        self.count += 1
        self.first = number if self.first is None else self.first
