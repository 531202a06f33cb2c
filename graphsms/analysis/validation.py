"""Whether the graph as it stands keeps the rules of the ontology and its shapes (8.2.6).

An import is checked before it is applied, but the ontology may have changed since, somebody may have
written to the database directly, and what was live may have been retired under what needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphsms.ingest.check import Stated
from graphsms.ingest.rules import Surroundings, judge
from graphsms.model import Entity, Fault, Origin, Relation
from graphsms.store import Store
from graphsms.vocabulary import LIFECYCLE, Behaviour, Propagation, Vocabulary

__all__ = ["validate"]


def validate(
    store: Store,
    at: int | None = None,
    entities: Iterable[Entity] | None = None,
    relations: Iterable[Relation] | None = None,
) -> list[Fault]:
    """Everything in the graph that breaks a rule.

    Parameters
    ----------
    store : Store
    at : int, optional
        The revision; without it, the present one.
    entities, relations : iterable, optional
        All that the store has at that revision, where somebody has read it already.

    Returns
    -------
    list of Fault
        By id, field and rule. The origin is the source that first stated the entity.

    Notes
    -----
    All of the graph is held in memory: some 2 kB an entity with four relations.
    """
    at = store.revision().number if at is None else at
    stated = Stated()
    for entity in store.entities(at=at) if entities is None else entities:
        stated.entities[entity.id] = (entity.type, dict(entity.properties), Origin(entity.source or store.url))
    for relation in store.relations(at=at) if relations is None else relations:
        stated.relations[relation.key] = (relation.properties, Origin(relation.source or store.url), None, None)
    found: list[Fault] = []
    judge(stated, store.vocabulary, Surroundings(), strict=True, fault=found.append, warn=found.append)
    found += _on_what_is_retired(stated, store.vocabulary)
    return sorted(found, key=lambda fault: (fault.subject, fault.field, fault.rule, fault.message))


def _on_what_is_retired(stated: Stated, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Live things that need one whose life has ended."""
    code_list = vocabulary.properties[LIFECYCLE].code_list
    codes = vocabulary.code_lists[code_list].codes if code_list else ()
    live = {code.notation for code in codes if code.carries_failure}
    last = max((code.rank or 0 for code in codes), default=0)
    ended = {code.notation for code in codes if code.rank == last and not code.carries_failure}
    for (subject, type, object), (_, origin, _, _) in stated.relations.items():
        propagation = vocabulary.relations[type].propagation
        if propagation is Propagation.NONE:
            continue
        needing, needed = (subject, object) if propagation is Propagation.OBJECT_TO_SUBJECT else (object, subject)
        status = stated.entities[needing][1].get(LIFECYCLE)
        its = stated.entities[needed][1].get(LIFECYCLE)
        fails = vocabulary.types[stated.entities[needing][0]].behaviour is Behaviour.CAN_FAIL
        if fails and its in ended and (status is None or status in live):
            message = f"It is live and needs {needed!r}, which is {its}: end one of the two."
            yield Fault(origin, needing, type, "depends-on-retired", message)
