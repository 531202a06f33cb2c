"""The graph held against a second source (8.2.6): matched, differing field by field, missing on either side.

The second source is read as an import would read it, and not imported. It decides nothing: where the two differ,
people find out which is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.comparison import Comparison, Match, matched
from graphsms.analysis.estate import Estate, estate, number_of
from graphsms.analysis.evidence import Checked, record, result_hash
from graphsms.analysis.identification import OURS, read_rules
from graphsms.errors import InputError, RejectedError
from graphsms.ingest.check import Findings, Stated, check
from graphsms.ingest.files import choose, default_source
from graphsms.model import Entity, Fault, Value
from graphsms.store import Store, files_of
from graphsms.vocabulary import PLACEHOLDER, Vocabulary

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Verification", "verify"]


_WHEN: Final = frozenset({"revision", "at", "as_of", "recorded_in"})


@dataclass(frozen=True)
class Verification:
    """What holding the graph against a second source found.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment that was asked about.
    source : str
        The second source.
    types : tuple of str
        The types that were looked at: those that the source speaks of.
    matched : tuple of Match
        By id.
    only_recorded : tuple of str
        Ids of live items of these types that the source does not have.
    only_found : tuple of (str, str)
        Ids and types, in the source, of what is not recorded.
    ambiguous : tuple of (str, tuple of str)
        Ids in the source, each with the recorded items that it may be.
    rules_hash : str
    recorded_in : int or None
        The revision that holds the record of this verification.
    """

    revision: int
    at: str
    as_of: str
    source: str
    types: tuple[str, ...]
    matched: tuple[Match, ...]
    only_recorded: tuple[str, ...]
    only_found: tuple[tuple[str, str], ...]
    ambiguous: tuple[tuple[str, tuple[str, ...]], ...]
    rules_hash: str
    recorded_in: int | None = None

    @property
    def differing(self) -> tuple[Match, ...]:
        """The matched ones that differ."""
        return tuple(one for one in self.matched if one.differences)

    @property
    def checked(self) -> int:
        """How many items were looked at, on either side."""
        return len(self.matched) + len(self.only_recorded) + len(self.only_found) + len(self.ambiguous)

    @property
    def deficient(self) -> int:
        """For how many of them something is wrong, missing or unclear."""
        return len(self.differing) + len(self.only_recorded) + len(self.only_found) + len(self.ambiguous)

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.checked:
            return f"{self.source} speaks of no configuration item: nothing was verified."
        unclear = f", {len(self.ambiguous)} that may be several" if self.ambiguous else ""
        return (
            f"{self.checked - self.deficient:,} of {self.checked:,} configuration items agree with {self.source}: "
            f"{len(self.differing):,} differ, {len(self.only_recorded):,} are recorded only, "
            f"{len(self.only_found):,} found only{unclear}."
        )

    def rows(self) -> Iterator[tuple[str, str, str, str, Value | None, Value | None]]:
        """Each deviation: what it is, the id here and there, the field, what is recorded and what was found."""
        for one in self.differing:
            for difference in one.differences:
                yield "differs", one.id, one.theirs, difference.field, difference.recorded, difference.found
        for id in self.only_recorded:
            yield "recorded only", id, "", "", None, None
        for id, type in self.only_found:
            yield "found only", "", id, "type", None, type
        for id, candidates in self.ambiguous:
            yield "may be several", "", id, "", candidates, None

    def to_frame(self) -> pd.DataFrame:
        """The deviations as a data frame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=["deviation", "id", "theirs", "field", "recorded", "found"])

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "source": self.source,
            "types": list(self.types),
            "checked": self.checked,
            "deficient": self.deficient,
            "matched": [one.to_json() for one in self.matched],
            "only_recorded": list(self.only_recorded),
            "only_found": [{"id": id, "type": type} for id, type in self.only_found],
            "ambiguous": [{"id": id, "candidates": list(ids)} for id, ids in self.ambiguous],
            "recorded_in": self.recorded_in,
        }


