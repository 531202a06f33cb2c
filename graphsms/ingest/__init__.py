"""Reading files into the graph: readers of formats, the checks, and the import as one atomic change set.

A reader turns files into raw statements (`graphsms.ingest.reader`); they are made canonical
(`graphsms.ingest.check`), set against the graph (`graphsms.ingest.plan`) and judged together
(`graphsms.ingest.rules`). One fault anywhere keeps all of it out.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from graphsms.errors import ConflictError, InputError, RejectedError
from graphsms.ingest.check import Findings, Stated, check
from graphsms.ingest.files import Chosen, choose, default_source
from graphsms.ingest.plan import Counts, Plan, plan
from graphsms.ingest.reader import Locating, RawRelation, RawStatement
from graphsms.ingest.rules import Surroundings, judge
from graphsms.ingest.verdict import FileVerdict, ImportVerdict
from graphsms.model import ChangeSet, Origin
from graphsms.moments import now
from graphsms.store import SourceState, files_of
from graphsms.values import canonical
from graphsms.vocabulary import PropertyType, Vocabulary

if TYPE_CHECKING:
    from graphsms.store import Store

__all__ = ["Counts", "FileVerdict", "ImportVerdict", "ProgressCallback", "ingest"]

# Takes how much is done, and of how much: bytes of the files, each counted as read and as stored.
ProgressCallback: TypeAlias = Callable[[int, int], None]

_ATTEMPTS: Final = 5
_STEP: Final = 4096
_DURATION: Final = PropertyType("fresh_for", "", "", "", (), False, "duration", None, False, False)
_T = TypeVar("_T")


def ingest(
    store: Store,
    paths: Sequence[Path],
    *,
    format: str | None = None,
    source: str | None = None,
    strict: bool = False,
    actor: str = "",
    reason: str = "",
    request: str = "",
    fresh_for: str = "",
    zone: tzinfo = UTC,
    progress: ProgressCallback | None = None,
) -> ImportVerdict:
    """Import files or folders: all of them in one revision, or nothing.

    Parameters
    ----------
    store : Store
    paths : sequence of Path
        Files, and folders of which the recognized files are read. They are one source, whatever their
        formats; each is judged by the rules of its own.
    format : str, optional
        Read every named file in this format, whatever it looks like.
    source : str, optional
        What to call where it comes from. Without it, the name of the file or folder.
    strict : bool
        In foreign formats too, a missing target or one of the wrong kind is a fault.
    actor, reason, request : str
        Who, why, under which request for change.
    fresh_for : str
        For how long the source counts as fresh (ISO 8601 duration), or "" for no limit.
    zone : tzinfo
        Of dates and times that say none.
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
    What a source first stated and no longer says of an entity or relation is taken away, unless another
    source or person has set it; entities and relations themselves are never removed. Importing the same
    again makes no revision. All statements are held in memory: some 2 kB an entity with four relations.
    """
    chosen = choose(paths, format, apart=files_of(store))
    name = source or default_source(paths)
    try:
        canonical(_DURATION, fresh_for or "P1D", store.vocabulary)
    except ValueError as error:
        raise InputError(f"fresh_for {error}.") from None
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with _collector_off():
                verdict = _attempt(
                    store, chosen, name, strict, zone, _Progress(chosen.files, progress),
                    ChangeSet(actor=actor, reason=reason, request=request, source=name),
                )  # fmt: skip
            break
        except ConflictError:  # somebody has written meanwhile: plan again on what there is now
            if attempt == _ATTEMPTS:
                raise
    store.note_import(SourceState(name, verdict.format, now(), fresh_for))
    return verdict


def _attempt(
    store: Store, chosen: Chosen, source: str, strict: bool, zone: tzinfo, progress: _Progress, changes: ChangeSet
) -> ImportVerdict:
    faults, warnings = Findings(), Findings()
    order = {str(path): number for number, path in enumerate(chosen.files)}
    stated, files = _read(chosen, store.vocabulary, zone, progress, faults, warnings)
    # Where a whole file could not be read, what refers into it would only be blamed for that.
    if all(one.subject or one.field for one in faults):
        refused = {one.subject for one in faults}
        made = plan(stated, store, source, strict=strict, refused=refused, fault=faults.add, warn=warnings.add)
        around = Surroundings(made.known, made.present, lambda id: _members(id, store))
        judge(stated, store.vocabulary, around, strict=strict, fault=faults.add, warn=warnings.add)
    if faults.total:
        kept = _located(faults, chosen).in_order(order)
        number = "1 fault" if faults.total == 1 else f"{faults.total:,} faults"
        raise RejectedError(f"Nothing of {source} was imported: {number}, the first being {kept[0]}", kept)
    return ImportVerdict(
        revision=_applied(store, stated, made, changes, progress),
        source=source,
        format=", ".join(reader.name for reader, _ in chosen.by_reader),
        created=made.created,
        changed=made.changed,
        unchanged=made.unchanged,
        placeholders=tuple(sorted(made.placeholders)),
        warnings=warnings.in_order(order),
        warning_count=warnings.total,
        no_longer_stated=tuple(sorted(made.no_longer_stated)),
        files=files,
        passed_over=tuple(str(path) for path in chosen.passed_over),
    )


def _read(
    chosen: Chosen, vocabulary: Vocabulary, zone: tzinfo, progress: _Progress, faults: Findings, warnings: Findings
) -> tuple[Stated, tuple[FileVerdict, ...]]:
    stated = Stated()
    files: list[FileVerdict] = []
    for reader, paths in chosen.by_reader:
        if reader.foreign:
            stated.foreign.update(str(path) for path in paths)
        entities: Counter[str] = Counter()
        relations: Counter[str] = Counter()
        statements = reader.read(paths, vocabulary, faults.add, warnings.add)
        try:
            for one in progress.reading(
                check(statements, vocabulary, stated, zone=zone, fault=faults.add, warn=warnings.add)
            ):
                (relations if isinstance(one, RawRelation) else entities)[one.origin.file] += 1
        except RejectedError as error:
            for fault in error.faults:
                faults.add(fault)
        files += (
            FileVerdict(file, reader.name, entities[file], relations[file]) for file in (str(path) for path in paths)
        )
    return stated, tuple(files)


def _located(faults: Findings, chosen: Chosen) -> Findings:
    """The faults, with the line of those whose reader did not know it."""
    readers = {str(path): (reader, path) for reader, paths in chosen.by_reader for path in paths}
    located = Findings()
    for fault in faults:
        reader, path = readers.get(fault.origin.file, (None, None))
        if fault.subject and fault.origin.line is None and path is not None and isinstance(reader, Locating):
            fault = replace(fault, origin=Origin(fault.origin.file, reader.line_naming(path, fault.subject)))
        located.add(fault)
    return located


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


def _applied(store: Store, stated: Stated, made: Plan, changes: ChangeSet, progress: _Progress) -> int:
    """The number of the revision that the plan makes, or of the present one where it is empty."""
    if not made:
        progress.finish()
        return made.base
    number = len(made.entities) + len(made.relations)
    entities = progress.storing((stated.entity(id, by) for id, by in made.entities.items()), number)
    relations = progress.storing((stated.relation(key, by) for key, by in made.relations.items()), number)
    revision = store.apply(replace(changes, base=made.base, entities=entities, relations=relations))
    progress.finish()
    return revision.number


def _members(id: str, store: Store) -> Iterator[str]:
    """The members of a group of the graph; nothing where it is no group."""
    entity = store.entity(id)
    quorum = store.vocabulary.types[entity.type].quorum if entity is not None else None
    if quorum is not None:
        for relation in store.relations(subjects=[id], type=quorum.relation):
            yield relation.object


class _Progress:
    """How far an import has come: each byte of the files counts once when read and once when stored."""

    def __init__(self, files: Sequence[Path], tell: ProgressCallback | None) -> None:
        self._tell = tell
        self._sizes = {str(path): path.stat().st_size for path in files} if tell is not None else {}
        self._lines: dict[str, int] = {}
        self._bytes = sum(self._sizes.values())
        self._stored = 0

    def reading(self, statements: Iterable[RawStatement]) -> Iterable[RawStatement]:
        """The statements as they come; where one stands shows how far the reading is."""
        return statements if self._tell is None else self._told(statements, self._tell)

    def _told(self, statements: Iterable[RawStatement], tell: ProgressCallback) -> Iterator[RawStatement]:
        for number, statement in enumerate(statements):
            yield statement
            if number % _STEP == 0:
                tell(self._read(statement.origin), 2 * self._bytes)
        tell(self._bytes, 2 * self._bytes)

    def _read(self, origin: Origin) -> int:
        before = 0
        for file, size in self._sizes.items():
            if file == origin.file:
                if file not in self._lines:
                    self._lines[file] = Path(file).read_bytes().count(b"\n") + 1
                return before + size * min(origin.line or 0, self._lines[file]) // self._lines[file]
            before += size
        return before

    def storing(self, items: Iterable[_T], total: int) -> Iterable[_T]:
        """What is to be stored, as it is taken."""
        return items if self._tell is None else self._counted(items, total, self._tell)

    def _counted(self, items: Iterable[_T], total: int, tell: ProgressCallback) -> Iterator[_T]:
        for item in items:
            yield item
            self._stored += 1
            if self._stored % _STEP == 0:
                tell(self._bytes + self._bytes * self._stored // total, 2 * self._bytes)

    def finish(self) -> None:
        """All is stored, or nothing was left to store."""
        if self._tell is not None:
            self._tell(2 * self._bytes, 2 * self._bytes)
