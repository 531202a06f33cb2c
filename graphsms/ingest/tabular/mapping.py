"""What a mapping file says, once it has been read and held against the ontology."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TypeAlias

from graphsms.ingest.tabular.values import VALUE, Conversion, Template

__all__ = [
    "Choice",
    "Condition",
    "EntityRule",
    "Leads",
    "PropertyRule",
    "RelationRule",
    "TableMapping",
    "TableRule",
]


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether a rule holds for a row: the column has one of these values, or is empty, or is not."""

    column: str
    equals: frozenset[str] | None = None
    empty: bool | None = None

    def holds(self, text: str) -> bool:
        """Whether it holds where the column holds that text."""
        if self.equals is not None:
            return text.casefold() in self.equals
        return (not text) is self.empty


@dataclass(frozen=True, slots=True)
class Choice:
    """A type, or a relation and whether it leads the other way, by what a column holds."""

    column: str
    values: Mapping[str, str | Leads]
    otherwise: str | Leads | None = None

    def of(self, text: str) -> str | Leads | None:
        """What is chosen for a text, or None where the mapping does not say."""
        found = self.values.get(text)
        return found if found is not None else self.values.get(text.casefold(), self.otherwise)


@dataclass(frozen=True, slots=True)
class Leads:
    """A relation, and whether it leads to what is described rather than away from it."""

    relation: str
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class PropertyRule:
    """A column becomes a property."""

    column: str
    property: str
    conversion: Conversion = field(default_factory=Conversion)
    template: Template | None = None
    optional: bool = False

    def named(self) -> Iterator[str]:
        """The columns that it takes something from."""
        yield self.column
        yield from _of_others(self.template)


@dataclass(frozen=True)
class RelationRule:
    """A column (or with no column, the row) becomes relations.

    ``start`` is the id that it leads from, where that is not the entity described; ``target_type`` is what a
    placeholder for the other end would be. With ``clauses``, the column refers to clauses of the standard.
    """

    leads: Leads | Choice
    target: Template
    start: Template | None = None
    column: str = ""
    target_type: str | None = None
    start_type: str | None = None
    properties: Mapping[str, Template] = field(default_factory=dict)
    conversion: Conversion = field(default_factory=Conversion)
    when: tuple[Condition, ...] = ()
    optional: bool = False
    clauses: bool = False

    @cached_property
    def is_plain(self) -> bool:
        """Whether all depends on what the column itself holds."""
        others = (*self.target.columns, *(column for one in self.properties.values() for column in one.columns))
        return self.start is None and set(others) <= {VALUE} and len(self.constants) == len(self.properties)

    @cached_property
    def constants(self) -> Mapping[str, str]:
        """What every relation says of itself."""
        return {name: one.after for name, one in self.properties.items() if not one.parts}

    def named(self) -> Iterator[str]:
        """The columns that it takes something from."""
        for one in (self.target, self.start, *self.properties.values()):
            yield from _of_others(one) if self.column else one.columns if one is not None else ()
        yield from (self.column,) if self.column else ()
        yield from (condition.column for condition in self.when)
        if isinstance(self.leads, Choice):
            yield self.leads.column


def _of_others(template: Template | None) -> Iterator[str]:
    """The columns of a template that stands with a column, which itself is its ``value``."""
    return (column for column in template.columns if column != VALUE) if template is not None else iter(())


ColumnRule: TypeAlias = PropertyRule | RelationRule


@dataclass(frozen=True, slots=True)
class EntityRule:
    """An entity that each row describes. Without an id, the row only states relations between others."""

    id: Template | None
    type: str | Choice = ""
    constants: Mapping[str, object] = field(default_factory=dict)
    columns: tuple[ColumnRule, ...] = ()
    relations: tuple[RelationRule, ...] = ()
    when: tuple[Condition, ...] = ()
    optional: bool = False

    def fits(self, columns: Container[str]) -> bool:
        """Whether there are the columns of its id, where it may be that there are none."""
        return not self.optional or self.id is None or all(one in columns for one in self.id.columns)

    def named(self) -> Iterator[tuple[str, bool]]:
        """The columns that it takes something from, and whether each may be missing."""
        if self.id is not None:
            yield from ((column, self.optional) for column in self.id.columns)
        if isinstance(self.type, Choice):
            yield self.type.column, self.optional
        yield from ((condition.column, self.optional) for condition in self.when)
        for rule in (*self.columns, *self.relations):
            yield from ((column, rule.optional or self.optional) for column in rule.named())


@dataclass(frozen=True, slots=True)
class TableRule:
    """How one kind of file or sheet is read."""

    entities: tuple[EntityRule, ...]
    file: str = "*"
    sheet: str = "*"
    encoding: str | None = None
    delimiter: str | None = None
    header: int = 1
    fill_merged: bool = False
    empty: frozenset[str] = frozenset()
    skip: tuple[Condition, ...] = ()
    required: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    line: int = 1
    lines: Mapping[str, int] = field(default_factory=dict)  # of columns in the mapping file

    def fits(self, file: str, sheet: str | None, *, hidden: bool = False) -> bool:
        """Whether a file of that name, or a sheet of it, is read so; a hidden sheet only where it is named in full."""
        if not fnmatchcase(file.casefold(), self.file.casefold()):
            return False
        if sheet is None:
            return self.sheet == "*"
        return self.sheet.casefold() == sheet.casefold() or (
            not hidden and fnmatchcase(sheet.casefold(), self.sheet.casefold())
        )

    def ignores(self, column: str) -> bool:
        """Whether a column is left aside on purpose."""
        return column in self.ignore or any(fnmatchcase(column.casefold(), one.casefold()) for one in self.ignore)

    def named(self) -> dict[str, bool]:
        """The columns that it takes something from, and whether each may be missing."""
        found: dict[str, bool] = {}
        said = [(one.column, False) for one in self.skip] + [(one, False) for one in self.required]
        for column, optional in (*said, *(each for entity in self.entities for each in entity.named())):
            found[column] = found.get(column, True) and optional
        return found


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A mapping file: its tables in order. A file or sheet is read by the first that fits."""

    file: str
    tables: tuple[TableRule, ...]

    def rule(self, file: str, sheet: str | None = None, *, hidden: bool = False) -> TableRule | None:
        """The rule by which a file, or a sheet of it, is read."""
        return next((one for one in self.tables if one.fits(file, sheet, hidden=hidden)), None)