def verify(
    store: Store,
    paths: Sequence[Path],
    *,
    source: str | None = None,
    format: str | None = None,
    mapping: Path | None = None,
    type: str | None = None,
    rules: str | Path | None = None,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
    keep: bool = False,
    actor: str = "",
    reason: str = "",
) -> Verification:
    """Hold the graph against a second source, which is read and not imported.

    Parameters
    ----------
    store : Store
    paths : sequence of Path
        Files and folders, as an import takes them.
    source : str, optional
        What to call it; without it, the name of the file or folder.
    format, mapping : optional
        As for an import.
    type : str, optional
        Only items of this type and its subclasses; without it, configuration items of the types that the source has.
    rules : path, optional
        Rules of identification instead of ours.
    at : int, optional
        The revision that is verified; without it, the present one.
    as_of : str, optional
        The moment at which items must be live; without it, now.
    zone : tzinfo
        Of dates that state none.
    keep : bool
        Whether the verification is stored as a record of the graph.
    actor, reason : str
        For the history of that.

    Raises
    ------
    RejectedError
        The second source has faults.
    InputError
        There is nothing to read, or an earlier revision is verified and that is to be kept.

    Notes
    -----
    What has the same id is the same; then the rules decide, the most trusted first, each only where it leaves one
    candidate on either side. Of a matched item only what the source says is compared: it may say less. Linear in
    both.
    """
    chosen = choose(paths, format, mapping=mapping, apart=files_of(store))
    name = source or default_source(paths)
    read, how = estate(store, at, as_of, zone), read_rules(store.vocabulary, rules)
    if keep and at is not None and at != store.revision().number:
        message = "Only of the present can it be recorded that it was verified: what was recorded earlier is past."
        raise InputError(message)
    root = type or read.vocabulary.known_as("configuration item")
    stated = _read(chosen, store.vocabulary, zone)
    theirs = {
        id: Entity(id, kind, properties)
        for id, (kind, properties, _) in stated.entities.items()
        if read.vocabulary.is_a(kind, root) and not properties.get(PLACEHOLDER)
    }
    types = tuple(sorted({one.type for one in theirs.values()})) if type is None else (type,)
    ours = {
        one.id: one
        for one in read.of_type(root)
        if not one.properties.get(PLACEHOLDER) and read.vocabulary.any_of(one.type, types)
    }
    pairs, ambiguous = matched(read, stated, theirs, ours, how)
    compared = Comparison(read, how, stated, pairs)
    found = Verification(
        revision=read.revision.number,
        at=read.revision.time,
        as_of=read.as_of,
        source=name,
        types=types,
        matched=tuple(compared.match(id, *pairs[id]) for id in sorted(pairs, key=lambda id: pairs[id][0])),
        only_recorded=tuple(
            sorted({one.id for one in ours.values() if read.live(one)} - {id for id, _ in pairs.values()})
        ),
        only_found=tuple(
            (id, theirs[id].type) for id in sorted(theirs.keys() - pairs.keys() - {id for id, _ in ambiguous})
        ),
        ambiguous=tuple(ambiguous),
        rules_hash=sha256(Path(rules or OURS).read_bytes()).hexdigest(),
    )
    return _kept(found, read, actor, reason) if keep else found


def _read(chosen: Any, vocabulary: Vocabulary, zone: tzinfo) -> Stated:
    stated, faults, warnings = Stated(), Findings(), Findings()
    for reader, paths in chosen.by_reader:
        if reader.foreign:
            stated.foreign.update(str(path) for path in paths)
        statements = reader.read(paths, vocabulary, faults.add, warnings.add)
        try:
            for _ in check(statements, vocabulary, stated, zone=zone, fault=faults.add, warn=warnings.add):
                pass
        except RejectedError as error:
            raise _refused(error.faults) from None
    if faults.total:
        raise _refused([*faults])
    return stated


def _refused(faults: Sequence[Fault]) -> RejectedError:
    return RejectedError(f"Nothing was verified: {number_of(faults)}, the first being {faults[0]}", faults)


def _kept(found: Verification, read: Estate, actor: str, reason: str) -> Verification:
    items = (*(one.id for one in found.matched), *found.only_recorded)
    result = {name: value for name, value in found.to_json().items() if name not in _WHEN}
    revision = record(
        read,
        [
            Checked(
                id=f"verification:{found.source}:{found.as_of}",
                name=f"Verification against {found.source}",
                items=items,
                source=found.source,
                source_name=found.source,
                checked=found.checked,
                deficient=found.deficient,
                runs=f"verify {found.source} ({', '.join(found.types)})",
                result=found.sentence(),
                result_hash=result_hash(result),
                rules_hash=found.rules_hash,
            )
        ],
        actor=actor,
        reason=reason,
    )
    return replace(found, recorded_in=revision.number)
