"""Drafting a mapping for a table in which each row is a relation: from, to, and which one."""

from __future__ import annotations

from dataclasses import dataclass

from graphsms.ingest.tabular.fitting import MAX_VALUES
from graphsms.ingest.tabular.profile import Column, Profile
from graphsms.ingest.tabular.words import Words

__all__ = ["Links", "links"]


@dataclass(frozen=True)
class Links:
    """What a row of such a table says, as a node of a mapping, and the columns that it says it with."""

    node: dict[str, object]
    columns: tuple[Column, ...]
    unknown: tuple[str, ...]


def links(profile: Profile, words: Words) -> Links | None:
    """How the rows of a table are relations; None where they are not."""
    start, end = _one(profile, words, "link from"), _one(profile, words, "link to")
    if start is None or end is None or start.bad or end.bad:
        return None
    node: dict[str, object] = {"relation": words.fallback_relation}
    columns, unknown = [start, end], list[str]()
    kind = _one(profile, words, "link kind")
    if kind is not None and kind.texts and len(kind.texts) <= MAX_VALUES:
        values: dict[str, object] = {}
        for text in kind.texts:
            called = words.relation_called(text)
            if called is None:
                unknown.append(text)
            else:
                values[text] = {"relation": called.relation, "inverse": "true"} if called.inverse else called.relation
        node["relation"] = {"column": kind.name, "values": values, "otherwise": words.fallback_relation}
        columns.append(kind)
    node.update({"from": f"{{{start.name}}}", "to": f"{{{end.name}}}"})
    return Links(node, tuple(columns), tuple(unknown))


def _one(profile: Profile, words: Words, what: str) -> Column | None:
    """The one column of that meaning; of several, none is."""
    found = [one for one in profile.columns if words.means(one.name, what) and not set("{}|") & set(one.name)]
    return found[0] if len(found) == 1 else None
