"""The files of an import read, checked, set against the graph and judged: everything but the writing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final

from graphsms.errors import InputError, RejectedError
from graphsms.ingest.check import Findings, Stated, check
from graphsms.ingest.draft import draft
from graphsms.ingest.drafted import Draft
from graphsms.ingest.files import Chosen
from graphsms.ingest.merged import MergedBefore
from graphsms.ingest.progress import Progress
from graphsms.ingest.prune import TENTH, Allowance, guard
from graphsms.ingest.reader import INCOMPLETE, NO_ZONE, Bundling, Locating, RawRelation, RawRelations, RawStatement
from graphsms.ingest.rejects import Rejected, Rejects
from graphsms.ingest.rules import Surroundings, judge
from graphsms.ingest.verdict import FileVerdict
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

if TYPE_CHECKING:
    from graphsms.store import Store

__all__ = ["Options", "Prepared", "prepared"]

ROOM: Final = 200_000  # statements that are held in memory; beyond that they go to temporary files
_REJECTED: Final = 1_000_000  # faults that are kept where what is wrong is left out


@dataclass(frozen=True, slots=True)
class Options:
    """How files are to be taken; see `graphsms.ingest.ingest`. ``named`` is whether the source was given a name.

    A ``zone`` of None is one that nobody has said: then it is UTC, and readers tell where that matters.
    """

    source: str
    named: bool = True
    strict: bool = False
    zone: tzinfo | None = None
    prune: bool = False
    skip_invalid: bool = False
    allowed: Allowance = TENTH


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be written, and what is to be said of it. ``guard`` says why not without a further word;
    ``merged_before`` holds former ids that are stated, each with the id that stands for it now."""

    draft: Draft
    files: tuple[FileVerdict, ...]
    warnings: tuple[Fault, ...]
    warning_count: int
    rejected: tuple[Rejected, ...]
    guard: str
    merged_before: tuple[tuple[str, str], ...]


def prepared(store: Store, chosen: Chosen, options: Options, progress: Progress) -> Prepared:
    """Read files and find out what they would change.

    Raises
    ------
    RejectedError
        They have faults, which are not to be left out or cannot be.
    InputError
        What the source no longer has is to go, and it cannot be told what that is.
    """
    order = {str(path): number for number, path in enumerate(chosen.files)}
    faults, doubts = Findings(_REJECTED if options.skip_invalid else None), Findings()
    stated, files = _read(chosen, store.vocabulary, options.zone, progress, faults, doubts)
    _require_all_of_it(doubts, options)
    rejects = Rejects(chosen) if options.skip_invalid else None
    merged = MergedBefore(store, lambda one: faults.add(one), doubts.add)
    while True:
        if rejects is not None and faults.total:
            first = not rejects
            if not rejects.take_out(faults, stated) and not first:
                raise _refused(faults, chosen, options, order)  # what is wrong is none of what was stated
            _require_that_gone_can_be_told(rejects, options)
            faults = Findings(_REJECTED)
        merged.lead(stated)
        if rejects is not None:
            rejects.subjects |= {merged.of(id) for id in rejects.subjects}
        warnings = doubts.copy()
        made = None
        # Where a whole file could not be read, what refers into it would only be blamed for that.
        if all(one.subject or one.field for one in faults):
            made = _judged(store, stated, options, rejects, faults, warnings)
        if made is not None and not faults.total:
            break
        if rejects is None:
            raise _refused(faults, chosen, options, order)
    merged.require_base(made.base)
    _warn_of_another(store, made, options, chosen, warnings)
    if rejects:
        rejects.faults = [*_located(rejects.faults, chosen, _REJECTED)]
    return Prepared(
        made,
        files,
        warnings.in_order(order),
        warnings.total,
        rejects.listed(store.vocabulary) if rejects else (),
        _guard(made, options),
        tuple(sorted(merged.ids.items())),
    )


def _judged(
    store: Store, stated: Stated, options: Options, rejects: Rejects | None, faults: Findings, warnings: Findings
) -> Draft:
    made = draft(
        stated if rejects is None else stated.copy(),
        store,
        options.source,
        strict=options.strict,
        pruning=options.prune,
        apart=rejects.subjects if rejects is not None else (),
        refused={one.subject for one in faults},
        fault=faults.add,
        warn=warnings.add,
    )
    around = Surroundings(made.known, made.present, lambda id: _members(id, store))
    judge(made.view, store.vocabulary, around, strict=options.strict, fault=faults.add, warn=warnings.add)
    return made


