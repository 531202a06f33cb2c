"""What the rows of tables describe: their type, and the column that is the id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from graphsms.ingest.tabular.fitting import MAX_VALUES
from graphsms.ingest.tabular.profile import Column, Profile
from graphsms.ingest.tabular.words import Words, words_of
from graphsms.model import Entity

__all__ = ["ID_WORDS", "Known", "Reference", "Subject", "are_codes", "of_store", "reference", "subjects"]

_TYPE_WORDS: Final = frozenset({"type", "class", "kind", "category", "typ", "art", "klasse"})
ID_WORDS: Final = frozenset({"id", "key", "ci", "uuid", "number", "nr", "no", "code", "identifier", "nummer"})
_WEIGHTS: Final = (
    (1.2, frozenset({"serial", "seriennummer"})),
    (3.0, ID_WORDS | {"tag"}),
    (2.5, frozenset({"hostname", "host", "fqdn"})),
    (2.0, frozenset({"name", "title", "bezeichnung"})),
)
_MOST: Final = 0.8  # of the values of a column that refers to others, so many are theirs
_BRACES: Final = re.compile(r"[{}|]")
_CODE: Final = re.compile(r"(?=\S*[^\W\d_])(?=\S*[\d\-_.:/])\S+")
_LONG: Final = 60
_SAMPLE: Final = 40
MAX_KEY: Final = 200


@dataclass(frozen=True)
class Known:
    """Ids that values of a column may stand for: as a template with ``{value}``, and the types of what has them."""

    template: str
    types: tuple[str, ...]
    values: frozenset[str]
    where: str


@dataclass(frozen=True)
class Subject:
    """What the rows of one table describe, and how sure that is."""

    profile: Profile
    id: Column | None
    template: str
    types: tuple[str, ...]
    type_column: Column | None
    type_values: Mapping[str, str]
    type: str
    why_type: str
    why_id: str

    def known(self) -> Known | None:
        """What columns of this and of other tables may refer to."""
        if self.id is None:
            return None
        template = self.template.replace(f"{{{self.id.name}}}", "{value}")
        return Known(template, self.types, frozenset(self.id.texts), f"ids of {self.profile.title}")


@dataclass(frozen=True)
class Reference:
    """That a column refers to something: to what, and what stands between several of them in a cell."""

    to: Known
    split: str | None
    share: float


def subjects(profiles: Sequence[Profile], words: Words) -> list[Subject]:
    """What the rows of each table describe."""
    return [_subject(one, profiles, words) for one in profiles]


def of_store(entities: Iterator[Entity]) -> list[Known]:
    """What stands in a graph already: its ids by the part before the last separator, such as ``site:``."""
    groups: dict[tuple[str, str], set[str]] = {}
    for one in entities:
        cut = max(one.id.rfind(mark) for mark in ":/") + 1
        groups.setdefault((one.id[:cut], one.type), set()).add(one.id[cut:])
        if cut:
            groups.setdefault(("", one.type), set()).add(one.id)
    return [
        Known(_escaped(prefix) + "{value}", (type,), frozenset(values), "ids of the graph")
        for (prefix, type), values in sorted(groups.items())
    ]


def reference(column: Column, known: Sequence[Known]) -> Reference | None:
    """What the values of a column are ids of, where most of them are; the best of several."""
    best: Reference | None = None
    for split, pieces in column.pieces:
        first = pieces[:_SAMPLE]
        for one in known:
            if sum(piece in one.values for piece in first) * 2 < len(first):
                continue
            share = sum(piece in one.values for piece in pieces) / len(pieces) if pieces else 0.0
            if share >= _MOST and (best is None or share > best.share):
                best = Reference(one, split, share)
    return best


def _subject(profile: Profile, profiles: Sequence[Profile], words: Words) -> Subject:
    column, values = _type_column(profile, words)
    named = words.type_named(profile.title)
    why = f"by the name {profile.title!r}"
    if named is None:
        named = words.fallback_type
        why = "nothing in the name says what they are: say it"
    id, template, why_id = _id_column(profile, profiles, named if column is None else "ci", words)
    types = tuple(dict.fromkeys([*values.values(), named])) if column is not None else (named,)
    return Subject(profile, id, template, types, column, values, named, why, why_id)


def _type_column(profile: Profile, words: Words) -> tuple[Column | None, dict[str, str]]:
    """The column that says what each row is, and what its values mean."""
    for column in profile.columns:
        if not words_of(column.name) & _TYPE_WORDS or not 1 < len(column.texts) <= MAX_VALUES:
            continue
        found = {text: words.type_called(text) or words.type_named(text) for text in column.texts}
        values = {text: type for text, type in found.items() if type is not None}
        if len(values) * 2 >= len(found):
            return column, values
    return None, {}


def _id_column(
    profile: Profile, profiles: Sequence[Profile], type: str, words: Words
) -> tuple[Column | None, str, str]:
    fit = [one for one in profile.columns if not one.bad and one.cells and not _BRACES.search(one.name)]
    ranked = sorted(fit, key=lambda one: _rank(one, profile, profiles), reverse=True)
    if not ranked:
        return None, "", "no column can be the id"
    best = ranked[0]
    others = [one for one in ranked[1:] if _is_key(one)]
    why = f"{best.name!r} is never empty and has no value twice"
    if not _is_key(best):
        why = f"NOT UNIQUE: rows with one {best.name!r} become one; those without are skipped"
        why += f". Unique are {', '.join(repr(one.name) for one in others[:3])}" if others else ""
    elif others:
        why += f"; so have {', '.join(repr(one.name) for one in others[:3])}"
    label = words.vocabulary.types[type].label if type in words.vocabulary.types else type
    prefix = "" if are_codes(best.texts) else "-".join(label.lower().split()) + ":"
    return best, f"{prefix}{{{best.name}}}", why


def are_codes(texts: Iterable[str]) -> bool:
    """Whether values are ids by their look, such as SRV-0012 or web01, which need nothing before them.

    Examples
    --------
    >>> are_codes(["SRV-0012", "web01"]), are_codes(["Ada Lang"]), are_codes(["1001"])
    (True, False, False)
    """
    return all(_CODE.fullmatch(one) for one in texts)


def _is_key(column: Column) -> bool:
    return column.unique and all("\n" not in text and len(text) < MAX_KEY for text in column.texts)


def _rank(column: Column, profile: Profile, profiles: Sequence[Profile]) -> tuple[float, int]:
    there = words_of(column.name)
    last = words_of(column.name.split()[-1])  # an "employee id" is one, a "key length" is not
    score = next((w for w, listed in _WEIGHTS if (there if w < 2 else last) & listed), 0.0)
    score = max(score, 2.5 if there == words_of(profile.title) else 0.0)
    if len(there) > 2 or max(map(len, column.texts)) > _LONG:
        score -= 2.0
    values = frozenset(column.texts)
    known = [Known("", (), values, "")]
    if not column.texts[0].isdigit():
        for other in profiles:
            for one in other.columns:
                if one is not column and not one.unique and one.texts and reference(one, known):
                    score += 2.0
    score += 1.8 if _is_key(column) else 0.0
    return score + 0.5 * len(column.texts) / max(profile.rows, 1), -profile.columns.index(column)


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
