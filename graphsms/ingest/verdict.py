"""What an import says of itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from graphsms.ingest.plan import Counts
from graphsms.model import Fault, RelationKey

__all__ = ["FileVerdict", "ImportVerdict"]


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

    def sentence(self) -> str:
        """The verdict for people.

        Examples
        --------
        >>> print(ImportVerdict(3, "estate.yaml", "exchange", Counts(2, 1), Counts(), Counts(), ("db",)).sentence())
        Revision 3 from estate.yaml (exchange): created 2 entities and 1 relation. 1 placeholder.
        """
        parts = [
            f"{word} {_counted(one)}"
            for word, one in (("created", self.created), ("changed", self.changed))
            if _any(one)
        ]
        if _any(self.unchanged):
            parts.append(f"{_counted(self.unchanged)} were as stated")
        text = (
            f"Revision {self.revision} from {self.source} ({self.format}): {'; '.join(parts) or 'nothing was stated'}."
        )
        if not _any(self.created) and not _any(self.changed) and parts:
            text = f"Nothing changed: {parts[0]} in {self.source} ({self.format}); still revision {self.revision}."
        for number, word in (
            (len(self.placeholders), "placeholder"),
            (self.warning_count, "warning"),
            (len(self.passed_over), "file"),
        ):
            if number:
                more = " passed over, of no known format" if word == "file" else ""
                text += f" {_number(number, word)}{more}."
        if number := len(self.no_longer_stated):
            are, them = ("is", "it is") if number == 1 else ("are", "they are")
            text += (
                f" {_number(number, 'relation')} that {self.source} stated before {are} stated no longer: {them} kept."
            )
        return text

    def to_json(self) -> dict[str, object]:
        """The verdict for programs."""
        found = asdict(self)
        found["warnings"] = [
            {"file": one.origin.file, "line": one.origin.line, "id": one.subject, "field": one.field, "rule": one.rule,
             "message": one.message}
            for one in self.warnings
        ]  # fmt: skip
        return found


def _any(counts: Counts) -> bool:
    return bool(counts.entities or counts.relations)


def _counted(counts: Counts) -> str:
    entities = f"{counts.entities:,} {'entity' if counts.entities == 1 else 'entities'}"
    return f"{entities} and {_number(counts.relations, 'relation')}"


def _number(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
