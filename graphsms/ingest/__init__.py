"""Reading files into the graph: readers of formats, the checks, the plan, and the import as one atomic change set.

A reader turns files into raw statements (`graphsms.ingest.reader`); they are made canonical
(`graphsms.ingest.check`), set against the graph (`graphsms.ingest.draft`) and judged together
(`graphsms.ingest.rules`). One fault anywhere keeps all of it out, unless what is wrong is to be left out.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict, TypeVar, Unpack

from graphsms.errors import ConflictError, InputError
from graphsms.ingest.drafted import Counts
from graphsms.ingest.files import Chosen, choose, default_source
from graphsms.ingest.placement import Placement, Placing
from graphsms.ingest.plan import ImportPlan, PlannedFile
from graphsms.ingest.planned import FieldChange, PlannedChange, changes_of
from graphsms.ingest.progress import Progress, ProgressCallback
from graphsms.ingest.prune import Allowance
from graphsms.ingest.reader import Naming
from graphsms.ingest.reading import Options, Prepared, prepared
from graphsms.ingest.rejects import Rejected
from graphsms.ingest.verdict import FileVerdict, ImportVerdict
from graphsms.model import ChangeSet
from graphsms.moments import now
from graphsms.store import SourceState, files_of
from graphsms.values import canonical
from graphsms.vocabulary import PropertyType

if TYPE_CHECKING:
    from graphsms.store import Store

__all__ = [
    "Counts",
    "FieldChange",
    "FileVerdict",
    "ImportOptions",
    "ImportPlan",
    "ImportVerdict",
    "PlannedChange",
    "ProgressCallback",
    "Rejected",
    "apply_plan",
    "ingest",
    "plan",
]

_ATTEMPTS: Final = 5
_DURATION: Final = PropertyType("fresh_for", "", "", "", (), False, "duration", None, False, False)
_T = TypeVar("_T")


class ImportOptions(TypedDict, total=False):
    """What `ingest` and `plan` can be told beside the files; see `ingest`."""

    format: str | None
    mapping: str | Path | None
    source: str | None
    strict: bool
    prune: bool
    allow_removals: str | int | None
    skip_invalid: bool
    actor: str
    reason: str
    request: str
    fresh_for: str
    zone: tzinfo | None
    progress: ProgressCallback | None


def ingest(store: Store, paths: Sequence[Path], **options: Unpack[ImportOptions]) -> ImportVerdict:
    """Import files or folders: all of them in one revision, or nothing.

    Parameters
    ----------
    store : Store
    paths : sequence of Path
        Files, and folders of which the recognized files are read. They are one source, whatever their
        formats; each is judged by the rules of its own.
    format : str, optional
        Read every named file in this format, whatever it looks like.
    mapping : Path, optional
        What the columns of CSV and Excel files are: see `graphsms.ingest.tabular`. Without it, the one beside each.
    source : str, optional
        What to call where it comes from. Without it, the name of the file or folder.
    strict : bool
        In foreign formats too, a missing target or one of the wrong kind is a fault.
    prune : bool
        What this source stated before and no longer has goes, unless others state it too; what others need
        becomes a placeholder. Needs ``source``.
    allow_removals : str or int, optional
        How many entities (or relations) of the source may go: a number, or a percentage such as ``"25%"``; a
        tenth of them where nothing is said.
    skip_invalid : bool
        What is wrong is left out and listed, and the rest is imported.
    actor, reason, request : str
        Who, why, under which request for change.
    fresh_for : str
        For how long the source counts as fresh (ISO 8601 duration), or "" for no limit.
    zone : tzinfo, optional
        Of dates and times that say none; without it UTC, and a warning where a tool has kept them in a zone of its own.
    progress : callable, optional
        Told how far it has come.

    Returns
    -------
    ImportVerdict

    Raises
    ------
    RejectedError
        The files have faults; nothing was applied.
    InputError, StoreError

    Notes
    -----
    What a source says of an entity or relation replaces what it said before. What other sources say stays beside
    it, and what holds of all that is decided by their precedence (`graphsms.ingest.sources`). Importing the same
    again makes no revision. Up to 200,000 statements are held in memory, some 2 kB an entity with four relations;
    beyond that they go to temporary files (in the folder that the environment names as TMPDIR), some 0.5 kB an
    entity with four relations, twice that where the graph has something already.
    """
    chosen, how = _asked(store, paths, options)
    changes = ChangeSet(
        actor=options.get("actor", ""),
        reason=options.get("reason", ""),
        request=options.get("request", ""),
        source=how.source,
    )

    def attempt() -> ImportVerdict:
        telling = Progress(chosen.files, options.get("progress"))
        found = prepared(store, chosen, how, telling)
        if found.guard:
            raise InputError(found.guard)
        return _verdict(_applied(store, found, changes, telling), found, how, chosen)

    verdict = _attempts(attempt)
    store.note_import(SourceState(how.source, verdict.format, now(), options.get("fresh_for", "")))
    return verdict


def plan(store: Store, paths: Sequence[Path], **options: Unpack[ImportOptions]) -> ImportPlan:
    """What `ingest` would do with the same arguments, change by change; nothing is written.

    Returns
    -------
    ImportPlan
        To be looked at, kept (`graphsms.ingest.plan_files`) and applied by `apply_plan`.
    """
    chosen, how = _asked(store, paths, options)
    files = tuple(PlannedFile(str(path), _digest(path)) for path in chosen.files)
    telling = Progress(chosen.files, options.get("progress"))
    with _collector_off():
        found = prepared(store, chosen, how, telling)
    telling.finish()
    made = found.draft
    return ImportPlan(
        store=store.identity,
        base=made.base,
        ontology=store.vocabulary.hash,
        source=how.source,
        format=_format(chosen),
        made=now(),
        changes=changes_of(made),
        unchanged=made.unchanged,
        files=files,
        placeholders=tuple(sorted(made.placeholders)),
        became_placeholders=tuple(sorted(made.pruned.placeholders)),
        rejected=found.rejected,
        overruled=tuple(made.overruled),
        overruled_count=made.overruled_count,
        warnings=found.warnings,
        warning_count=found.warning_count,
        no_longer_stated=tuple(sorted(made.no_longer_stated)),
        passed_over=tuple(str(path) for path in chosen.passed_over),
        read=found.files,
        guard=found.guard,
        merged_before=found.merged_before,
        placements=_placements(chosen, found.rejected),
        fresh_for=options.get("fresh_for", ""),
        actor=options.get("actor", ""),
        reason=options.get("reason", ""),
        request=options.get("request", ""),
    )


def apply_plan(
    store: Store, plan: ImportPlan, *, actor: str = "", reason: str = "", request: str = ""
) -> ImportVerdict:
    """Make just the changes of a plan, all of them in one revision, or nothing.

    Parameters
    ----------
    store : Store
    plan : ImportPlan
    actor, reason, request : str
        In place of those that were given when the plan was made.

    Raises
    ------
    ConflictError
        The graph has moved on since, or the plan is of another store or made under another ontology.
    InputError
        It would remove more than it was allowed to.
    """
    if plan.store != store.identity:
        raise ConflictError(
            f"The plan was made for another store than {store.url}: plan the import into this one; nothing was changed."
        )
    if plan.ontology != store.vocabulary.hash:
        raise ConflictError("The plan was made under another ontology: plan the import anew; nothing was changed.")
    if plan.guard:
        raise InputError(plan.guard)
    present = store.revision()
    if plan.base != present.number:
        raise ConflictError(
            f"The plan was made from revision {plan.base}, and the graph is at {present.number} by now: plan the import"
            " anew; nothing was changed."
        )
    revision = store.apply(plan.change_set(actor=actor, reason=reason, request=request))
    store.note_import(SourceState(plan.source, plan.format, now(), plan.fresh_for))
    return ImportVerdict(
        revision=revision.number,
        source=plan.source,
        format=plan.format,
        created=plan.counts("create"),
        changed=plan.counts("change"),
        unchanged=plan.unchanged,
        placeholders=plan.placeholders,
        warnings=plan.warnings,
        warning_count=plan.warning_count,
        no_longer_stated=plan.no_longer_stated,
        files=plan.read,
        passed_over=plan.passed_over,
        noted=plan.counts("note"),
        removed=plan.counts("remove"),
        became_placeholders=plan.became_placeholders,
        overruled=plan.overruled,
        overruled_count=plan.overruled_count,
        rejected=plan.rejected,
        merged_before=plan.merged_before,
    )


def _asked(store: Store, paths: Sequence[Path], options: ImportOptions) -> tuple[Chosen, Options]:
    source, prune = options.get("source"), options.get("prune", False)
    if prune and not source:
        raise InputError("What a source no longer has can only be removed where the source is named: give --source.")
    allowed = Allowance.of(options.get("allow_removals"))
    try:
        canonical(_DURATION, options.get("fresh_for") or "P1D", store.vocabulary)
    except ValueError as error:
        raise InputError(f"fresh_for {error}.") from None
    said = options.get("mapping")
    mapping = None if said is None else Path(said)
    chosen = choose(paths, options.get("format"), mapping=mapping, apart=files_of(store))
    own = {one.source if isinstance(one, Naming) else "" for one, _ in chosen.by_reader}
    source = source or (own.pop() if len(own) == 1 else "")
    return chosen, Options(
        source=source or default_source(paths),
        named=bool(source),
        strict=options.get("strict", False),
        zone=options.get("zone"),
        prune=prune,
        skip_invalid=options.get("skip_invalid", False),
        allowed=allowed,
    )


def _attempts(attempt: Callable[[], _T]) -> _T:
    """Try again on what there is by then, where somebody has written meanwhile."""
    for number in range(1, _ATTEMPTS + 1):
        try:
            with _collector_off():
                return attempt()
        except ConflictError:
            if number == _ATTEMPTS:
                raise
    raise AssertionError


@contextmanager
def _collector_off() -> Iterator[None]:
    """Statements hold no circles, and looking for some among millions takes a third of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _applied(store: Store, found: Prepared, changes: ChangeSet, progress: Progress) -> int:
    """The number of the revision that it makes, or of the present one where nothing has to change."""
    made = found.draft
    if not made:
        progress.finish()
        return made.base
    number = len(made.new_entities) + len(made.entities) + len(made.new_relations) + len(made.relations)
    first = made.base == 0  # then all is new
    revision = store.apply(
        replace(
            changes,
            base=made.base,
            entities=progress.storing(made.created_entities() if first else made.written_entities(), number),
            relations=progress.storing(made.created_relations() if first else made.written_relations(), number),
            removed_entities=made.pruned.entities,
            removed_relations=made.pruned.relations,
            exact=True,
        )
    )
    progress.finish()
    return revision.number


