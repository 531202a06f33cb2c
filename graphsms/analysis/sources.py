"""The sources of a graph, how far each is believed, and how to say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from graphsms.errors import InputError
from graphsms.ingest.check import id_problem
from graphsms.ingest.hand import apply_by_hand
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.sources import HAND, PRECEDENCE, contested, precedence_of
from graphsms.model import ChangeSet, Entity, Relation, Revision
from graphsms.moments import now
from graphsms.snapshot.validity import after, microseconds

if TYPE_CHECKING:
    import pandas

    from graphsms.store import Store

__all__ = ["SourceSummary", "Sources"]

_FRESHNESS = "freshnessInterval"


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """A source of the graph.

    Parameters
    ----------
    name : str
        "" is by hand.
    format : str
        Of its last import.
    last_import : str
        When, canonical; "" where it never was imported as a file.
    fresh_for : str
        For how long that counts as fresh (ISO 8601 duration); "" where nobody said.
    fresh : bool, optional
        Whether it still does; None where nobody said for how long, or it was never imported.
    precedence : int
        The greater, the more it is believed.
    authoritative : bool
        Whether it is right where another differs.
    entities, relations : int
        How many it states.
    contested : int
        How many values of it do not stand, since a source before it says otherwise.
    """

    name: str
    format: str
    last_import: str
    fresh_for: str
    fresh: bool | None
    precedence: int
    authoritative: bool
    entities: int
    relations: int
    contested: int

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return asdict(self)


class Sources:
    """The sources of a graph, in the order in which they are believed; iterating reads the whole graph once.

    Parameters
    ----------
    store : Store

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet([graphsms.Entity("web", "Service", source="cmdb")]))
    ...     made = g.sources.prefer("cmdb", "scan")
    ...     [(one.name, one.precedence, one.entities) for one in g.sources]
    [('', 0, 2), ('cmdb', 20, 1), ('scan', 10, 0)]
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def __iter__(self) -> Iterator[SourceSummary]:
        store = self._store
        known = {one.name: one for one in store.sources()}
        order = precedence_of(store)
        counts: dict[str, list[int]] = {}
        for one in _things(store):
            column = 0 if isinstance(one, Entity) else 1
            for name in one.stated or (one.source or HAND,):
                found = counts.setdefault(name, [0, 0, 0])
                found[column] += 1
                if one.stated:
                    found[2] += sum(1 for _ in contested(one, order, name))
        intervals = self._intervals()
        moment = microseconds(now())
        for name in order.ranked(sorted({*known, *counts, *order.standings})):
            state = known.get(name)
            fresh_for = intervals.get(name, "") or (state.fresh_for if state is not None else "")
            standing = order.standings.get(name)
            entities, relations, disputed = counts.get(name, [0, 0, 0])
            yield SourceSummary(
                name=name,
                format=state.format if state is not None else "",
                last_import=state.last_import if state is not None else "",
                fresh_for=fresh_for,
                fresh=after(state.last_import, fresh_for) >= moment if state is not None and fresh_for else None,
                precedence=standing.precedence if standing is not None else 0,
                authoritative=order.authoritative(name),
                entities=entities,
                relations=relations,
                contested=disputed,
            )

    def prefer(self, *names: str, actor: str = "", reason: str = "", request: str = "") -> Revision:
        """Say which source is believed before which: the first named first, and all of them before the others.

        What several of them state is put together anew in the same revision. What is imported afterwards keeps to it.

        Raises
        ------
        InputError
            A name is given twice, cannot be one, or is that of something else.
        """
        store = self._store
        type = store.vocabulary.known.get("information source")
        if type is None:
            raise InputError("The ontology has no type that is known as information source.")
        if not names or len(set(names)) < len(names):
            raise InputError("Name the sources, each once, the one to be believed first ahead.")
        for name in names:
            if problem := id_problem(name):
                raise InputError(f"The name {name[:60]!r} {problem}; nothing was changed.")
        order = precedence_of(store)
        there = {one.id: one for one in store.entities(ids=names)}
        above = max((one.precedence for name, one in order.standings.items() if name not in names), default=0)
        entities = []
        for number, name in enumerate(reversed(names), 1):
            old = there.get(name)
            if old is not None and not store.vocabulary.is_a(old.type, type):
                raise InputError(
                    f"{name!r} is the id of a {old.type} already, so nothing can be said of a source of that name:"
                    " import from it under another one."
                )
            properties = dict(old.properties) if old is not None else {}
            entities.append(
                Entity(name, old.type if old is not None else type, {**properties, PRECEDENCE: above + 10 * number})
            )
        return apply_by_hand(store, ChangeSet(entities, actor=actor, reason=reason, request=request))

    def unknown(self, names: Sequence[str]) -> list[str]:
        """For each name that nothing comes from yet, what to say of it."""
        known = {one.name for one in self}
        return [
            f"Nothing comes from a source {name!r} yet.{did_you_mean(name, sorted(known))}"
            for name in names
            if name not in known
        ]

    def to_frame(self) -> pandas.DataFrame:
        """All of them as a data frame."""
        import pandas

        return pandas.DataFrame([one.to_json() for one in self], columns=[one.name for one in fields(SourceSummary)])

    def _intervals(self) -> dict[str, str]:
        type = self._store.vocabulary.known.get("information source")
        if type is None or not self._store.revision().number:
            return {}
        return {one.id: str(one.properties.get(_FRESHNESS, "")) for one in self._store.entities(type=type)}


def _things(store: Store) -> Iterator[Entity | Relation]:
    yield from store.entities()
    yield from store.relations()
