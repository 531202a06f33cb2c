"""Chains of reasons for everything that is hit, read off one impact: for reports that show hundreds of them.

What `graphsms.analysis.impact.explain` tells of one target, in the same words, without asking the graph again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from graphsms.analysis.answer import Hit, Impact, Seed
from graphsms.report.document import Line
from graphsms.snapshot.carriage import DEGRADED, STATES
from graphsms.vocabulary import Propagation, Vocabulary

__all__ = ["Chains"]

MOST: Final = 40  # lines of one chain


class Chains:
    """The shortest chains of reasons of an impact.

    Parameters
    ----------
    impact : Impact
    vocabulary : Vocabulary
    because : mapping of str to str
        By id of a seed, why it is in its state to begin with.

    Notes
    -----
    Made in time proportional to the reasons of all hits; a chain then to its own length.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("db-1", "Database"), graphsms.Entity("web", "Service")],
    ...         relations=[graphsms.Relation("dependsOn", "web", "db-1")],
    ...     ))
    ...     chains = Chains(g.impact("db-1"), g.vocabulary, {"db-1": "rfc-1 takes it down"})
    >>> for line in chains.of("web"):
    ...     print(line.text)
    web is down: depends on db-1
    db-1 is down to begin with: rfc-1 takes it down
    """

    def __init__(self, impact: Impact, vocabulary: Vocabulary, because: Mapping[str, str] | None = None) -> None:
        self._vocabulary = vocabulary
        self._because = because or {}
        self._hits: dict[str, Hit] = {hit.id: hit for hit in (*impact.hits, *impact.concerned)}
        self._seeds: dict[str, Seed] = {}
        self._stands_for: dict[str, str] = {}
        for seed in impact.seeds:
            for one in (seed, *seed.stands_for):
                self._seeds.setdefault(one.id, one)
                if one is not seed:
                    self._stands_for.setdefault(one.id, seed.id)
        self._fails = frozenset((*(hit.id for hit in impact.hits), *self._seeds))
        self._lengths = self._measured()

    def of(self, id: str) -> tuple[Line, ...]:
        """The chain of one that is hit, itself first; none for what is not."""
        return self.together([id])

    def together(self, ids: Iterable[str], most: int = MOST) -> tuple[Line, ...]:
        """The chains of several, each step of them once."""
        found: list[Line] = []
        ahead = [id for id in dict.fromkeys(ids) if id in self._lengths]
        seen = set(ahead)
        while ahead:
            ahead.sort(key=lambda one: (-self._lengths[one], one))
            one = ahead.pop(0)
            if len(found) == most:
                return (*found, Line(f"and {len(ahead) + 1} more, each with its own chain"))
            chosen = self._chosen(one)
            found.append(Line(self._text(one, chosen), self._state(one)))
            for other in chosen:
                if other not in seen:
                    seen.add(other)
                    ahead.append(other)
        return tuple(found)

    def _measured(self) -> dict[str, int]:
        """How many steps each is from where it begins; what nothing explains is left out."""
        needs = {id: [one for one in self._through(id) if self._known(one)] for id in (*self._hits, *self._seeds)}
        users: dict[str, list[str]] = {}
        for id, needed in needs.items():
            for other in needed:
                users.setdefault(other, []).append(id)
        left = {id: len(needed) for id, needed in needs.items()}
        self._lengths = {}
        ready = [id for id, number in left.items() if not number]
        for id in ready:  # grows as it is gone through
            chosen = self._chosen(id)
            self._lengths[id] = 1 + max((self._lengths[one] for one in chosen), default=-1)
            for other in users.get(id, ()):
                left[other] -= 1
                if not left[other]:
                    ready.append(other)
        return self._lengths

    def _known(self, id: str) -> bool:
        return id in self._hits or id in self._seeds

    def _through(self, id: str) -> tuple[str, ...]:
        if id in self._hits:
            return self._hits[id].through
        seed = self._seeds[id]
        return seed.through if seed.state != seed.seeded else ()

    def _state(self, id: str) -> str:
        return self._hits[id].state if id in self._hits else self._seeds[id].state

    def _chosen(self, id: str) -> list[str]:
        """Of what it is hit through, what suffices: one, or of a group as many members as it cannot spare."""
        through = sorted(
            (one for one in self._through(id) if one in self._lengths), key=lambda one: (self._lengths[one], one)
        )
        hit = self._hits.get(id)
        if hit is None:
            return through  # of what it starts from it is not known how many members it can spare: all of them do
        if hit.lost is None or hit.members is None or hit.minimum is None:
            return through[:1]
        if hit.state == STATES[1]:
            lost = [one for one in through if STATES.index(self._state(one)) >= DEGRADED]
            if lost:
                return lost[:1]
        return through[: max(0, hit.members - hit.minimum) + 1]

    def _text(self, id: str, chosen: list[str]) -> str:
        state = self._state(id)
        if not chosen:
            because = self._because.get(id, "")
            instead = f", as it stands for {self._stands_for[id]}" if id in self._stands_for else ""
            if instead and not because:
                because = self._because.get(self._stands_for[id], "")
            return f"{id} is {state} to begin with{instead}" + (f": {because}" if because else "")
        verb = "is" if id in self._fails else "is concerned by what is"
        hit = self._hits.get(id)
        if hit is not None and hit.lost is not None:
            states = " or ".join(sorted({self._state(one) for one in chosen}))
            are = "is" if len(chosen) == 1 else "are"
            lost = f"{len(chosen)} of its {hit.members} members {are} {states}, it needs {hit.minimum}"
            return f"{id} {verb} {state}: {lost}: {', '.join(chosen)}"
        names = list(self._labels(hit)) if hit is not None else []
        relation = names[0] if len(names) == 1 else "through"
        return f"{id} {verb} {state}: {relation} {', '.join(chosen)}"

    def _labels(self, hit: Hit) -> Iterator[str]:
        """The relations over which it is hit, as they read from it."""
        for name in hit.relations:
            relation = self._vocabulary.relations[name]
            if relation.propagation is Propagation.OBJECT_TO_SUBJECT:
                yield relation.label
            else:
                yield relation.inverse_label or f"{relation.label} of"