def _verdict(revision: int, found: Prepared, options: Options, chosen: Chosen) -> ImportVerdict:
    made = found.draft
    return ImportVerdict(
        revision=revision,
        source=options.source,
        format=_format(chosen),
        created=made.created,
        changed=made.changed,
        unchanged=made.unchanged,
        placeholders=tuple(sorted(made.placeholders)),
        warnings=found.warnings,
        warning_count=found.warning_count,
        no_longer_stated=tuple(sorted(made.no_longer_stated)),
        files=found.files,
        passed_over=tuple(str(path) for path in chosen.passed_over),
        noted=made.noted,
        removed=Counts(len(made.pruned.entities), len(made.pruned.relations)),
        became_placeholders=tuple(sorted(made.pruned.placeholders)),
        overruled=tuple(made.overruled),
        overruled_count=made.overruled_count,
        rejected=found.rejected,
        merged_before=found.merged_before,
        placements=_placements(chosen, found.rejected),
    )


def _placements(chosen: Chosen, rejected: Sequence[Rejected]) -> tuple[Placement, ...]:
    """What readers of registers say became of each entry; what was left out is listed as that."""
    out = {one.subject for one in rejected if one.subject}
    readers = (reader for reader, _ in chosen.by_reader if isinstance(reader, Placing))
    return tuple(one for reader in readers for one in reader.placements() if one.id not in out)


def _format(chosen: Chosen) -> str:
    return ", ".join(reader.name for reader, _ in chosen.by_reader)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
