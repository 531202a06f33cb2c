"""What the analysis of an impact answers, in a sentence, as rows, as JSON (8.5.1.3, 8.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from graphsms.model import Relation

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LACKING", "Hit", "Impact", "Seed", "Unknown", "Verdict"]

LACKING: Final = "missing relation"  # among the causes of what is unknown

_WORDS: Final = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Seed:
    """What the analysis starts from.

    Parameters
    ----------
    id, type, name : str
    seeded, state : str
        The state it was put into, and the one that it ends in: worse where it is hit itself.
    through : tuple of str
        Where it ends worse: the ids that it was hit through.
    stands_for : tuple of Seed
        Where its type cannot fail itself: what would take its state, and was seeded instead.
    note : str
        Why it seeds nothing, or "".
    """

    id: str
    type: str
    name: str
    seeded: str
    state: str
    through: tuple[str, ...] = ()
    stands_for: tuple[Seed, ...] = ()
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "type": self.type,
            "name": self.name,
            "seeded": self.seeded,
            "state": self.state,
            "through": list(self.through),
            "stands_for": [seed.to_json() for seed in self.stands_for],
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """What is hit, or concerned by what is hit.

    Parameters
    ----------
    id, type, name : str
    state : str
        ``at risk``, ``degraded`` or ``down``; of what is concerned, the worst of what concerns it.
    through : tuple of str
        Ids of the direct needs that explain the state. Following them ends at the seeds.
    relations : tuple of str
        Local names of the relations to them, without repetition.
    criticality : str
        Notation, or "" where it is not determined.
    section : str
        Notation of the heading under which it is shown.
    lost, members, minimum : int or None
        Of a group that is in its state for the members it lost: how many, of how many, of which it needs so many.
    """

    id: str
    type: str
    name: str
    state: str
    through: tuple[str, ...]
    relations: tuple[str, ...]
    criticality: str = ""
    section: str = ""
    lost: int | None = None
    members: int | None = None
    minimum: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain values; what does not apply is left out."""
        found: dict[str, Any] = {
            "id": self.id,
            "type": self.type,
            "name": self.name,
            "state": self.state,
            "through": list(self.through),
            "relations": list(self.relations),
            "criticality": self.criticality,
            "section": self.section,
        }
        if self.lost is not None:
            found |= {"lost": self.lost, "members": self.members, "minimum": self.minimum}
        return found


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is not hit as far as is known, and why that is not sure.

    Parameters
    ----------
    id, type, name : str
    causes : tuple of str
        ``placeholder``, `LACKING`, ``stale source``.
    missing : tuple of str
        Local names of the relations that its type expects and it has not; any below one of them would do.
    """

    id: str
    type: str
    name: str
    causes: tuple[str, ...]
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "type": self.type,
            "name": self.name,
            "causes": list(self.causes),
            "missing": list(self.missing),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the answer says of itself.

    Parameters
    ----------
    revision : int
    recorded, computed, as_of : str
        When the revision was recorded, when the answer was computed, what moment it is about.
    complete : bool
        Nothing that was found is left out.
    states, services : mapping of str to int
        How many are hit, and how many services of them, by state.
    services_total : int
        Live services, hit or not.
    concerned : int
        How many are concerned.
    unknown : int
        How many can fail, are not hit, and are not known to be fine.
    unknown_by_cause : mapping of str to int
        The same by cause; one entity may have several.
    placeholders : int
        Live entities that are referred to but described nowhere.
    groups_below_minimum : int
        Live groups with fewer live members than they need.
    notes : tuple of str
        What else has to be known to read the answer, in sentences.
    """

    revision: int
    recorded: str
    computed: str
    as_of: str
    complete: bool
    states: Mapping[str, int]
    services: Mapping[str, int]
    services_total: int
    concerned: int
    unknown: int
    unknown_by_cause: Mapping[str, int]
    placeholders: int
    groups_below_minimum: int
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "recorded": self.recorded,
            "computed": self.computed,
            "as_of": self.as_of,
            "complete": self.complete,
            "states": dict(self.states),
            "services": {**self.services, "total": self.services_total},
            "concerned": self.concerned,
            "unknown": {"total": self.unknown, **self.unknown_by_cause},
            "placeholders": self.placeholders,
            "groups_below_minimum": self.groups_below_minimum,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Impact:
    """What is hit when entities fail, change or go.

    Parameters
    ----------
    revision : int
        What was recorded: the revision, and ``at``, when it was recorded.
    at, as_of : str
        ``as_of`` is the moment that the answer is about.
    mode : str
        Notation.
    seeds : tuple of Seed
    hits, concerned : tuple of Hit
        By section, then the more critical and the worse first, then by id.
    references : tuple of Relation
        Every relation with what is removed; where a supplier is replaced, those of the agreements to be
        checked again.
    verdict : Verdict
    """

    revision: int
    at: str
    as_of: str
    mode: str
    seeds: tuple[Seed, ...]
    hits: tuple[Hit, ...]
    concerned: tuple[Hit, ...]
    references: tuple[Relation, ...]
    verdict: Verdict
    section_ranks: Mapping[str, int] = field(repr=False, compare=False, default_factory=dict)
    doing: str = field(repr=False, compare=False, default="")
    most_critical: str = field(repr=False, compare=False, default="")
    services_seeded: int = field(repr=False, compare=False, default=0)
    find_unknown: Callable[[], Iterator[Unknown]] = field(repr=False, compare=False, default=lambda: iter(()))

    def rows(self) -> list[Hit]:
        """Hits and concerned together as people read them: services, customers and agreements, the other CIs."""
        return sorted((*self.hits, *self.concerned), key=lambda hit: self.section_ranks.get(hit.section, 99))

    def unknown(self) -> Iterator[Unknown]:
        """What the verdict counts as unknown, one by one; read from the store as it is asked for."""
        return self.find_unknown()

    def sentence(self, emphasis: str = "*") -> str:
        """The answer in a sentence; ids stand between ``emphasis``."""
        return f"{self._doing(emphasis)} {self._consequences()}."

    def _doing(self, emphasis: str) -> str:
        ids = [f"{emphasis}{seed.id}{emphasis}" for seed in self.seeds]
        return self.doing.format(_joined(ids if len(ids) <= 3 else [*ids[:2], f"{len(ids) - 2} more"]))

    def _consequences(self) -> str:
        services = self.verdict.services
        total = self.verdict.services_total - self.services_seeded
        of_all = f" of {total} {'other ' if self.services_seeded else ''}service{'s' if total != 1 else ''}"
        said: list[str] = []
        for state, does in (("down", "stops {}"), ("degraded", "degrades {}"), ("at risk", self._at_risk())):
            if count := services.get(state, 0):
                whom = f"{count}{of_all}" if not said else f"{count} more"
                said.append(does.format(whom) + self._how_critical(state, count))
        if said:
            return _joined(said)
        others = len(self.hits)
        but = f", but {others} other {'entity' if others == 1 else 'entities'}" if others else ""
        return (f"hits none{of_all}" if total else "hits no service") + but

    def _at_risk(self) -> str:
        # Where nothing is down or degraded from the start, no redundancy is used up: it is only at stake.
        if any(seed.seeded in ("degraded", "down") for seed in self.seeds):
            return "uses up the redundancy of {}"
        return "puts {} at risk"

    def _how_critical(self, state: str, count: int) -> str:
        first = min(self.section_ranks.values(), default=0)
        critical = sum(
            hit.state == state and hit.criticality == self.most_critical and self.section_ranks[hit.section] == first
            for hit in self.hits
        )
        if not critical or not self.most_critical:
            return ""
        if count == 1:
            return f", which is {self.most_critical}"
        return f", {_WORDS[critical] if critical < len(_WORDS) else critical} of them {self.most_critical}"

    def to_frame(self) -> pd.DataFrame:
        """One row for each hit and each concerned entity, in the order of `rows`; ``concerned`` tells them apart."""
        import pandas as pd

        concerned = {hit.id for hit in self.concerned}
        columns = ("id", "type", "name", "state", "through", "relations", "criticality", "section")
        records = [[*(getattr(hit, column) for column in columns), hit.id in concerned] for hit in self.rows()]
        return pd.DataFrame(records, columns=[*columns, "concerned"])

    def to_json(self) -> dict[str, Any]:
        """As plain values, whole."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "mode": self.mode,
            "unknown_count": self.verdict.unknown,
            "verdict": self.verdict.to_json(),
            "seeds": [seed.to_json() for seed in self.seeds],
            "hits": [hit.to_json() for hit in self.hits],
            "concerned": [hit.to_json() for hit in self.concerned],
            "references": [
                {"subject": relation.subject, "type": relation.type, "object": relation.object}
                for relation in self.references
            ],
        }


def _joined(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    comma = "," if len(parts) > 2 or any("," in part for part in parts) else ""
    return f"{', '.join(parts[:-1])}{comma} and {parts[-1]}"
