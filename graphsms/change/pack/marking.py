"""How confidential something is that is made of many things: as the most confidential of them (8.7.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphsms.store import Store
from graphsms.vocabulary import Vocabulary

__all__ = ["Marking", "levels", "marking_of"]

_PROPERTY: Final = "confidentiality"
_BATCH: Final = 5_000
_NAMED: Final = 5
_BESIDE_WORDS: Final = "()[]{}.,:;!?'\"*"


@dataclass(frozen=True, slots=True)
class Marking:
    """Who may come to know something.

    Parameters
    ----------
    level : str
        Notation of the code, or "" where nothing in it says.
    by : tuple of str
        Ids of the things that make it so, in order.
    unstated : int
        How many of the things in it do not say.
    """

    level: str
    by: tuple[str, ...] = ()
    unstated: int = 0

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"level": self.level or None, "by": list(self.by), "unstated": self.unstated}

    def __str__(self) -> str:
        if not self.level:
            return "not classified: nothing in it says how confidential it is"
        more = len(self.by) - _NAMED
        named = ", ".join(self.by[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        unknown = f"; of {self.unstated:,} more in it that is not recorded" if self.unstated else ""
        return f"{self.level}, as {named} {'is' if len(self.by) == 1 else 'are'}{unknown}"


def levels(vocabulary: Vocabulary) -> tuple[str, ...]:
    """The levels, the least confidential first.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> levels(load())
    ('public', 'internal', 'confidential', 'secret')
    """
    property = vocabulary.properties.get(_PROPERTY)
    if property is None or property.code_list is None:
        return ()
    codes = vocabulary.code_lists[property.code_list].codes
    return tuple(code.notation for code in sorted(codes, key=lambda code: (code.rank or 0, code.notation)))


def marking_of(store: Store, content: Any, at: int | None = None) -> Marking:
    """The marking of plain values: every text in them that is the id of an entity stands for it.

    Parameters
    ----------
    store : Store
    content : any
        Mappings, sequences and scalars, such as of JSON.
    at : int, optional
        Revision.

    Notes
    -----
    Texts are looked up whole, by the parts of lists, and word by word: sentences name things too. A text that is an id
    only by chance makes the answer stricter, never laxer. Proportional to the texts.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet(entities=[
    ...         graphsms.Entity("db-1", "Database", {"confidentiality": "secret"}), graphsms.Entity("web", "Service"),
    ...     ]))
    ...     print(marking_of(g.store, {"hits": [{"id": "web", "through": "db-1, web"}]}))
    secret, as db-1 is; of 1 more in it that is not recorded
    """
    order = {level: rank for rank, level in enumerate(levels(store.vocabulary))}
    by_level: dict[str, list[str]] = {}
    unstated = 0
    for some in _batches(sorted({text for text in _texts(content) if text})):
        for entity in store.entities(ids=some, at=at):
            level = str(entity.properties.get(_PROPERTY, ""))
            if level in order:
                by_level.setdefault(level, []).append(entity.id)
            else:
                unstated += 1
    if not by_level:
        return Marking("", (), unstated)
    highest = max(by_level, key=order.__getitem__)
    return Marking(highest, tuple(sorted(by_level[highest])), unstated)


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        if content:
            yield content
            yield from content.split(", ")
            # Ids stand in sentences too.
            yield from (word.strip(_BESIDE_WORDS) for word in content.split())
    elif isinstance(content, Mapping):
        yield from _all(content.values())
        yield from (key for key in content if isinstance(key, str))
    elif isinstance(content, Sequence):
        yield from _all(content)


def _all(some: Iterable[Any]) -> Iterator[str]:
    for one in some:
        yield from _texts(one)


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
