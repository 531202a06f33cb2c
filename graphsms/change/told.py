"""Who must be told of changes, in which role, and why: chains of relations from what is touched and hit (8.5.1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphsms.change.considered import Told
from graphsms.change.considering import AGAINST, Telling
from graphsms.change.reach import Reach
from graphsms.model import Entity
from graphsms.vocabulary import Vocabulary

__all__ = ["told"]

# From what is reached to somebody: their ids, one after the other.
Chain = tuple[str, ...]


def told(reach: Reach) -> Iterator[Told]:
    """Who must be told, in the order of the roles and then of their ids; each once in a role, with all it is about."""
    about: dict[tuple[str, str], dict[str, tuple[Chain, Telling]]] = {}
    roles: dict[str, None] = {}
    for telling in reach.policy.considered.told:
        roles[telling.role] = None
        for chain in _chains(telling, reach):
            about.setdefault((telling.role, chain[-1]), {}).setdefault(chain[0], (chain, telling))
    entities = reach.entities(id for found in about.values() for chain, _ in found.values() for id in chain)
    places = {id: number for number, id in enumerate(one.id for one in reach.hits)}
    for role in roles:
        for key in sorted(key for key in about if key[0] == role):
            found = about[key]
            ids = sorted(found, key=lambda id: (places.get(id, len(places)), id))
            chain, telling = found[ids[0]]
            one = entities[key[1]]
            yield Told(
                id=one.id,
                type=one.type,
                name=one.name,
                role=role,
                about=tuple(ids),
                why=_why(chain, telling, entities, reach),
                chain=chain,
                email=_said(one, "email"),
                telephone=_said(one, "telephone"),
            )


def _said(one: Entity, property: str) -> str:
    value = one.properties.get(property, "")
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _chains(telling: Telling, reach: Reach) -> Iterator[Chain]:
    chains: Iterable[Chain] = [(id,) for id in _starts(telling, reach)]
    for step, relation in enumerate(telling.through):
        chains = _on(chains, relation, reach, near=step == 0 and bool(telling.of))
    found = list(chains)
    if telling.to:
        ends, wanted = reach.entities(chain[-1] for chain in found), reach.below(telling.to)
        found = [chain for chain in found if ends[chain[-1]].type in wanted]
    return iter(found)


def _starts(telling: Telling, reach: Reach) -> list[str]:
    if not telling.of:
        return [one.id for one in reach.requests]
    wanted = reach.below(telling.of)
    hit = {one.id: one.hit.type for one in reach.hits}
    touched = {id: one.type for id, one in (*reach.touched.items(), *reach.introduced.items())}
    return [id for id, type in {**hit, **touched}.items() if type in wanted]


def _on(chains: Iterable[Chain], step: str, reach: Reach, *, near: bool) -> Iterator[Chain]:
    """Each chain, longer by what a relation leads to from its end; the first step is around what is reached."""
    before, relation, against = list(chains), step.removeprefix(AGAINST), step.startswith(AGAINST)
    ends = sorted({chain[-1] for chain in before})
    there = set(ends)
    found: dict[str, set[str]] = {}
    # Those concerned are not among what the relations were read around.
    far = [id for id in ends if not near or id not in reach.own]
    at = {"objects": far} if against else {"subjects": far}
    beyond = reach.store.relations(**at, type=relation, at=reach.revision) if far else ()
    for one in (*(reach.relations(relation) if near else ()), *filter(reach.valid, beyond)):
        here, other = (one.object, one.subject) if against else (one.subject, one.object)
        if here in there:
            found.setdefault(here, set()).add(other)
    for chain in before:
        for other in sorted(found.get(chain[-1], ())):
            yield (*chain, other)


def _why(chain: Chain, telling: Telling, entities: Mapping[str, Entity], reach: Reach) -> str:
    """The chain in words, from what is touched or hit to who is told."""
    start = entities[chain[0]]
    hit = reach.by_id.get(start.id)
    said = reach.why(start.id)
    if not telling.of:
        first = f"{start.id} is to be decided on"
    elif hit is None or hit.touched:
        first = f"{start.id} is touched" if start.id in reach.touched else f"{start.id} is new"
    elif hit.concerned:
        first = f"concerned: {said}" if said else f"{start.id} is concerned"
    else:
        first = f"{start.id} is {hit.state}"
    steps = [f"{_label(step, reach.vocabulary)} {id}" for step, id in zip(telling.through, chain[1:], strict=True)]
    return ", ".join([first, *steps])


def _label(step: str, vocabulary: Vocabulary) -> str:
    relation = vocabulary.relations[step.removeprefix(AGAINST)]
    return (relation.inverse_label or relation.label) if step.startswith(AGAINST) else relation.label
