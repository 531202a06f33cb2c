"""The assessment of changes: what they themselves do to the estate, beside what happens anyway (8.5.1.3).

With what is down or changing already as context: the impact of that alone is taken first, then that of both together,
and what is new or worse in the second is what the changes do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Final

from graphsms.analysis.answer import Hit, Impact, Seed
from graphsms.change.ahead import ahead_of
from graphsms.change.assessment import Assessment, Impacted
from graphsms.change.classification import classifications
from graphsms.change.grounds import Grounds, grounds_of, moment_of, real_seeds, states_of
from graphsms.change.kinds import part_of, section_of
from graphsms.change.policy import ChangePolicy
from graphsms.change.reach import Reach, read_around
from graphsms.change.told import told
from graphsms.change.unknowns import unknowns
from graphsms.model import Entity, Relation
from graphsms.snapshot.carriage import STATES, Carriage
from graphsms.store import Store
from graphsms.vocabulary import STRENGTH, Behaviour, Vocabulary

__all__ = ["assess"]

_OK: Final = STATES[0]
_CRITICALITY: Final = "criticality"


def assess(
    store: Store,
    policy: ChangePolicy,
    ids: Sequence[str],
    *,
    at: int | None = None,
    as_of: str | None = None,
    with_context: bool = True,
    zone: tzinfo = UTC,
) -> Assessment:
    """What has to be considered before changes are decided on.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    ids : sequence of str
        Requests for change, assessed together.
    at : int, optional
        Revision; the present one without it.
    as_of : str, optional
        The moment, canonical; without it the one at which the first window begins, and without that now.
    with_context : bool
        Whether what is down or changing already counts.
    zone : tzinfo
        The organization's time zone: of service hours that name none.

    Raises
    ------
    UnknownIdError, InputError
        There is no such entity, or it is no request for change; none is given.

    Notes
    -----
    Three spreads of failure at most, and one for each other change at the same time; then proportional to the
    relations of what is hit and to the records that there are of each kind considered.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> from graphsms.change.policy import read_policy
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("rfc-1", "RequestForChange"), graphsms.Entity("db-1", "Database"),
    ...                   graphsms.Entity("web", "Service")],
    ...         relations=[graphsms.Relation("touches", "rfc-1", "db-1", {"mode": "outage"}),
    ...                    graphsms.Relation("dependsOn", "web", "db-1")],
    ...     ))
    ...     print(assess(g.store, read_policy(g.vocabulary), ["rfc-1"]).sentence())
    Making *rfc-1* stops 1 of 1 service.
    """
    grounds = grounds_of(store, policy, ids, at=at, as_of=as_of, with_context=with_context, zone=zone)
    reach = _reach(grounds)
    computed = grounds.computed()
    words = policy.considered
    sections = tuple(section_of(heading, reach) for heading in words.sections)
    start, end = grounds.span or (None, None)
    return Assessment(
        requests=grounds.requests,
        revision=grounds.revision.number,
        at=grounds.revision.time,
        as_of=grounds.as_of,
        span=("" if start is None else moment_of(start), "" if end is None else moment_of(end)),
        policy_hash=policy.hash,
        ontology_hash=store.vocabulary.hash,
        with_context=with_context,
        impact=reach.impact,
        context=grounds.context,
        context_impact=grounds.before,
        hits=reach.hits,
        judgements=tuple(replace(one, computed=computed.get(one.entity, _OK)) for one in grounds.judgements),
        ahead=tuple(ahead_of(grounds.requests, store.vocabulary)),
        sections=sections,
        beside=tuple(part_of(spec, reach) for spec in words.beside),
        notify=tuple(told(reach)),
        classification=classifications(
            store,
            policy,
            grounds.requests,
            at=grounds.revision.number,
            as_of=grounds.as_of,
            impacts=_alone(grounds, reach),
        ).found,
        unknown=tuple(unknowns(reach)),
        notes=(*grounds.notes, *_left_out(grounds, reach)),
    )


def _alone(grounds: Grounds, reach: Reach) -> dict[str, Impact]:
    """What a single change does in its context, as its category, route and risk rest on it; of several, each is taken
    by itself."""
    if len(grounds.requests) != 1:
        return {}
    (request,) = grounds.requests
    own = replace(
        reach.impact,
        seeds=tuple(seed for seed in reach.impact.seeds if seed.id in grounds.own),
        hits=tuple(one.hit for one in reach.hits if not one.concerned and not one.touched),
        concerned=tuple(one.hit for one in reach.hits if one.concerned),
    )
    return {request.id: own}


def _reach(grounds: Grounds) -> Reach:
    impact, before = grounds.impact(), states_of(grounds.before) if grounds.before else {}
    after = states_of(impact)
    touched = {one.entity.id: one.entity for request in grounds.requests for one in request.touches}
    introduces = grounds.store.vocabulary.known_as("introduced by change")
    introduced = {one.id: one for request in grounds.requests for one in request.leading_to.get(introduces, ())}
    reach = Reach(
        store=grounds.store,
        policy=grounds.policy,
        revision=grounds.revision.number,
        as_of=grounds.as_of,
        requests=grounds.requests,
        others=grounds.others,
        span=grounds.span,
        touched=touched,
        introduced=introduced,
        hits=(),
        before=before,
        after=after,
        impact=impact,
        context_impact=grounds.before,
        around=read_around(grounds.store, (), (), grounds.policy.considered.relations, grounds.revision.number),
        grounds=grounds,
        zone=grounds.zone,
    )
    failing = [*_seeded(grounds, reach), *_hit(reach)]
    reach = replace(
        reach,
        hits=tuple(failing),
        around=read_around(
            grounds.store,
            sorted({*touched, *introduced, *(one.id for one in failing)}),
            [id for id, one in touched.items() if _fails(grounds.store.vocabulary, one)],
            grounds.policy.considered.relations,
            grounds.revision.number,
        ),
    )
    everything = [*failing, *_concerned(grounds, reach)]
    return replace(reach, hits=tuple(sorted(everything, key=_order(reach))))


def _fails(vocabulary: Vocabulary, one: Entity) -> bool:
    return vocabulary.types[one.type].behaviour is Behaviour.CAN_FAIL


def _worse(state: str, other: str) -> bool:
    return STATES.index(state) > STATES.index(other)


def _seeded(grounds: Grounds, reach: Reach) -> Iterator[Impacted]:
    """What the changes touch and what people added, and of what is disturbed already that which becomes worse."""
    stands_in = {one.id: seed.id for seed in reach.impact.seeds for one in seed.stands_for}
    seeds = real_seeds(reach.impact)
    entities = reach.entities(seeds)
    judged = {one.entity: one.id for one in grounds.judgements if one.holds and one.impacted}
    touches, judges = (grounds.store.vocabulary.known_as(word) for word in ("touched by change", "judged entity"))
    for id, seed in seeds.items():
        asked = id if id in grounds.own or id in grounds.added else stands_in.get(id, id)
        was = reach.before.get(id, _OK)
        if asked in grounds.own:
            through = tuple(one.id for one in grounds.requests if asked in one.modes())
            hit = _as_hit(entities[id], seed, through if asked == id else (asked,), (touches,), reach.vocabulary)
            yield Impacted(hit, was, touched=True)
        elif asked in grounds.added:
            hit = _as_hit(entities[id], seed, (judged[asked],), (judges,), reach.vocabulary)
            yield Impacted(hit, was, by_hand=judged[asked])
        elif _worse(seed.state, was):
            yield Impacted(_as_hit(entities[id], seed, seed.through, (), reach.vocabulary), was)


def _as_hit(
    entity: Entity, seed: Seed, through: tuple[str, ...], relations: tuple[str, ...], vocabulary: Vocabulary
) -> Hit:
    return Hit(
        id=entity.id,
        type=entity.type,
        name=entity.name,
        state=seed.state,
        through=through,
        relations=relations,
        criticality=str(entity.properties.get(_CRITICALITY, "")),
        section=vocabulary.types[entity.type].section.notation,
    )


def _hit(reach: Reach) -> Iterator[Impacted]:
    """What becomes worse by the changes, and can fail."""
    for hit in reach.impact.hits:
        was = reach.before.get(hit.id, _OK)
        if _worse(hit.state, was):
            yield Impacted(hit, was)


def _concerned(grounds: Grounds, reach: Reach) -> Iterator[Impacted]:
    """What cannot fail itself and is told of what the changes do: also where it is told of something worse already."""
    vocabulary, carriage = reach.vocabulary, Carriage.of(reach.vocabulary)
    known = {hit.id: hit for hit in reach.impact.concerned}
    failing = {one.id: one.state for one in reach.failing}
    seeded = {seed.id: seed.seeded for seed in reach.impact.seeds}
    touches = vocabulary.known_as("touched by change")
    told = {
        id: [one for one in relations if _sender(one, carriage) in failing]
        for id, relations in reach.leading_here.items()
    }
    judges = vocabulary.known_as("judged entity")
    by_hand = {
        one.entity: one.id for one in grounds.judgements if one.entity in grounds.added and one.holds and one.impacted
    }
    acted_on = {*(grounds.own.keys() & reach.touched.keys()), *by_hand}
    direct = {id for id, one in reach.entities(acted_on).items() if _is_concerned(vocabulary, one)}
    ids = {*(id for id, relations in told.items() if relations and id in known), *direct}
    entities = reach.entities(ids - known.keys())
    for id in sorted(ids):
        was = reach.before.get(id, _OK)
        hit = known.get(id)
        if hit is None:
            entity = entities[id]
            through = tuple(one.id for one in grounds.requests if id in one.modes())
            seed = Seed(id, entity.type, entity.name, seeded[id], seeded[id])
            over = (touches,) if through else (judges,)
            hit = _as_hit(entity, seed, through or (by_hand[id],), over, vocabulary)
        elif not _worse(hit.state, was):
            by = {_sender(one, carriage): one for one in told.get(id, ())}
            states = {sender: _told(one, failing[sender], vocabulary) for sender, one in by.items()}
            worst = max(states.values(), key=STATES.index, default=hit.state)
            through = tuple(sorted(sender for sender, state in states.items() if state == worst))
            relations = tuple(sorted({by[sender].type for sender in through}))
            hit = replace(hit, state=worst, through=through or hit.through, relations=relations or hit.relations)
        if hit.state != _OK:
            touched = id in direct and id in grounds.own
            yield Impacted(hit, was, concerned=True, touched=touched, by_hand="" if touched else by_hand.get(id, ""))


def _is_concerned(vocabulary: Vocabulary, one: Entity) -> bool:
    return vocabulary.types[one.type].behaviour is Behaviour.IS_CONCERNED


def _sender(relation: Relation, carriage: Carriage) -> str:
    return relation.object if carriage.object_sends[carriage.relation_code[relation.type]] else relation.subject


def _told(relation: Relation, state: str, vocabulary: Vocabulary) -> str:
    """The state in which something is told of another: at most degraded over what is soft."""
    strength = relation.properties.get(STRENGTH) or vocabulary.relations[relation.type].strength
    return min(state, STATES[2], key=STATES.index) if strength == "soft" else state


def _order(reach: Reach) -> Callable[[Impacted], tuple[int, int, int, str]]:
    """By section, then the more critical and the worse first, then by id."""
    property = reach.vocabulary.properties.get(_CRITICALITY)
    codes = reach.vocabulary.code_lists[property.code_list].codes if property and property.code_list else ()
    critical: Mapping[str, int] = {code.notation: code.rank or 0 for code in codes}
    sections = reach.impact.section_ranks
    return lambda one: (
        sections[one.hit.section],
        -critical.get(one.hit.criticality, 0),
        -STATES.index(one.state),
        one.id,
    )


def _left_out(grounds: Grounds, reach: Reach) -> Iterable[str]:
    """Why something that is touched, or added by hand, changes nothing."""
    for seed in reach.impact.seeds:
        begins = seed.id in reach.touched or seed.id in grounds.added
        if seed.note and begins and seed.id not in reach.by_id:
            yield f"{seed.id}: {seed.note}"
    yield from reach.impact.verdict.notes
