"""Reading a mapping file: its form, and every word of it held against the ontology."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from graphsms.errors import RejectedError
from graphsms.ingest.documents import LocatedDict, content_of, line_of, yaml_documents
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.tabular.delimited import known_encoding
from graphsms.ingest.tabular.mapping import (
    Choice,
    EntityRule,
    Leads,
    PropertyRule,
    RelationRule,
    TableMapping,
    TableRule,
)
from graphsms.ingest.tabular.mapping_form import Form
from graphsms.ingest.tabular.values import VALUE, Template, template
from graphsms.values import canonical
from graphsms.vocabulary import STRENGTH, Vocabulary

__all__ = ["patterns", "read_mapping"]

_T = TypeVar("_T")


def read_mapping(path: Path, vocabulary: Vocabulary) -> TableMapping:
    """The mapping that a file holds.

    Raises
    ------
    RejectedError
        With every fault of it: what is no YAML, no key, no word of the ontology, or no template.
    """
    reading = _Reading(str(path), vocabulary)
    documents = list(yaml_documents(content_of(path), str(path)))
    found = reading.mapping(documents[0] if len(documents) == 1 else None)
    if reading.faults:
        number = len(reading.faults)
        more = f" (and {number - 1} more)" if number > 1 else ""
        raise RejectedError(f"{reading.faults[0]}{more}", reading.faults)
    return found


def patterns(path: Path) -> list[str]:
    """The patterns of file names that a mapping is for; every file, where it cannot be read: that is said later."""
    try:
        documents = list(yaml_documents(content_of(path), str(path)))
    except RejectedError:
        return ["*"]
    tables = documents[0].get("tables") if documents and isinstance(documents[0], dict) else None
    rows = tables if isinstance(tables, list) else []
    return [str(one.get("file") or "*") if isinstance(one, dict) else "*" for one in rows] or ["*"]


class _Reading(Form):
    """One mapping file being read."""

    def __init__(self, file: str, vocabulary: Vocabulary) -> None:
        super().__init__(file)
        self.vocabulary = vocabulary
        self.types = {word: name for name, one in vocabulary.types.items() for word in (name, one.iri)}
        self.relations = {word: name for name, one in vocabulary.relations.items() for word in (name, one.iri)}
        self.properties = {word: name for name, one in vocabulary.properties.items() for word in (name, one.iri)}

    # -------------------------------------------------------------------------------- the parts

    def mapping(self, node: object) -> TableMapping:
        found = self.keys(node, "mapping", "A mapping file is one document with the key `tables`.")
        tables = [self.table(one) for one in self.items(found, "tables")]
        if not tables and not self.faults:
            self.fault(found, "tables", "wrong-form", "No table is described; begin with `- file:` below `tables`.")
        return TableMapping(self.file, tuple(tables))

    def table(self, node: object) -> TableRule:
        found = self.keys(node, "table", "A table is a mapping: file, id, type, columns, …")
        self.lines = {}
        entities = [self.entity(found, "id" in found or "type" in found)]
        entities += [self.entity(self.keys(one, "also", "An entity is a mapping: id, type, columns, …"), described=True)
                     for one in self.items(found, "also")]  # fmt: skip
        encoding = self.text(found, "encoding")
        if encoding and not known_encoding(encoding):
            self.fault(
                found, "encoding", "wrong-value", f"{encoding!r} is no encoding; such as cp1252, latin-1, utf-16."
            )
        delimiter = self.text(found, "delimiter")
        delimiter = "\t" if delimiter in ("tab", "\\t") else delimiter
        if len(delimiter) > 1:
            self.fault(found, "delimiter", "wrong-value", "The delimiter is one character, or `tab`.")
        header = self.text(found, "header") or "1"
        if not header.isascii() or not header.isdigit() or not 0 < int(header) <= 1000:
            self.fault(found, "header", "wrong-value", "The header is the number of a row, from 1.")
            header = "1"
        if found.get("merged") not in (None, "fill"):
            self.fault(found, "merged", "wrong-value", "Of merged cells, `fill` can be said, or nothing.")
        return TableRule(
            entities=tuple(entities),
            file=self.text(found, "file") or "*",
            sheet=self.text(found, "sheet") or "*",
            encoding=encoding or None,
            delimiter=delimiter or None,
            header=int(header),
            fill_merged=found.get("merged") == "fill",
            empty=frozenset(self.texts(found, "empty")),
            skip=self.conditions(found, "skip"),
            required=tuple(self.column(one, found, "required") for one in self.texts(found, "required")),
            ignore=tuple(self.texts(found, "ignore")),
            line=found.line,
            lines=self.lines,
        )

    def entity(self, node: LocatedDict, described: bool) -> EntityRule:
        columns = self.mapped(node, "columns")
        rules = [
            self.column_rule(self.column(name, columns, name), one, columns)
            for name, said in columns.items()
            for one in (said if isinstance(said, list) else [said])
        ]
        id = self.template(node, "id") if described else None
        if described and (id is None or not id.parts):
            self.fault(node, "id", "missing-id", "An entity has an id with a column in it, such as `srv:{Hostname}`.")
        if described and "type" not in node:
            self.fault(node, "type", "missing-type", "An entity has a type, the name of a class of the ontology.")
        if not described and (rules or "constants" in node):
            self.fault(node, "columns", "missing-id", "Whose columns are they? Say the `id` and `type` of the rows.")
        relations = tuple(self.relation_rule(self.keys(one, "relation", "A relation is a mapping: relation, to, …"),
                                             described) for one in self.items(node, "relations"))  # fmt: skip
        if not described and not relations and "also" not in node:
            self.fault(
                node, "id", "missing-id", "The table makes nothing: say `id` and `type`, `relations`, or `also`."
            )
        return EntityRule(
            id,
            self.type_or_choice(node, "type") if described else "",
            self.constants(node),
            tuple(one for one in rules if one is not None),
            relations,
            self.conditions(node, "when"),
            self.flag(node, "optional"),
        )

    def column_rule(self, column: str, said: object, columns: LocatedDict) -> PropertyRule | RelationRule | None:
        if isinstance(said, str):
            said_as = LocatedDict(line_of(columns, column) or columns.line)
            said_as["property"] = said
            said = said_as
        node = said if isinstance(said, LocatedDict) else LocatedDict(line_of(columns, column) or columns.line)
        relation = "relation" in node
        if not relation and "property" not in node:
            message = f"The column {column!r} becomes a `property` or a `relation`; or name it under `ignore`."
            self.fault(columns, column, "wrong-form", message)
            return None
        if relation and "property" in node:
            self.fault(
                columns, column, "wrong-form", "A list says several things of one column, a mapping one of them."
            )
        self.keys(node, "column to a relation" if relation else "column to a property", "")
        optional = self.flag(node, "optional")
        conversion = self.conversion(node)
        if not relation:
            name = self.word(node, "property", self.properties, "property")
            many = name is not None and self.vocabulary.properties[name].many
            if name is not None and conversion.split and not many:
                self.fault(node, "split", "wrong-value", f"{name} has one value; its cells cannot be split.")
            return PropertyRule(column, name or "", conversion, self.template(node, "template"), optional)
        return RelationRule(
            self.leads(node),
            self.template(node, "id") or template(f"{{{VALUE}}}"),
            column=column,
            target_type=self.type(node, "type"),
            properties=self.qualified(node),
            conversion=conversion,
            when=self.conditions(node, "when"),
            optional=optional,
            clauses=self.flag(node, "clauses"),
        )

    def relation_rule(self, node: LocatedDict, described: bool) -> RelationRule:
        start, target = self.template(node, "from"), self.template(node, "to")
        if target is None or (start is None and not described):
            self.fault(node, "to", "missing-id", "A relation of the row says `to` and, where no id is given, `from`.")
        return RelationRule(
            self.leads(node),
            target or template(""),
            start,
            target_type=self.type(node, "type"),
            start_type=self.type(node, "from_type"),
            properties=self.qualified(node),
            when=self.conditions(node, "when"),
        )

    # ---------------------------------------------------------------------- words of the ontology

    def word(self, node: LocatedDict, key: str, words: Mapping[str, str], kind: str) -> str | None:
        return self.name(node, key, node.get(key), words, kind)

    def name(self, node: object, key: str, said: object, words: Mapping[str, str], kind: str) -> str | None:
        if isinstance(said, str) and said in words:
            return words[said]
        hint = did_you_mean(str(said), set(words.values()))
        self.fault(node, key, f"unknown-{kind}", f"The ontology has no {kind} {said!r}.{hint}")
        return None

    def type(self, node: LocatedDict, key: str) -> str | None:
        said = node.get(key)
        return None if said is None else self.name(node, key, said, self.types, "type")

    def type_or_choice(self, node: LocatedDict, key: str) -> str | Choice:
        said = node.get(key)
        if isinstance(said, dict):
            return self.choice(said, lambda where, at, one: self.name(where, at, one, self.types, "type"))
        return self.type(node, key) or ""

    def leads(self, node: LocatedDict) -> Leads | Choice:
        def read(where: object, key: str, one: object) -> Leads | None:
            inverse = False
            if isinstance(one, LocatedDict):
                if self.faulty_keys(one, {"relation": "", "inverse": ""}):
                    return None
                inverse = self.flag(one, "inverse")
                where, key, one = one, "relation", one.get("relation")
            name = self.name(where, key, one, self.relations, "relation")
            return Leads(name, inverse != self.flag(node, "inverse")) if name is not None else None

        said = node.get("relation")
        if isinstance(said, dict):
            return self.choice(said, read)
        return read(node, "relation", said) or Leads("")

    def choice(self, said: object, read: Callable[[object, str, object], _T | None]) -> Choice:
        node = self.keys(said, "choice", "What a column decides is `{column, values}`.")
        listed = self.mapped(node, "values")
        values = {key: read(listed, key, one) for key, one in listed.items()}
        other = read(node, "otherwise", node["otherwise"]) if node.get("otherwise") is not None else None
        found: dict[str, _T] = {}
        for key, one in values.items():
            if one is not None:
                found.setdefault(key.casefold(), one)
                found[key] = one
        column = self.column(self.text(node, "column", needed=True), node, "column")
        return Choice(column, found, other)  # type: ignore[arg-type]

    def constants(self, node: LocatedDict) -> dict[str, object]:
        said, found = self.mapped(node, "constants"), dict[str, object]()
        for key, value in said.items():
            name = self.name(said, key, key, self.properties, "property")
            if name is None or value is None:
                continue
            try:
                canonical(self.vocabulary.properties[name], value, self.vocabulary)
            except ValueError as error:
                self.fault(said, key, "wrong-value", f"{name} {error}.")
            found[name] = list(value) if isinstance(value, list) else value
        return found

    def qualified(self, node: LocatedDict) -> dict[str, Template]:
        """What a relation says of itself."""
        said, found = self.mapped(node, "properties"), dict[str, Template]()
        on_relations = {one.name: one.name for one in self.vocabulary.properties.values() if one.on_relations}
        for key in said:
            name = self.name(said, key, key, on_relations, "property")
            value = self.template(said, key)
            if name is not None and value is not None:
                found[name] = value
        if "strength" in node:
            found[STRENGTH] = self.template(node, "strength") or template("")
        for name, one in found.items():
            if not one.parts:
                try:
                    canonical(self.vocabulary.properties[name], one.after, self.vocabulary)
                except ValueError as error:
                    self.fault(node, name, "wrong-value", f"{name} {error}.")
        return found
