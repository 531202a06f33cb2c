"""The catalogue as one frozen thing, read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from graphsms.clauses.model import Became, Clause, Computed, Counterpart, Guidance, Requirement
from graphsms.clauses.reading import Link, Node, nodes
from graphsms.errors import InputError
from graphsms.resources import resource
from graphsms.vocabulary import Vocabulary

__all__ = ["Catalogue", "catalogue", "catalogue_files"]

_SHALL: Final = "shall"
_GOOD_PRACTICE: Final = "good practice"
_SUFFICES: Final = "suffices"
# The scheme of defined terms is for readers of SKOS; nothing in it is an entity of the graph.
_NOT_ENTITIES: Final = frozenset({"terms"})


def catalogue_files() -> list[Path]:
    """The files of the catalogue that hold entities, in order of their names; they can be imported as any others."""
    return sorted(p for p in (resource("ontology") / "clauses").glob("*.ttl") if p.stem not in _NOT_ENTITIES)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Both editions of ISO/IEC 20000-1, made by `catalogue`.

    Parameters
    ----------
    editions : mapping of str to str
        By their years, the newest first: their ids.
    clauses : mapping of str to Clause
        By id, in order of the editions and then of the text.
    requirements : mapping of str to Requirement
        Likewise.
    guidance : mapping of str to Guidance
        By id.
    checks : mapping of str to Computed
        By id; ``suffices`` is for one requirement and says nothing here.
    counterparts : mapping of str to tuple of Counterpart
        By ids of clauses: what other frameworks have on them.
    """

    editions: Mapping[str, str]
    clauses: Mapping[str, Clause]
    requirements: Mapping[str, Requirement]
    guidance: Mapping[str, Guidance]
    checks: Mapping[str, Computed]
    counterparts: Mapping[str, tuple[Counterpart, ...]]

    @property
    def newest(self) -> str:
        """The year of the newest edition."""
        return next(iter(self.editions))

    def edition(self, year: str | None = None) -> str:
        """The year of an edition that was asked for; without one, the newest.

        Raises
        ------
        InputError
            There is none.
        """
        if year is None or year in self.editions:
            return year or self.newest
        raise InputError(f"There is no edition {year!r}; there are {' and '.join(self.editions)}.")

    def clause(self, number: str, edition: str | None = None) -> Clause | None:
        """The clause with a number, if there is one."""
        return self._by_number.get((self.edition(edition), number))

    def of_edition(self, edition: str | None = None) -> Iterator[Requirement]:
        """The requirements of an edition, in order."""
        year = self.edition(edition)
        return (one for one in self.requirements.values() if one.edition == year)

    def under(self, clause: Clause) -> list[Clause]:
        """A clause and all below it, in order."""
        return [
            one
            for one in self.clauses.values()
            if one.edition == clause.edition and (one.number == clause.number or _below(one.number, clause.number))
        ]

    def required_by(self, clause: Clause) -> list[Requirement]:
        """The requirements of a clause and of all below it, in order."""
        return [
            one
            for one in self.requirements.values()
            if one.edition == clause.edition and (one.clause == clause.number or _below(one.clause, clause.number))
        ]

    def guiding(self, id: str) -> list[Guidance]:
        """The guidance on a clause or requirement, in order."""
        return list(self._guiding.get(id, ()))

    @cached_property
    def _by_number(self) -> Mapping[tuple[str, str], Clause]:
        return {(one.edition, one.number): one for one in self.clauses.values()}

    @cached_property
    def _guiding(self) -> Mapping[str, list[Guidance]]:
        found: dict[str, list[Guidance]] = {}
        for one in sorted(self.guidance.values(), key=lambda one: (one.kind, one.position, one.id)):
            for id in one.guides:
                found.setdefault(id, []).append(one)
        return found


def _below(number: str, above: str) -> bool:
    return number.startswith(f"{above}.")


_read: dict[int, tuple[Vocabulary, Catalogue]] = {}


def catalogue(vocabulary: Vocabulary) -> Catalogue:
    """The catalogue that is shipped, by the words of an ontology; read once for each.

    Notes
    -----
    O(triples of the catalogue).

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> found = catalogue(load())
    >>> found.clause("8.2.6").title
    'Configuration management'
    """
    kept = _read.get(id(vocabulary))
    if kept is None:
        kept = _read[id(vocabulary)] = (vocabulary, _Making(vocabulary).catalogue())
    return kept[1]


