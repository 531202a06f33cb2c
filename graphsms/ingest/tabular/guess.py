"""Drafting a mapping from the headers and values of tables, with comments that say why and how sure that is.

A draft is a beginning: whoever knows the table looks through it. What it says was tried on the rows that were looked
at, so that it reads the file that it was made from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from graphsms.ingest.tabular.fitting import Fit, fit, separator
from graphsms.ingest.tabular.links import Links, links
from graphsms.ingest.tabular.profile import LOOKED_AT, Column, Profile, profiles
from graphsms.ingest.tabular.subjects import (
    ID_WORDS,
    Known,
    Reference,
    Subject,
    are_codes,
    of_store,
    reference,
    subjects,
)
from graphsms.ingest.tabular.words import RelationHint, Words, words_of
from graphsms.model import Entity
from graphsms.vocabulary import NAME, Vocabulary

__all__ = ["guess"]

_PLAIN: Final = re.compile(r"[^\W\d_][\w.-]*(?: [\w.-]+)*", re.UNICODE)
_NULLS: Final = frozenset({"null", "Null", "NULL"})
_SURE: Final = 0.99


def guess(paths: Sequence[Path], vocabulary: Vocabulary, entities: Iterable[Entity] = ()) -> str:
    """A mapping for tables, as text of YAML.

    Parameters
    ----------
    paths : sequence of Path
        CSV and Excel files; they become one mapping, and may refer to each other.
    vocabulary : Vocabulary
    entities : iterable of Entity
        What stands in a graph already, where columns may refer to that.

    Returns
    -------
    str

    Raises
    ------
    RejectedError
        A file cannot be read, or holds no table.

    Notes
    -----
    Of each table, the first 5,000 rows are looked at, and held.
    """
    words = Words(vocabulary)
    found = subjects([one for path in paths for one in profiles(path)], words)
    known = [one for one in (each.known() for each in found) if one is not None] + of_store(iter(entities))
    lines = [
        f"# Drafted by `graphsms mapping guess {' '.join(path.name for path in paths)}`: look through it, and change",
        "# what is wrong. `graphsms mapping check` shows what it makes of the first rows.",
        "tables:",
    ]
    for one in found:
        relations = links(one.profile, words)
        lines += _link_lines(one.profile, relations) if relations is not None else _Draft(one, known, words).lines()
    return "\n".join(lines) + "\n"


@dataclass
class _Draft:
    """One table being drafted."""

    subject: Subject
    known: Sequence[Known]
    words: Words
    columns: dict[str, tuple[object, str]] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    also: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)  # property → column
    joined: set[str] = field(default_factory=set)  # columns that stand in the template of another

    def lines(self) -> list[str]:
        profile, subject = self.subject.profile, self.subject
        self._full_names()
        for column in self._ordered():
            self._column(column)
        self.ignored.update(dict.fromkeys(profile.doubled, "several columns are called so: rename them"))
        lines = _head(profile)
        lines += [f"  # {subject.why_id}.", f"  id: {_text(subject.template)}"]
        if subject.id is not None and len(subject.id.cells) < profile.rows:
            lines.append(f"  skip: [{_flow({'column': subject.id.name, 'empty': 'true'})}]")
        if subject.type_column is not None:
            choice = {
                "column": subject.type_column.name,
                "values": dict(subject.type_values),
                "otherwise": subject.type,
            }
            others = [text for text in subject.type_column.texts if text not in subject.type_values]
            if others:
                lines.append(f"  # {', '.join(map(repr, others[:5]))}: no type is called so, hence `otherwise`.")
            lines.append(f"  type: {_flow(choice)}")
        else:
            lines.append(f"  type: {subject.type}  # {subject.why_type}")
        relations = (one.get("relation") for one, _ in self.columns.values() if isinstance(one, dict))
        drafted = {*self.taken, *relations}
        needs = [one for type in subject.types for one in self.words.needs(type) if one not in drafted]
        if needs:
            lines.append(f"  # It must also say {', '.join(dict.fromkeys(needs))}: from a column, or by `constants`.")
        if self.columns:
            lines.append("  columns:")
            lines += [f"    {_text(name)}: {_flow(said)}  # {why}" for name, (said, why) in self.columns.items()]
        if self.also:
            lines.append("  also:")
            for id, type, its in self.also:
                lines += [f"  - id: {_text(id)}", f"    type: {type}", f"    columns: {_flow(its)}"]
        if self.ignored:
            lines.append("  ignore:")
            lines += [f"  - {_text(name)}  # {why}" for name, why in self.ignored.items()]
        return [_one_line(one) for one in lines]

    def _full_names(self) -> None:
        """First and last name are one name."""
        first, last = (
            next((one for one in self.subject.profile.columns if self.words.means(one.name, what)), None)
            for what in ("first name", "last name")
        )
        if (
            first is None
            or last is None
            or not first.cells
            or len(last.cells) < len(first.cells)
            or first.bad
            or last.bad
        ):
            return
        said = {"property": NAME, "template": f"{{value}} {{{last.name}}}"}
        self.columns[first.name] = (said, f"with {last.name!r} the name")
        self.taken[NAME] = first.name
        self.joined.add(last.name)

    def _ordered(self) -> Iterator[Column]:
        """The id first; then those whose headers are the very words of a property; then the others."""
        id, rest = self.subject.id, [one for one in self.subject.profile.columns if one is not self.subject.id]
        if id is not None:
            yield id
        sure = {one.name for one in rest if self._sure(one)}
        yield from (one for one in rest if one.name in sure)
        yield from (one for one in rest if one.name not in sure)

    def _sure(self, column: Column) -> bool:
        found = self.words.properties(column.name, self.subject.types)
        return bool(found) and found[0][0] > _SURE

    # -------------------------------------------------------------------------------- one column

    def _column(self, column: Column) -> None:
        if column.name in self.columns or column.name in self.joined | self._named_in_also():
            return
        if column is self.subject.type_column:
            return
        if column.bad or not column.cells:
            self.ignored[column.name] = column.bad.rstrip(".") or "it is empty"
        elif column is self.subject.id:
            self._id(column)
        elif self._is_name(column) and NAME not in self.taken:
            self.taken[NAME] = column.name
            self.columns[column.name] = (NAME, "called the name, or as what the rows describe")
        else:
            found = reference(column, self.known)
            meant = None if self._plainly(column, found) else found
            done = meant is not None and self._reference(column, meant)
            done = done or self._property(column, _SURE) or self._relation(column) or self._property(column, 0.5)
            if not done:
                self.ignored[column.name] = self._nothing(column)

    def _plainly(self, column: Column, found: Reference | None) -> bool:
        """Whether values are ids by chance only: short numbers, or a column that is a property by its very name."""
        if found is None:
            return True
        digits = all(one.isdigit() and len(one) < 5 for one in column.texts)
        return self._sure(column) or (digits and not self._hints(column, found.to.types))

    def _named_in_also(self) -> set[str]:
        return {name for _, _, its in self.also for name in its}

    def _id(self, column: Column) -> None:
        said = [one for one in self._properties(column, 0.6) if one[1] != NAME][:1]
        named = any(self._is_name(one) for one in self.subject.profile.columns if one is not column)
        if self._is_name(column) or not (named or words_of(column.name) & ID_WORDS):
            said.append((_SURE, NAME, Fit()))
        for _, name, _ in said:
            self.taken[name] = column.name
        entries = [name if not its.keys else {"property": name, **its.keys} for _, name, its in said]
        if entries:
            said_of_it = entries if len(entries) > 1 else entries[0]
            self.columns[column.name] = (said_of_it, "the id, and what it says besides")

    def _is_name(self, column: Column) -> bool:
        """Whether a column is called the name, or as what the rows describe is."""
        called_so = (words for words, type in self.words.types.items() if type == self.subject.type)  # a "CI", too
        own = words_of(self.subject.type).union(*called_so)
        rest = " ".join(sorted(words_of(column.name) - own))  # an "asset name" is the name of an asset
        called = self.words.type_called(column.name) in self.subject.types
        return called or NAME in self._first(column.name) or NAME in self._first(rest)

    def _first(self, header: str) -> set[str]:
        found = self.words.properties(header, self.subject.types)
        return {found[0][1].name} if found and found[0][0] > _SURE else set()

    def _properties(self, column: Column, least: float) -> Iterator[tuple[float, str, Fit]]:
        """The properties that a column may be, and whose values its cells can be."""
        for score, property in self.words.properties(column.name, self.subject.types):
            if score < least or property.name in self.taken:
                continue
            its = fit(column, property, self.words.vocabulary, self.words.codes.get(property.name, {}))
            if its is not None:
                yield score, property.name, its

    def _property(self, column: Column, least: float) -> bool:
        found = next(self._properties(column, least), None)
        if found is None:
            return False
        score, name, its = found
        if not self.words.vocabulary.properties[name].many:
            self.taken[name] = column.name
        why = "by its name" if score > _SURE else "its name is only like it: look twice"
        said: object = {"property": name, **its.keys} if its.keys else name
        self.columns[column.name] = (said, "; ".join((why, *its.remarks)))
        return True

    def _hints(self, column: Column, targets: Iterable[str]) -> list[tuple[float, RelationHint]]:
        return self.words.relations(column.name, self.subject.types, targets)

    def _reference(self, column: Column, found: Reference) -> bool:
        """A column whose values are ids of something."""
        why = f"{found.share:.0%} of its values are {found.to.where}"
        hints = self._hints(column, found.to.types)
        if hints:
            hint = hints[0][1]
        else:
            hint = RelationHint(self.words.fallback_relation, False, found.to.types[0], {}, ())
            if not self.words.leads(hint, self.subject.types, found.to.types):
                self.ignored[column.name] = f"{why}, and its name is that of no relation between them: say which"
                return True
            why += "; its name is that of no relation: is it this one?"
        said = self._said(hint, found.to.template, found.to.types[0] if len(found.to.types) == 1 else None)
        if found.split is not None:
            said["split"] = found.split.replace("\n", "\\n")
        self.columns[column.name] = (said, why)
        return True

    @staticmethod
    def _said(hint: RelationHint, id: str, type: str | None) -> dict[str, object]:
        said: dict[str, object] = {"relation": hint.relation}
        said.update({"inverse": "true"} if hint.inverse else {})
        said["id"] = id
        said.update({"type": type} if type is not None else {})
        return {**said, **hint.properties}

    def _relation(self, column: Column) -> bool:
        """A column that names others which have no table: an entity is made for each."""
        hints = [one for one in self._hints(column, ()) if one[0] >= 0.6]
        if not hints or "{" in column.name or "}" in column.name or "|" in column.name:
            return False
        hint = hints[0][1]
        label = "-".join(self.words.vocabulary.types[hint.target].label.split())
        split = separator(column.texts)
        if are_codes(piece for text in column.texts for piece in _pieces(text, split)):
            said = self._said(hint, "{value}", hint.target)
            said.update({"split": split.replace("\n", "\\n")} if split is not None else {})
            self.columns[column.name] = (said, "its values look like ids of what is described elsewhere")
            return True
        said = self._said(hint, f"{label}:{{value|slug}}", hint.target)
        why = "no table has what it names: one is made for each name"
        if self.words.needs(hint.target) and split is None:
            self.columns[column.name] = (said, "no table has what it names: a placeholder for each name")
            return True
        if split is not None and split != ",":
            said["split"] = split.replace("\n", "\\n")
            self.columns[column.name] = (said, "no table has what it names: a placeholder for each name")
            return True
        self.columns[column.name] = (said, why)
        its: dict[str, object] = {column.name: NAME}
        its.update(self._beside(column, hint.target))
        self.also.append((f"{label}:{{{column.name}|slug}}", hint.target, its))
        return True

    def _beside(self, column: Column, type: str) -> Iterator[tuple[str, object]]:
        """Columns that say more of what a column names, such as the mail of an owner."""
        own = words_of(column.name)
        for other in self.subject.profile.columns:
            more = words_of(other.name) - own
            if other is column or not own < words_of(other.name) or not other.cells:
                continue
            for score, property in self.words.properties(" ".join(sorted(more)), [type]):
                its = fit(other, property, self.words.vocabulary, {})
                if score > _SURE and its is not None:
                    self.columns.pop(other.name, None)
                    self.ignored.pop(other.name, None)
                    yield other.name, {"property": property.name, **its.keys} if its.keys else property.name
                    break

    def _nothing(self, column: Column) -> str:
        near = self.words.properties(column.name, self.subject.types)
        others = self.words.properties(column.name, ())
        if not near and others and others[0][0] > _SURE:
            return f"{others[0][1].name} by its name, which only {' and '.join(others[0][1].domain)} can have"
        if near and near[0][1].name in self.taken:
            return f"{near[0][1].name} is taken by {self.taken[near[0][1].name]!r}"
        if near:
            return f"like {near[0][1].name} by its name, and its values cannot be that: {column.texts[0][:30]!r}"
        return f"nothing is called so here; such as {column.texts[0][:30]!r}"


def _head(profile: Profile) -> list[str]:
    """How a table is opened."""
    rows = f"the first {LOOKED_AT:,} rows" if profile.partial else f"{profile.rows:,} rows"
    lines = ["", f"- file: {_text(profile.file)}  # drafted from {rows}"]
    if profile.sheet is not None:
        lines.append(f"  sheet: {_text(profile.sheet)}")
    if profile.encoding is not None:
        lines.append(f"  encoding: {profile.encoding}  # it is not UTF-8; if names look wrong, it is another")
    if profile.header != profile.first:
        lines.append(f"  header: {profile.header}")
    if profile.merged:
        lines.append("  merged: fill  # cells are merged: each gets the value of the first")
    return lines


def _link_lines(profile: Profile, found: Links) -> list[str]:
    """A table in which each row is a relation."""
    lines = [*_head(profile), "  # Each row is a relation; ids stand as they are in the columns."]
    if found.unknown:
        lines.append(f"  # {', '.join(map(repr, found.unknown[:5]))}: no relation is called so, hence `otherwise`.")
    lines += ["  relations:", f"  - {_flow(found.node)}"]
    rest = [one.name for one in profile.columns if one not in found.columns] + list(profile.doubled)
    if rest:
        lines += ["  ignore:", *(f"  - {_text(name)}  # not needed for that" for name in rest)]
    return [_one_line(one) for one in lines]


def _pieces(text: str, split: str | None) -> list[str]:
    return [one.strip() for one in (text.split(split) if split is not None else [text])]


# ---------------------------------------------------------------------------------------------- YAML


def _text(text: str) -> str:
    """A text as a scalar, quoted where it has to be."""
    if _PLAIN.fullmatch(text) and text not in _NULLS and text.isascii():
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in quoted)


def _flow(node: object) -> str:
    if node is None:
        return "~"
    if isinstance(node, Mapping):
        return "{" + ", ".join(f"{_text(str(key))}: {_flow(one)}" for key, one in node.items()) + "}"
    if isinstance(node, list | tuple):
        return "[" + ", ".join(map(_flow, node)) + "]"
    return _text(str(node))


def _one_line(text: str) -> str:
    """A line without what must not stand in YAML; values are escaped already, so this is for comments."""
    return "".join(one if one.isprintable() else " " for one in text)
