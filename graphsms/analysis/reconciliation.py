"""Which records are of the same thing (8.2.6 a): proposed with evidence, grouped, not merged without being told to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.estate import Deficiency, Estate, Examined, estate
from graphsms.analysis.identification import Evidence, Identification, Rule, read_rules
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import Entity
from graphsms.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHECK", "Duplicates", "Group", "Pair", "duplicates", "recorded_twice", "rejected", "suspected"]

CHECK: Final = "duplicate-suspected"  # the check by whose identity a rejection is kept
_ALMOST_SURE: Final = 0.9
_REJECTED: Final = "rejected"
_FORMER: Final = "formerId"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be of the same thing, the evidence for it, and how sure that makes it."""

    ids: tuple[str, str]
    score: float
    evidence: tuple[Evidence, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        evidence = [{"rule": one.rule, "values": list(one.values), "trust": one.trust} for one in self.evidence]
        return {"ids": list(self.ids), "score": self.score, "evidence": evidence}


@dataclass(frozen=True, slots=True)
class Group:
    """Records that may be of one thing.

    Parameters
    ----------
    keep : str
        The one that says most: proposed to be kept.
    others : tuple of str
    type : str
        Of the one to keep.
    names : tuple of str
        Of all, the one to keep first.
    pairs : tuple of Pair
        The evidence.
    """

    keep: str
    others: tuple[str, ...]
    type: str
    names: tuple[str, ...]
    pairs: tuple[Pair, ...]

    @property
    def score(self) -> float:
        """That of its surest pair."""
        return max(one.score for one in self.pairs)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "keep": self.keep,
            "others": list(self.others),
            "type": self.type,
            "names": list(self.names),
            "score": self.score,
            "pairs": [one.to_json() for one in self.pairs],
        }


@dataclass(frozen=True)
class Duplicates:
    """What may be recorded twice.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment at which what people have said of pairs holds.
    looked_at : int
        How many entities a rule says something of.
    groups : tuple of Group
        The surest first.
    rejected : int
        How many pairs people have said are different; they are not among the groups.
    """

    revision: int
    at: str
    as_of: str
    looked_at: int
    groups: tuple[Group, ...]
    rejected: int

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.looked_at:
            return "No rule of identification says anything about what is recorded: nothing can be said."
        surplus = sum(len(one.others) for one in self.groups)
        apart = f" {self.rejected} {'pair was' if self.rejected == 1 else 'pairs were'} said to be different."
        apart = apart if self.rejected else ""
        if not self.groups:
            return f"Nothing seems to be recorded twice, among {self.looked_at:,} looked at.{apart}"
        return (
            f"{len(self.groups)} {'group' if len(self.groups) == 1 else 'groups'} of records that may be of the same "
            f"thing, {surplus} too many, among {self.looked_at:,} looked at.{apart}"
        )

    def to_frame(self) -> pd.DataFrame:
        """The pairs as a data frame."""
        import pandas as pd

        return pd.DataFrame([{"keep": group.keep, **pair.to_json()} for group in self.groups for pair in group.pairs])

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "looked_at": self.looked_at,
            "rejected": self.rejected,
            "groups": [one.to_json() for one in self.groups],
        }


def duplicates(
    store: Store,
    *,
    type: str | None = None,
    rules: str | Path | None = None,
    least: float | None = None,
    at: int | None = None,
    as_of: str | None = None,
) -> Duplicates:
    """What may be recorded twice, by rules of identification.

    Parameters
    ----------
    store : Store
    type : str, optional
        Only entities of this type and its subclasses.
    rules : path, optional
        A file of rules instead of ours.
    least : float, optional
        The least score, instead of that of the rules.
    at : int, optional
        The revision; without it, the present one.
    as_of : str, optional
        The moment at which what people have said of pairs holds; without it, now.

    Notes
    -----
    Only what shares a value is compared, and what more share than the rules allow is not: linear in the entities.
    The order of the entities makes no difference.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(entities=[
    ...         graphsms.Entity("scan:7", "Server", {"serialNumber": "hx40-00871"}),
    ...         graphsms.Entity("web-1", "Server", {"serialNumber": "HX40 00871", "name": "Web 1"})]))
    ...     [(group.keep, group.others, group.score) for group in duplicates(g.store).groups]
    [('web-1', ('scan:7',), 0.99)]
    """
    read = estate(store, at, as_of)
    how = read_rules(store.vocabulary, rules)
    entities = {one.id: one for one in (read.entities.values() if type is None else read.of_type(type))}
    looked_at, found, apart = _pairs(read, how, entities, how.propose_from if least is None else least)
    groups = tuple(_groups(read, found))
    return Duplicates(read.revision.number, read.revision.time, read.as_of, looked_at, groups, apart)


def rejected(read: Estate) -> frozenset[frozenset[str]]:
    """The pairs that people have said are different, and have not thought better of.

    ``(:Disposition {decision: rejected})-[:DECIDES_ON]->`` both.
    """
    words = read.vocabulary
    on = words.known_as("decides on")
    found = set()
    for one in read.of_type(words.known_as("disposition")):
        if one.properties.get("decision") == _REJECTED and read.valid(one.properties):
            ends = frozenset(relation.object for relation in read.leading_from.get(one.id, ()) if relation.type == on)
            if len(ends) == 2:
                found.add(ends)
    return frozenset(found)


