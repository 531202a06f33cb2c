"""What a source stated before and no longer has: it goes, unless somebody else states or needs it.

What another source states too stays, and only loses what this source says. What relations that stay lead to or
come from becomes a placeholder. Everything else of the source goes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from graphsms.errors import InputError
from graphsms.ingest.check import Stated
from graphsms.ingest.packing import CHANGES, THINGS
from graphsms.ingest.sources import HAND, Precedence, is_placeholder, settled, statements_of, without_source
from graphsms.ingest.spilled_lists import SpilledList
from graphsms.ingest.spilling import Spilled, in_batches, looked_up, pairs
from graphsms.model import Entity, Relation, RelationKey
from graphsms.vocabulary import PLACEHOLDER

if TYPE_CHECKING:
    from graphsms.store import Store

__all__ = ["TENTH", "Allowance", "Pruned", "guard", "prune"]

_TENTH: Final = 0.1


class Allowance(NamedTuple):
    """How much of what a source stated an import may take away: so many, or that share of it."""

    number: int | None = None
    share: float = _TENTH

    @classmethod
    def of(cls, text: str | int | None) -> Allowance:
        """What a person gave.

        Raises
        ------
        InputError
            It is neither a number nor a percentage.

        Examples
        --------
        >>> Allowance.of("25%"), Allowance.of(12), Allowance.of(None)
        (Allowance(number=None, share=0.25), Allowance(number=12, share=0.1), Allowance(number=None, share=0.1))
        """
        if text is None:
            return cls()
        said = str(text).strip()
        whole = said.removesuffix("%").strip()
        if whole.isascii() and whole.isdigit() and len(whole) < 10:
            if not said.endswith("%"):
                return cls(int(whole))
            if int(whole) <= 100:
                return cls(None, int(whole) / 100)
        raise InputError(f"{said[:40]!r} says not how many may be removed: give a number, or a percentage such as 25%.")

    def covers(self, number: int, of: int) -> bool:
        """Whether so many, of so many, may go."""
        return number <= (self.share * of if self.number is None else self.number)


TENTH: Final = Allowance()


@dataclass(slots=True)
class Pruned:
    """What goes, each as it was; and what stays without this source, before and after.

    Parameters
    ----------
    entities : mapping of str to Entity
    relations : mapping of RelationKey to Relation
        Those that go with an end included.
    changed_entities : sequence of (Entity, Entity)
        What others state too, and what becomes a placeholder.
    changed_relations : sequence of (Relation, Relation)
    placeholders : list of str
        Ids of what becomes a placeholder.
    gone, had : int
        How many entities the source no longer has, and how many it had, placeholders apart.
    relations_gone, relations_had : int
        Likewise, of relations between what it still has.
    """

    entities: MutableMapping[str, Entity] = field(default_factory=lambda: Spilled(THINGS))
    relations: MutableMapping[RelationKey, Relation] = field(default_factory=lambda: Spilled(THINGS))
    changed_entities: SpilledList[tuple[Entity, Entity]] = field(default_factory=lambda: SpilledList(CHANGES))
    changed_relations: SpilledList[tuple[Relation, Relation]] = field(default_factory=lambda: SpilledList(CHANGES))
    placeholders: list[str] = field(default_factory=list)
    gone: int = 0
    had: int = 0
    relations_gone: int = 0
    relations_had: int = 0

    def __bool__(self) -> bool:
        return bool(self.entities or self.relations)


def prune(store: Store, view: Stated, source: str, order: Precedence, apart: Collection[str] = ()) -> Pruned:
    """Find out what goes.

    Parameters
    ----------
    store : Store
    view : Stated
        All that the source states now.
    source : str
    order : Precedence
    apart : collection of str
        Ids that stay with all that they lead to.

    Notes
    -----
    Reads the whole graph once; keeps what the source stated and no longer does.
    """
    found, gone = Pruned(), Spilled[str, Entity](THINGS)
    for entities in in_batches(one for one in store.entities() if source in _sources(one)):
        stated = looked_up(view.entities, [one.id for one in entities])
        for one in entities:
            described = not is_placeholder(one.properties)
            found.had += described
            if one.id not in stated and one.id not in apart:
                gone[one.id] = one
                found.gone += described
    needed = Spilled[str, "str | None"]()  # what stays needed, by the source that needs it
    for mentions in in_batches(pairs(view.relations)) if gone else ():
        for end in looked_up(gone, {end for key, _ in mentions for end in (key[0], key[2])}):
            needed[end] = source
    for edges in in_batches(store.relations()):
        _relations_gone(edges, view, source, order, apart, gone, needed, found)
    _sort_out(gone, needed, source, order, found)
    return found


def _relations_gone(
    edges: Sequence[Relation],
    view: Stated,
    source: str,
    order: Precedence,
    apart: Collection[str],
    gone: Mapping[str, Entity],
    needed: MutableMapping[str, str | None],
    found: Pruned,
) -> None:
    own = [source in _sources(edge) for edge in edges]
    stated = looked_up(view.relations, [edge.key for edge, its in zip(edges, own, strict=True) if its])
    going = looked_up(gone, {end for edge in edges for end in (edge.subject, edge.object)}) if gone else {}
    for edge, its in zip(edges, own, strict=True):
        found.relations_had += its
        stays: Relation | None = edge
        if its and edge.key not in stated and edge.subject not in apart:
            found.relations_gone += edge.subject not in going and edge.object not in going
            said = without_source(statements_of(edge), source)
            stays = settled(edge, said, order) if said else None
            if stays is None:
                found.relations[edge.key] = edge
            else:
                found.changed_relations.append((edge, stays))
        if stays is not None:
            for end in (edge.subject, edge.object):
                if end in going:
                    needed.setdefault(end, stays.source)


def _sort_out(
    gone: Mapping[str, Entity], needed: Mapping[str, str | None], source: str, order: Precedence, found: Pruned
) -> None:
    for batch in in_batches(pairs(gone)):
        by = looked_up(needed, [id for id, _ in batch])
        for id, one in batch:
            said = without_source(statements_of(one), source)
            if said:
                found.changed_entities.append((one, settled(one, said, order)))
            elif id not in by:
                found.entities[id] = one
            elif not is_placeholder(one.properties):
                found.changed_entities.append((one, Entity(id, one.type, {PLACEHOLDER: True}, by[id])))
                found.placeholders.append(id)


def _sources(one: Entity | Relation) -> Mapping[str, object] | tuple[str]:
    return one.stated or (one.source or HAND,)


def guard(pruned: Pruned, source: str, allowed: Allowance) -> None:
    """Stop where too much of a source would go: most likely it was not read whole.

    Raises
    ------
    InputError
        More than is allowed would go; how many.
    """
    for gone, had, what in (
        (pruned.gone, pruned.had, "entities"),
        (pruned.relations_gone, pruned.relations_had, "relations"),
    ):
        if gone and not allowed.covers(gone, had):
            raise InputError(
                f"{gone:,} of the {had:,} {what} that {source} stated are stated no longer, and more than a tenth are"
                f" not removed unasked: look whether the file is whole, and if so, say --allow-removals {gone}."
                " Nothing was changed."
            )