def _require_that_gone_can_be_told(rejects: Rejects, options: Options) -> None:
    if options.prune and rejects.nameless:
        raise InputError(
            f"What {options.source} no longer has cannot be told where {rejects.faults[0].origin} has no id or cannot"
            " be read: correct that, or leave --prune out. Nothing was changed."
        )


def _require_all_of_it(doubts: Findings, options: Options) -> None:
    """What could not be read looks like what is gone: so a source that was not read whole is not pruned."""
    lacking = next((one for rule, one in doubts.first_by_rule.items() if rule in INCOMPLETE), None)
    if options.prune and lacking is not None:
        raise InputError(
            f"{options.source} was not read whole, so what it no longer has cannot be told; get the rest, or leave"
            f" --prune out. Nothing was changed. {lacking}"
        )


def _refused(faults: Findings, chosen: Chosen, options: Options, order: Mapping[str, int]) -> RejectedError:
    kept = _located(faults, chosen).in_order(order)
    number = "1 fault" if faults.total == 1 else f"{faults.total:,} faults"
    return RejectedError(f"Nothing of {options.source} was imported: {number}, the first being {kept[0]}", kept)


def _guard(made: Draft, options: Options) -> str:
    if options.prune:
        try:
            guard(made.pruned, options.source, options.allowed)
        except InputError as error:
            return str(error)
    return ""


def _warn_of_another(store: Store, made: Draft, options: Options, chosen: Chosen, warnings: Findings) -> None:
    """A source that goes by the name of its file may be another file of that name."""
    if options.named or made.again or not made.view.entities:
        return
    known = next((one for one in store.sources() if one.name == options.source), None)
    if known is not None and made.base:
        message = (
            f"A source {options.source} was imported on {known.last_import[:10]}, and nothing of what it stated is"
            " stated here: if this is another file of the same name, give it a name of its own with --source."
        )
        warnings.add(Fault(Origin(str(chosen.files[0])), "", "", "another-source", message))


def _read(
    chosen: Chosen,
    vocabulary: Vocabulary,
    said: tzinfo | None,
    progress: Progress,
    faults: Findings,
    warnings: Findings,
) -> tuple[Stated, tuple[FileVerdict, ...]]:
    stated = Stated(room=ROOM)
    files: list[FileVerdict] = []
    zone = said or UTC

    def warn(doubt: Fault) -> None:
        if said is None or doubt.rule != NO_ZONE:
            warnings.add(doubt)

    for reader, paths in chosen.by_reader:
        if reader.foreign:
            stated.foreign.update(str(path) for path in paths)
        entities: Counter[str] = Counter()
        relations: Counter[str] = Counter()
        read: Callable[..., Iterator[RawStatement | RawRelations]]
        read = reader.bundled if isinstance(reader, Bundling) else reader.read
        statements = read(paths, vocabulary, faults.add, warn)
        try:
            for one in progress.reading(
                check(statements, vocabulary, stated, zone=zone, fault=faults.add, warn=warnings.add)
            ):
                if isinstance(one, RawRelations):
                    relations[one.origin.file] += len(one.objects)
                else:
                    (relations if isinstance(one, RawRelation) else entities)[one.origin.file] += 1
        except RejectedError as error:
            for fault in error.faults:
                faults.add(fault)
        files += (
            FileVerdict(file, reader.name, entities[file], relations[file]) for file in (str(path) for path in paths)
        )
    return stated, tuple(files)


def _located(faults: Iterable[Fault], chosen: Chosen, keep: int | None = None) -> Findings:
    """The faults, with the line of those whose reader did not know it."""
    readers = {str(path): (reader, path) for reader, paths in chosen.by_reader for path in paths}
    located = Findings(keep)
    for fault in faults:
        reader, path = readers.get(fault.origin.file, (None, None))
        if fault.subject and fault.origin.line is None and path is not None and isinstance(reader, Locating):
            fault = replace(fault, origin=Origin(fault.origin.file, reader.line_naming(path, fault.subject)))
        located.add(fault)
    return located


def _members(id: str, store: Store) -> Iterator[str]:
    """The members of a group of the graph; nothing where it is no group."""
    entity = store.entity(id)
    quorum = store.vocabulary.types[entity.type].quorum if entity is not None else None
    if quorum is not None:
        for relation in store.relations(subjects=[id], type=quorum.relation):
            yield relation.object