def _pairs(
    read: Estate, how: Identification, entities: Mapping[str, Entity], least: float
) -> tuple[int, list[Pair], int]:
    words = read.vocabulary
    # Results of two runs are two, however alike they are.
    ours = words.subtypes.get(words.known.get("computed record", ""), ())
    known = {
        id: one
        for id, one in entities.items()
        if one.type in words.types and one.type not in ours and not read.out_of_life(one)
    }
    evidence: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    looked_at: set[str] = set()
    for rule in how.rules:
        together: dict[tuple[str, str], tuple[str, ...]] = {}
        for key, ids in sorted(how.index(rule, known.values()).items()):
            looked_at.update(ids)
            for one, other in combinations(sorted(set(ids)), 2):
                if how.fit(rule, known[one], known[other]) and not _apart(read, rule, one, other):
                    together.setdefault((one, other), key)
        for pair, key in together.items():
            evidence[pair].append(Evidence(rule.id, key, rule.trust))
    for pair in _by_former_id(known):
        evidence[pair].append(Evidence("former-id", pair, 1.0))
    different = rejected(read)
    found, apart = [], 0
    for pair, pieces in sorted(evidence.items()):
        score = how.score(pieces)
        if score < least:
            continue
        if frozenset(pair) in different:
            apart += 1
        elif how.told_apart(known[pair[0]], known[pair[1]]) is None and not _related(read, pair):
            found.append(Pair(pair, score, tuple(pieces)))
    return len(looked_at), found, apart


def _apart(read: Estate, rule: Rule, one: str, other: str) -> bool:
    """Whether both have a relation that the rule looks at, to different ends: two of a name, in two places."""
    for type in rule.unless_differs:
        ends = [{edge.object for edge in read.leading_from.get(id, ()) if edge.type == type} for id in (one, other)]
        if all(ends) and not ends[0] & ends[1]:
            return True
    return False


def _related(read: Estate, pair: tuple[str, str]) -> bool:
    """Whether one leads to the other: nothing depends on itself, is part of itself or stands on itself."""
    one, other = pair
    return any(
        other in (relation.subject, relation.object)
        for relation in (*read.leading_from.get(one, ()), *read.leading_to.get(one, ()))
    )


def _by_former_id(entities: Mapping[str, Entity]) -> Iterator[tuple[str, str]]:
    """What was merged into another, and has been stated anew by an import since."""
    for one in entities.values():
        former = one.properties.get(_FORMER, ())
        for id in former if isinstance(former, tuple) else (str(former),):
            if str(id) in entities and id != one.id:
                yield (one.id, str(id)) if one.id < str(id) else (str(id), one.id)


def _groups(read: Estate, pairs: list[Pair]) -> list[Group]:
    """Pairs that share a record, together."""
    leader: dict[str, str] = {}

    def lead(id: str) -> str:
        while leader.setdefault(id, id) != id:
            leader[id] = leader[leader[id]]
            id = leader[id]
        return id

    for pair in pairs:
        one, other = sorted((lead(pair.ids[0]), lead(pair.ids[1])))
        leader[other] = one
    members: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        members[lead(pair.ids[0])].append(pair)
    groups = [_group(read, those) for those in members.values()]
    return sorted(groups, key=lambda group: (-group.score, group.keep))


def _group(read: Estate, pairs: list[Pair]) -> Group:
    ids = sorted({id for pair in pairs for id in pair.ids}, key=lambda id: (*_says_less(read, id), id))
    entities = [read.entities[id] for id in ids]
    return Group(ids[0], tuple(ids[1:]), entities[0].type, tuple(one.name for one in entities), tuple(pairs))


def _says_less(read: Estate, id: str) -> tuple[bool, bool, int]:
    """Sorts those first that were merged into before, are no placeholders, and have most relations and properties."""
    entity = read.entities[id]
    relations = len(read.leading_from.get(id, ())) + len(read.leading_to.get(id, ()))
    return (
        _FORMER not in entity.properties,
        bool(entity.properties.get("placeholder")),
        -relations - len(entity.properties),
    )


def _all_pairs(read: Estate) -> tuple[int, list[Pair], Identification]:
    """Pairs of all that is recorded, whatever their score, looked for once; and the rules that hold for it."""

    def find() -> tuple[int, list[Pair], Identification]:
        how = read_rules(read.vocabulary, read.options.get("rules"))
        looked_at, pairs, _ = _pairs(read, how, read.entities, 0.0)
        return looked_at, pairs, how

    return read.once("pairs", find)


def recorded_twice(read: Estate) -> frozenset[str]:
    """Ids of what is, almost surely, recorded under another id as well."""
    return frozenset(id for pair in _all_pairs(read)[1] if pair.score >= _ALMOST_SURE for id in pair.ids)


def suspected(read: Estate, parameters: Mapping[str, str]) -> Examined:
    """Pairs of records that may be of the same thing; the parameter ``least`` is the least score."""
    looked_at, pairs, how = _all_pairs(read)
    least = float(parameters.get("least", how.propose_from))
    found = (
        Deficiency(
            pair.ids,
            f"{read.entities[pair.ids[0]].name} and {read.entities[pair.ids[1]].name} may be the same: "
            f"{'; '.join(map(str, pair.evidence))} (score {pair.score}).",
        )
        for pair in pairs
        if pair.score >= least
    )
    return Examined(looked_at, tuple(found))


def known(store: Store, id: str) -> Entity:
    """The entity with that id.

    Raises
    ------
    UnknownIdError
    """
    found = store.entity(id)
    if found is None:
        raise UnknownIdError(id, store.nearest_ids(id))
    return found


def different(ids: list[str]) -> None:
    """Refuse ids of which two are the same.

    Raises
    ------
    InputError
    """
    if len(set(ids)) != len(ids):
        raise InputError(f"An entity cannot be told from itself: {', '.join(sorted(ids))}.")
