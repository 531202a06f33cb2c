"""Samples for audits: drawn by chance, in a way that anybody can repeat, with the requirements that each serves (9.2).

What is drawn stands in the order of SHA-256 over seed and id: no clock, no machine and no version of anything has a
part in it, and a larger sample holds the smaller one of the same seed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from hashlib import sha256
from typing import Final

from graphsms.analysis.estate import Estate
from graphsms.analysis.evidence import result_hash
from graphsms.analysis.obligation_answer import Obligations
from graphsms.analysis.obligations import obligations_of
from graphsms.analysis.proofs import when
from graphsms.clauses import Requirement
from graphsms.clauses.references import Meant, meant
from graphsms.errors import InputError
from graphsms.ingest.hand import apply_by_hand
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import ChangeSet, Entity, Relation, Value
from graphsms.obligations.sample import ABOUT, LINKED, Drawn, Sample, Serves
from graphsms.snapshot.validity import microseconds
from graphsms.version import __version__
from graphsms.vocabulary import PLACEHOLDER

__all__ = ["BY", "draw", "keep"]

BY: Final = ("type", "process")
MOST_SEED: Final = 2**63 - 1
MOST_SIZE: Final = 100_000
_RECORDS: Final = ("activity", "case", "decision", "documented information", "release")
NONE: Final = "none"  # the stratum of what is under no process


def draw(
    read: Estate,
    *,
    clause: str | None = None,
    type: str | None = None,
    size: int,
    seed: int,
    by: str | None = None,
    since: str | None = None,
    until: str | None = None,
    edition: str | None = None,
) -> Sample:
    """A sample of records.

    Parameters
    ----------
    read : Estate
    clause : str, optional
        A reference, such as ``8.5.1`` or ``8.2.3.1 a)``: what is linked to a requirement there as evidence, and the
        records (activities, cases, decisions, releases, documented information) of the types that one there is about;
        where it is about none of those, all of the types that it is about.
    type : str, optional
        Or all entities of a type, and those below it.
    size, seed : int
        How many, and the number on which it depends which.
    by : str, optional
        ``type`` or ``process``: the places are divided by it, so that each has one as far as they go, and the rest in
        proportion.
    since, until : str, optional
        The period, half-open, canonical. With it only what is dated inside it can be drawn.
    edition : str, optional
        The year.

    Raises
    ------
    InputError
        Neither or both of clause and type are given, there is none such, or a number is none that can be used.

    Notes
    -----
    O(entities + relations) to read, O(n log n) for a population of n. What is dated after the moment, placeholders, and
    samples themselves are not drawn, so that keeping one changes none that comes later.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     made = g.apply(graphsms.ChangeSet([graphsms.Entity(f"inc-{n}", "Incident") for n in range(9)]))
    ...     found = g.obligations.sample(type="Incident", size=3, seed=7)
    ...     [one.id for one in found.drawn], found.population
    (['inc-3', 'inc-8', 'inc-6'], 9)
    """
    _require(read, clause, type, size, seed, by)
    answer = obligations_of(read, edition)
    asked = meant(clause, answer.catalogue, edition) if clause else None
    if asked is not None and asked.clause.edition != answer.edition:
        answer = obligations_of(read, asked.clause.edition)
    linked = _linked(answer)
    population, undated, outside = _population(read, asked, type, linked, since, until)
    serves = _serving(read, answer, asked, linked)
    stratum = _stratum(read, answer, by, serves)
    strata: dict[str, list[Entity]] = defaultdict(list)
    for entity in population:
        strata[stratum(entity)].append(entity)
    places = _places({name: len(some) for name, some in strata.items()}, size)
    chosen = [
        one for name in sorted(strata) for one in sorted(strata[name], key=lambda e: rank(seed, e.id))[: places[name]]
    ]
    drawn = [
        Drawn(
            one.id, one.type, one.name, when(read, one, {}), stratum(one) if by else "", serves(one), rank(seed, one.id)
        )
        for one in chosen
    ]
    return Sample(
        revision=read.revision.number,
        at=read.revision.time,
        as_of=read.as_of,
        edition=answer.edition,
        clause=asked.clause.number if asked and asked.whole else (clause or ""),
        type=type or "",
        seed=seed,
        size=size,
        by=by or "",
        since=since or "",
        until=until or "",
        population=len(population),
        population_hash=result_hash(sorted(one.id for one in population)),
        undated=undated,
        outside=outside,
        strata={name: (places[name], len(strata[name])) for name in sorted(strata)} if by else {},
        drawn=tuple(sorted(drawn, key=lambda one: one.rank)),
        clause_id=asked.clause.id if asked else "",
    )


def rank(seed: int, id: str) -> str:
    """Where an entity stands in the order of a seed.

    Examples
    --------
    >>> rank(7, "inc-1")[:12]
    'ad3d4640370e'
    """
    return sha256(f"{seed}\n{id}".encode()).hexdigest()


def _require(read: Estate, clause: str | None, type: str | None, size: int, seed: int, by: str | None) -> None:
    if (clause is None) == (type is None):
        raise InputError("Say of what to draw: a clause or a type, one of them.")
    if type is not None and type not in read.vocabulary.types:
        raise InputError(f"The ontology has no type {type!r}.{did_you_mean(type, list(read.vocabulary.types))}")
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MOST_SIZE:
        raise InputError(f"The size of a sample is a whole number from 1 to {MOST_SIZE:,}, and {size!r} is none.")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MOST_SEED:
        raise InputError(f"A seed is a whole number from 0 to {MOST_SEED}, and {seed!r} is none.")
    if by is not None and by not in BY:
        raise InputError(f"A sample is divided by {' or '.join(BY)}, not by {by!r}.")


# ---------------------------------------------------------------------------------- what can be drawn


def _linked(answer: Obligations) -> Mapping[str, list[tuple[Requirement, str]]]:
    """By id of what is linked as evidence, the requirements with the relation, in order of the text."""
    found: dict[str, list[tuple[Requirement, str]]] = defaultdict(list)
    for state in answer.states.values():
        for proof in state.proofs:
            found[proof.id].append((state.requirement, proof.link))
    return found


def _population(
    read: Estate,
    asked: Meant | None,
    type: str | None,
    linked: Mapping[str, list[tuple[Requirement, str]]],
    since: str | None,
    until: str | None,
) -> tuple[list[Entity], int, int]:
    """What can be drawn, in order of ids; how many are left out for having no date, and for another date."""
    sample = read.vocabulary.known_as("sample")
    found: list[Entity] = []
    undated = outside = 0
    for one in _candidates(read, asked, type, linked):
        if read.vocabulary.is_a(one.type, sample) or one.properties.get(PLACEHOLDER):
            continue
        date = when(read, one, {})
        if not date:
            if since or until:
                undated += 1
            elif read.live(one):
                found.append(one)
            continue
        at = microseconds(date)
        inside = (not since or at >= microseconds(since)) and (not until or at < microseconds(until))
        if inside and at <= microseconds(read.as_of):
            found.append(one)
        else:
            outside += 1
    return found, undated, outside


def _candidates(
    read: Estate, asked: Meant | None, type: str | None, linked: Mapping[str, list[tuple[Requirement, str]]]
) -> Iterator[Entity]:
    if asked is None:
        assert type is not None
        yield from read.of_type(type)
        return
    wanted = {one.id for one in asked.requirements}
    kinds = {name for one in asked.requirements for name in one.about}
    words = read.vocabulary
    records = {words.known_as(word) for word in _RECORDS}
    types = {below for name in kinds if name in words.types for below in words.subtypes[name]}
    # Where a clause speaks of records and of what they are about, an auditor draws the records.
    types = {name for name in types if words.any_of(name, records)} or types
    for entity in read.entities.values():
        if entity.type in types or any(one.id in wanted for one, _ in linked.get(entity.id, ())):
            yield entity


def _serving(
    read: Estate, answer: Obligations, asked: Meant | None, linked: Mapping[str, list[tuple[Requirement, str]]]
) -> Callable[[Entity], tuple[Serves, ...]]:
    """What tells the requirements that an entity serves: those it is linked to, then those about its type."""
    within = [state.requirement for state in answer.states.values()] if asked is None else list(asked.requirements)
    of_type: dict[str, list[Requirement]] = {}

    def serves(entity: Entity) -> tuple[Serves, ...]:
        own = {one.id: Serves(one.id, one.clause, one.anchor, LINKED) for one, _ in linked.get(entity.id, ())}
        if entity.type not in of_type:
            kinds = {entity.type, *read.vocabulary.types[entity.type].ancestors}
            of_type[entity.type] = [one for one in within if kinds & set(one.about)]
        more = (Serves(one.id, one.clause, one.anchor, ABOUT) for one in of_type[entity.type] if one.id not in own)
        return (*own.values(), *more)

    return serves


# ------------------------------------------------------------------------------------- its strata


def _stratum(
    read: Estate, answer: Obligations, by: str | None, serves: Callable[[Entity], tuple[Serves, ...]]
) -> Callable[[Entity], str]:
    if by == "type":
        return lambda one: one.type
    if by is None:
        return lambda _: ""
    under = read.vocabulary.known_as("under process")

    def process(one: Entity) -> str:
        """The process that it is recorded under; else the one that satisfies most of what it serves."""
        stated = sorted(r.object for r in read.leading_from.get(one.id, ()) if r.type == under)
        if stated:
            return stated[0]
        served = {each.requirement for each in serves(one)}
        shared = {id: len(served & set(requirements)) for id, requirements in answer.processes.items()}
        best = min(shared, key=lambda id: (-shared[id], id), default="")
        return best if best and shared[best] else NONE

    kept: dict[str, str] = {}
    return lambda one: kept[one.id] if one.id in kept else kept.setdefault(one.id, process(one))


def _places(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """How many are drawn of each stratum: one of each, the largest first, then by Webster's method.

    Examples
    --------
    >>> _places({"a": 80, "b": 15, "c": 5}, 10)
    {'a': 8, 'b': 1, 'c': 1}
    """
    given = dict.fromkeys(sizes, 0)
    for _ in range(min(size, sum(sizes.values()))):
        first = [name for name in sizes if not given[name]]
        open_ = first or [name for name in sizes if given[name] < sizes[name]]
        best = min(open_, key=lambda name: (-Fraction(sizes[name], 2 * given[name] + 1), name))
        given[best] += 1
    return given


# ---------------------------------------------------------------------------------------- keeping it


def keep(read: Estate, found: Sample, *, actor: str = "", reason: str = "") -> tuple[int, str]:
    """Store a sample as a record of the graph, with what was drawn, in one revision; its number and the id.

    ``(:Sample)-[:SAMPLED]->(:Entity)``, ``-[:ABOUT]->(:Clause)`` where the catalogue is in the graph.

    Raises
    ------
    InputError
        Nothing was drawn.
    ConflictError
        The graph has moved on since it was read.
    """
    if not found.drawn:
        raise InputError(f"Nothing is kept: {found.sentence()}")
    words = read.vocabulary
    kind = words.known_as("sample")
    hash = result_hash([found.runs(), found.population_hash, [one.id for one in found.drawn]])
    id = f"sample:{found.as_of[:10]}:{hash[:12]}"
    properties: dict[str, Value] = {
        "name": f"Sample of {found.of()}, seed {found.seed}",
        "asOf": found.as_of,
        "collected": found.as_of,
        "atRevision": found.revision,
        **({"periodStart": found.since} if found.since else {}),
        **({"periodEnd": found.until} if found.until else {}),
        "seed": found.seed,
        "numerator": float(len(found.drawn)),
        "denominator": float(found.population),
        "runs": found.runs(),
        "result": found.sentence(),
        "resultHash": hash,
        "softwareVersion": __version__,
        "ontologyHash": words.hash,
    }
    relations = [Relation(words.known_as("drawn in sample"), id, one.id) for one in found.drawn]
    if found.clause_id in read.entities:
        relations.append(Relation(words.known_as("subject of record"), id, found.clause_id))
    revision = apply_by_hand(
        read.store,
        ChangeSet(
            entities=[Entity(id, kind, {name: properties[name] for name in sorted(properties)})],
            relations=relations,
            actor=actor,
            reason=reason or str(properties["name"]),
            base=read.revision.number,
        ),
    )
    return revision.number, id
