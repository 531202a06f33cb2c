"""An import as a plan: every change that it would make, field by field, to be read, kept in a file, and applied.

A plan is of one store at one revision, under one ontology. Applied, it makes just these changes, or is refused
because the graph has moved on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graphsms.ingest.drafted import NONE, Counts, OverruledOf
from graphsms.ingest.placement import Placement, placements_json
from graphsms.ingest.planned import Action, Changes, PlannedChange
from graphsms.ingest.rejects import Rejected
from graphsms.ingest.verdict import FileVerdict, counted, fault_json, summary
from graphsms.model import ChangeSet, Entity, Fault, Relation, RelationKey

if TYPE_CHECKING:
    import pandas

__all__ = ["ImportPlan", "PlannedFile"]

# As the rows of tables of changes have it.
COLUMNS: Final = ("action", "id", "relation", "object", "field", "before", "after", "by")


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that a plan was made from: its path as given, and the SHA-256 of its content."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do, complete.

    Parameters
    ----------
    store : str
        Identity of the store that it is for.
    base : int
        The revision that it was made against.
    ontology : str
        Hash of the ontology that it was made under.
    source, format : str
    made : str
        When, canonical.
    changes : sequence of PlannedChange
        Entities before relations, what is new before what changes, what goes last. Where they are many, they stand in
        a temporary file, and are read from it anew each time.
    unchanged : Counts
        What is left alone.
    files : tuple of PlannedFile
    placeholders : tuple of str
        Ids that the files refer to and nothing describes.
    became_placeholders : tuple of str
        Ids that nothing describes any more, while relations of others still need them.
    rejected : tuple of Rejected
        What was left out, where that was asked for.
    overruled : tuple of OverruledOf
        What the source says and what does not stand; the first thousand, ``overruled_count`` are all.
    warnings : tuple of Fault
        The first thousand, ``warning_count`` are all.
    no_longer_stated : tuple of RelationKey
        Relations that the source stated before, kept.
    passed_over : tuple of str
        Files of folders that are of no known format.
    read : tuple of FileVerdict
        How much each file holds.
    guard : str
        Why it is not applied without a further word; "" where nothing stands against it.
    merged_before : tuple of (str, str)
        Ids that the files state and that went in a merge, each with the id that stands for it now.
    placements : tuple of Placement
        What became of each entry of a register of documents.
    fresh_for, actor, reason, request : str
        As given when it was made.
    """

    store: str
    base: int
    ontology: str
    source: str
    format: str
    made: str
    changes: Sequence[PlannedChange]
    unchanged: Counts = NONE
    files: tuple[PlannedFile, ...] = ()
    placeholders: tuple[str, ...] = ()
    became_placeholders: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    overruled: tuple[OverruledOf, ...] = ()
    overruled_count: int = 0
    warnings: tuple[Fault, ...] = ()
    warning_count: int = 0
    no_longer_stated: tuple[RelationKey, ...] = ()
    passed_over: tuple[str, ...] = ()
    read: tuple[FileVerdict, ...] = ()
    guard: str = ""
    merged_before: tuple[tuple[str, str], ...] = ()
    placements: tuple[Placement, ...] = ()
    fresh_for: str = ""
    actor: str = ""
    reason: str = ""
    request: str = ""

    def __bool__(self) -> bool:
        return bool(self.changes)

    def counts(self, action: Action) -> Counts:
        """How many entities and relations are created, changed, noted or removed."""
        if isinstance(self.changes, Changes):
            return self.changes.counts(action)
        kinds = Counter(isinstance(one.thing, Entity) for one in self.changes if one.action == action)
        return Counts(kinds[True], kinds[False])

    def change_set(self, *, actor: str = "", reason: str = "", request: str = "") -> ChangeSet:
        """The one change set that it is; who, why and under which request as given here, else as when it was made."""
        changes = self.changes
        gone = (one.thing for one in changes if one.after is None)
        untied = (one.thing for one in changes if one.after is None)
        return ChangeSet(
            entities=(one.after for one in changes if isinstance(one.after, Entity)),
            relations=(one.after for one in changes if isinstance(one.after, Relation)),
            removed_entities=(one.id for one in gone if isinstance(one, Entity)),
            removed_relations=(one.key for one in untied if isinstance(one, Relation)),
            actor=actor or self.actor,
            reason=reason or self.reason,
            request=request or self.request,
            source=self.source,
            base=self.base,
            exact=True,
        )

    def sentence(self) -> str:
        """The plan for people, in a sentence or a few."""
        parts = [
            f"{word} {counted(one)}"
            for word, one in (
                ("create", self.counts("create")),
                ("change", self.counts("change")),
                ("remove", self.counts("remove")),
                ("note who states", self.counts("note")),
            )
            if one
        ]
        alone = f"leave {counted(self.unchanged)} as they are" if self.unchanged else ""
        text = "; ".join([*parts, *filter(None, [alone])]) or "change nothing"
        begin = f"Importing {self.source} ({self.format}) into revision {self.base} would {text}."
        return begin + summary(self)

    def to_json(self) -> dict[str, object]:
        """The plan for programs, complete."""
        actions: tuple[Action, ...] = ("create", "change", "note", "remove")
        counts: dict[str, object] = {one: _counts_json(self.counts(one)) for one in actions}
        return {
            "source": self.source,
            "format": self.format,
            "base": self.base,
            "counts": {**counts, "unchanged": _counts_json(self.unchanged)},
            "changes": [one.to_json() for one in self.changes],
            "placeholders": list(self.placeholders),
            "became_placeholders": list(self.became_placeholders),
            "rejected": [one.to_json() for one in self.rejected],
            "overruled": [one.to_json() for one in self.overruled],
            "overruled_count": self.overruled_count,
            "warnings": [fault_json(one) for one in self.warnings],
            "warning_count": self.warning_count,
            "no_longer_stated": [list(one) for one in self.no_longer_stated],
            "merged_before": [list(one) for one in self.merged_before],
            "files": [{"file": one.file, "sha256": one.sha256} for one in self.files],
            "passed_over": list(self.passed_over),
            "guard": self.guard,
            **({"register": placements_json(self.placements)} if self.placements else {}),
        }

    def rows(self) -> Iterator[tuple[object, ...]]:
        """All changes, one row a field; then what was rejected, one row a fault."""
        for change in self.changes:
            yield from change.rows()
        for one in self.rejected:
            for fault in one.faults:
                yield ("reject", one.subject, None, None, fault.field, None, fault.message, None)

    def to_frame(self) -> pandas.DataFrame:
        """All of `rows` as a data frame."""
        import pandas

        return pandas.DataFrame.from_records(list(self.rows()), columns=list(COLUMNS))


def _counts_json(counts: Counts) -> dict[str, int]:
    return {"entities": counts.entities, "relations": counts.relations}