class _Making:
    """The catalogue being made of its nodes."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._word = vocabulary.known_as
        self._nodes = nodes(catalogue_files(), vocabulary)

    def catalogue(self) -> Catalogue:
        editions = {self._year(one): one.id for one in self._of("edition of a standard")}
        years = {id: year for year, id in editions.items()}
        self._years = years
        ours = [one for one in self._of("clause") if one.to(self._word("clause of")) in years]
        clauses = sorted(map(self._clause, ours), key=lambda one: (-int(one.edition), one.position))
        self._clauses = {one.id: one for one in clauses}
        self._checks = {
            one.id: Computed(one.id, one.one("name"), one.one("runs"), False) for one in self._of("computed check")
        }
        requirements = sorted(
            map(self._requirement, self._of("requirement")),
            key=lambda one: (-int(one.edition), self._place(one), one.position),
        )
        guidance = [self._guidance(one) for one in self._of("item of guidance")]
        return Catalogue(
            editions=dict(sorted(editions.items(), reverse=True)),
            clauses=self._clauses,
            requirements={one.id: one for one in requirements},
            guidance={one.id: one for one in guidance},
            checks=self._checks,
            counterparts={one.id: met for one in ours if (met := self._counterparts(one))},
        )

    def _of(self, word: str) -> list[Node]:
        type = self._word(word)
        return [one for one in self._nodes.values() if one.type == type]

    @staticmethod
    def _year(edition: Node) -> str:
        return edition.one("name").rpartition(":")[2]

    def _place(self, one: Requirement) -> int:
        return next(c.position for c in (self._clauses[self._nodes[one.id].to(self._word("stated in"))],))

    def _clause(self, node: Node) -> Clause:
        above = node.to(self._word("broader clause"))
        return Clause(
            node.id,
            self._years[node.to(self._word("clause of"))],
            node.one("clauseNumber"),
            node.one("name"),
            self._nodes[above].one("clauseNumber") if above else "",
            int(node.one("position")),
        )

    def _counterparts(self, clause: Node) -> tuple[Counterpart, ...]:
        found = (self._nodes[link.other] for link in clause.links.get(self._word("corresponds to"), ()))
        return tuple(
            Counterpart(
                one.id,
                self._nodes[one.to(self._word("clause of"))].one("name"),
                one.one("clauseNumber"),
                one.one("name"),
            )
            for one in found
        )

    def _requirement(self, node: Node) -> Requirement:
        clause = self._clauses[node.to(self._word("stated in"))]
        became, came_from = (
            tuple(
                Became(link.other, link.said.get("editionChange", ""), link.said.get("note", ""))
                for link in ends.get(self._word("became requirement"), ())
            )
            for ends in (node.links, node.linked)
        )
        return Requirement(
            id=node.id,
            edition=clause.edition,
            clause=clause.number,
            anchor=node.one("anchor"),
            sentence=int(node.one("sentence")),
            item=node.one("item"),
            position=int(node.one("position")),
            paraphrase=node.one("paraphrase"),
            mandatory=node.one("modality") == _SHALL,
            duty=node.one("duty"),
            demands=tuple(node.said["demands"]),
            wants=tuple(node.said["wantedDocument"]),
            by=tuple(node.said["addressee"]),
            about=tuple(node.said["aboutType"]),
            at_planned_intervals=node.one("atPlannedIntervals") == "true",
            condition=node.one("condition"),
            head=node.to(self._word("item of")),
            items=tuple(link.other for link in node.linked.get(self._word("item of"), ())),
            computed=self._computed(node.linked.get(self._word("demonstrated by"), ())),
            not_arisen=self._computed(node.linked.get(self._word("proves no occurrence"), ())),
            became=became,
            came_from=came_from,
            change=node.one("editionChange"),
            note=node.one("note"),
        )

    def _computed(self, links: tuple[Link, ...] | list[Link]) -> tuple[Computed, ...]:
        return tuple(
            Computed(of.id, of.name, of.runs, link.said.get("sufficiency") == _SUFFICES)
            for link in links
            for of in (self._checks[link.other],)
        )

    def _guidance(self, node: Node) -> Guidance:
        return Guidance(
            node.id,
            node.one("guidanceKind"),
            node.one("name"),
            node.one("paraphrase"),
            tuple(link.other for link in node.links.get(self._word("guided by"), ())),
            tuple(node.said["typicalEvidence"]),
            node.one("modality") == _GOOD_PRACTICE,
            node.one("note"),
            int(node.one("position") or 0),
            node.one("guidanceCategory"),
            tuple(node.said["computableBy"]),
            tuple(node.said["aboutType"]),
            tuple(link.other for link in node.links.get(self._word("corresponds to"), ())),
        )
