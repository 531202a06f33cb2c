"""What files refer to without stating it: it stands in the graph, or it is a fault, or it becomes a placeholder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, TypeAlias

from graphsms.ingest.check import Stated, StatedRelation
from graphsms.ingest.kinds import relations_with_kinds
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.packing import MENTIONS
from graphsms.ingest.spilled_lists import Groups
from graphsms.model import Fault, RelationKey
from graphsms.vocabulary import PLACEHOLDER, Vocabulary

__all__ = ["missing_ends", "settle_missing"]

_Mention: TypeAlias = tuple[RelationKey, StatedRelation]
_HINTS: Final = 20  # for how many missing ids to look for the nearest
_HINTED: Final = 5_000  # and among how many


def missing_ends(stated: Stated) -> Groups:
    """What relations lead to or come from and no file states, with those relations."""
    missing = Groups(MENTIONS)
    if stated.surely_whole():
        return missing
    for key, relation, subject_type, object_type in relations_with_kinds(stated, {}):
        if object_type is None:
            missing.add(key[2], (key, relation))
        if subject_type is None:
            missing.add(key[0], (key, relation))
    return missing


def settle_missing(
    missing: Iterable[tuple[str, Sequence[_Mention]]],
    stated: Stated,
    vocabulary: Vocabulary,
    *,
    strict: bool,
    refused: Collection[str],
    fault: Callable[[Fault], None],
    warn: Callable[[Fault], None],
) -> None:
    """Make a fault or a placeholder of each.

    Parameters
    ----------
    missing : iterable of (str, sequence of (RelationKey, StatedRelation))
        What is not in the graph either, in the order of their ids, with the relations that refer to it.
    stated : Stated
        Takes in the placeholders.
    vocabulary : Vocabulary
    strict : bool
        Whether something missing is a fault in foreign formats too.
    refused : collection of str
        Ids that have faults already: that they are missing is not said again.
    fault, warn : callable
        Take each `Fault` and each warning.
    """
    entities = stated.entities
    hints = list(entities) if len(entities) <= _HINTED else []
    left = ((id, mentions) for id, mentions in missing if id not in refused)
    for number, (id, mentions) in enumerate(left):
        wrong = [(key, one[1]) for key, one in mentions if strict or one[1].file not in stated.foreign]
        if not wrong:
            _add_placeholder(id, mentions, stated, vocabulary, warn)
            continue
        near = _of_catalogue(id, vocabulary) or (did_you_mean(id, hints) if number < _HINTS else "")
        for key, origin in wrong:
            hint = near or getattr(origin, "advice", "")
            other = key[0] if key[2] == id else key[2]
            message = f"It refers to {id!r}, which is stated nowhere.{hint}"
            fault(Fault(origin, other, key[1], "dangling-relation", message, id))


def _of_catalogue(id: str, vocabulary: Vocabulary) -> str:
    """What to do about a clause or requirement that is not in the graph yet."""
    if "/" not in id:
        return ""
    from graphsms.clauses import catalogue  # slow to import

    known = catalogue(vocabulary)
    there = id in known.requirements or id in known.clauses
    return " It is in the catalogue: `graphsms clauses --load` puts that into the graph." if there else ""


def _add_placeholder(
    id: str, mentions: Sequence[_Mention], stated: Stated, vocabulary: Vocabulary, warn: Callable[[Fault], None]
) -> None:
    origin = min((one[1] for _, one in mentions), key=lambda one: (one.file, one.line or 0))
    type = _placeholder_type(id, mentions, vocabulary)
    stated.entities[id] = (type, {PLACEHOLDER: True}, origin)
    referring = sorted({key[0] if key[2] == id else key[2] for key, _ in mentions})
    shown = ", ".join(referring[:3]) + (f" and {len(referring) - 3} more" if len(referring) > 3 else "")
    message = f"Nothing describes it; it becomes a placeholder of type {type}, needed by what {shown} says."
    warn(Fault(origin, id, "", "placeholder", message))


def _placeholder_type(id: str, mentions: Sequence[_Mention], vocabulary: Vocabulary) -> str:
    """What something missing may be: what the sources say, else what most of the relations allow; ties by name."""
    said: set[str] = set()
    allowed: list[tuple[str, ...]] = []
    for key, (_, _, object_type, subject_type) in mentions:
        relation = vocabulary.relations[key[1]]
        its, ends = (object_type, relation.range) if key[2] == id else (subject_type, relation.domain)
        allowed.append(ends)
        if its is not None:
            said.add(its)
    candidates = said or {ends[0] for ends in allowed}
    depth = {one: len(vocabulary.types[one].ancestors) for one in candidates}
    fits = {one: sum(vocabulary.any_of(one, ends) for ends in allowed) for one in candidates}
    return min(candidates, key=lambda one: (-fits[one], -depth[one], one))
