"""What an import says of itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Protocol

from graphsms.ingest.drafted import NONE, Counts, OverruledOf
from graphsms.ingest.placement import Placement, placements_json
from graphsms.model import Fault, RelationKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphsms.ingest.rejects import Rejected

__all__ = ["FileVerdict", "ImportVerdict", "counted", "fault_json", "summary"]

_LISTED: Final = 5  # in a sentence


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """What one file held: how many entities and relations it states."""

    file: str
    format: str
    entities: int
    relations: int


@dataclass(frozen=True, slots=True)
class ImportVerdict:
    """What an import did; one that was refused raises `RejectedError` instead and did nothing.

    Parameters
    ----------
    revision : int
        The revision made, or the present one where nothing had to change.
    source : str
    format : str
        Of the files; several are joined by commas.
    created, changed, unchanged : Counts
        Entities and relations, placeholders included.
    placeholders : tuple of str
        Ids that the files refer to and nothing describes, made now or before.
    warnings : tuple of Fault
        What is doubtful; the first thousand.
    warning_count : int
        How many there are.
    no_longer_stated : tuple of RelationKey
        Relations that this source stated before, of entities that it still states: kept, and still in effect.
    files : tuple of FileVerdict
    passed_over : tuple of str
        Files of folders that are of no known format.
    noted : Counts
        Entities and relations of which this source now states (or no longer does) what others say already.
    removed : Counts
        What the source no longer has, where that was to go.
    became_placeholders : tuple of str
        Ids of those that it no longer has while relations of others need them.
    overruled : tuple of OverruledOf
        What this source says and what does not stand; the first thousand.
    overruled_count : int
        How much that is.
    rejected : tuple of Rejected
        What was left out, where that was asked for.
    merged_before : tuple of (str, str)
        Ids that the files state and that went in a merge, each with the id that stands for it now.
    placements : tuple of Placement
        What became of each entry of a register of documents.
    """

    revision: int
    source: str
    format: str
    created: Counts
    changed: Counts
    unchanged: Counts
    placeholders: tuple[str, ...] = ()
    warnings: tuple[Fault, ...] = ()
    warning_count: int = 0
    no_longer_stated: tuple[RelationKey, ...] = ()
    files: tuple[FileVerdict, ...] = ()
    passed_over: tuple[str, ...] = ()
    noted: Counts = NONE
    removed: Counts = NONE
    became_placeholders: tuple[str, ...] = ()
    overruled: tuple[OverruledOf, ...] = ()
    overruled_count: int = 0
    rejected: tuple[Rejected, ...] = ()
    merged_before: tuple[tuple[str, str], ...] = ()
    placements: tuple[Placement, ...] = ()

    def sentence(self) -> str:
        """The verdict for people.

        Examples
        --------
        >>> print(ImportVerdict(3, "estate.yaml", "exchange", Counts(2, 1), Counts(), Counts(), ("db",)).sentence())
        Revision 3 from estate.yaml (exchange): created 2 entities and 1 relation. 1 placeholder.
        """
        parts = [
            f"{word} {counted(one)}"
            for word, one in (("created", self.created), ("changed", self.changed), ("removed", self.removed))
            if one
        ]
        if self.noted:
            parts.append(f"noted who states {counted(self.noted)}")
        if self.unchanged:
            parts.append(f"{counted(self.unchanged)} were as stated")
        text = (
            f"Revision {self.revision} from {self.source} ({self.format}): {'; '.join(parts) or 'nothing was stated'}."
        )
        if parts and not (self.created or self.changed or self.removed or self.noted):
            text = f"Nothing changed: {parts[0]} in {self.source} ({self.format}); still revision {self.revision}."
        return text + summary(self)

    def to_json(self) -> dict[str, object]:
        """The verdict for programs."""
        found = asdict(self)
        found["warnings"] = [fault_json(one) for one in self.warnings]
        found["overruled"] = [one.to_json() for one in self.overruled]
        found["rejected"] = [one.to_json() for one in self.rejected]
        del found["placements"]
        return {**found, "register": placements_json(self.placements)} if self.placements else found


class _Outcome(Protocol):
    """What a plan and a verdict have in common."""

    @property
    def source(self) -> str: ...
    @property
    def placeholders(self) -> Sequence[str]: ...
    @property
    def became_placeholders(self) -> Sequence[str]: ...
    @property
    def rejected(self) -> Sequence[Rejected]: ...
    @property
    def overruled_count(self) -> int: ...
    @property
    def warning_count(self) -> int: ...
    @property
    def passed_over(self) -> Sequence[str]: ...
    @property
    def no_longer_stated(self) -> Sequence[RelationKey]: ...
    @property
    def merged_before(self) -> Sequence[tuple[str, str]]: ...


def summary(one: _Outcome) -> str:
    """What is to be said of an import beside what it writes, each a sentence after a space."""
    text = ""
    if number := len(one.rejected):
        text += f" {_number(number, 'statement')} rejected and left out."
    for number, word, more in (
        (len(one.placeholders), "placeholder", ""),
        (one.warning_count, "warning", ""),
        (len(one.passed_over), "file", " passed over, of no known format"),
    ):
        if number:
            text += f" {_number(number, word)}{more}."
    if number := len(one.merged_before):
        was = "was" if number == 1 else "were"
        listed = ", ".join(f"{id} → {into}" for id, into in one.merged_before[:_LISTED])
        more = f" and {number - _LISTED:,} more" if number > _LISTED else ""
        text += f" {_number(number, 'id')} {was} merged before: {listed}{more}."
    if number := len(one.became_placeholders):
        become = "becomes a placeholder" if number == 1 else "become placeholders"
        them = "it" if number == 1 else "them"
        text += f" {_entities(number)} no longer stated {become}: others need {them}."
    if number := one.overruled_count:
        stands = "does" if number == 1 else "do"
        text += f" {_number(number, 'value')} of {one.source} {stands} not stand: sources before it say otherwise."
    if number := len(one.no_longer_stated):
        are, them = ("is", "it is") if number == 1 else ("are", "they are")
        text += f" {_number(number, 'relation')} that {one.source} stated before {are} stated no longer: {them} kept."
    return text


def fault_json(one: Fault) -> dict[str, object]:
    """A fault or warning for programs."""
    sheet = getattr(one.origin, "sheet", "")  # of a workbook
    return {
        "file": one.origin.file,
        **({"sheet": sheet} if sheet else {}),
        "line": one.origin.line,
        "id": one.subject,
        "field": one.field,
        "rule": one.rule,
        "message": one.message,
    }


def counted(counts: Counts) -> str:
    """How many, in words.

    Examples
    --------
    >>> counted(Counts(1, 1)), counted(Counts(0, 2)), counted(Counts(3, 0))
    ('1 entity and 1 relation', '0 entities and 2 relations', '3 entities and 0 relations')
    """
    return f"{_entities(counts.entities)} and {_number(counts.relations, 'relation')}"


def _entities(number: int) -> str:
    return f"{number:,} {'entity' if number == 1 else 'entities'}"


def _number(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
