"""Whether the history is what was written: every revision's hash, and every row's place, checked again.

A revision's hash covers the hash before it, its own fields, and all that it made (`graphsms.store.journal`). So a
revision or a row that was edited, removed, put in or reordered behind the store's back shows at the first
revision that it broke. Somebody who may write to the store, and knows how, can compute all hashes anew: that
shows only against a hash that was kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import groupby, takewhile
from operator import attrgetter
from typing import Any, Final, TypeAlias

from graphsms.errors import CorruptError, InputError
from graphsms.model import Revision, Touched
from graphsms.store import Store
from graphsms.store.journal import EMPTY, Images, hashed, image
from graphsms.store.versions import Census

__all__ = ["Broken", "JournalVerdict", "verify_journal"]

ProgressCallback: TypeAlias = Callable[[int, int | None], None]

_EVERY: Final = 1_000  # rows between two signs of progress
_HEX: Final = frozenset("0123456789abcdef")
_ADVICE: Final = "Restore a backup, or find out who wrote to the store."


@dataclass(frozen=True, slots=True)
class Broken:
    """The first revision that does not fit, by which rule, and what is wrong, in words.

    ``rule`` is one of ``revision-missing``, ``revision-out-of-order``, ``row-missing``, ``row-added``,
    ``hash-differs``, ``row-edited``, ``unreadable``, ``counts-differ``, ``hash-unknown``.
    """

    revision: int
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class JournalVerdict:
    """Whether a journal is intact.

    Parameters
    ----------
    revisions, rows : int
        How many revisions were checked, and how many states of entities and relations in them.
    present : Revision
        The last of them; whoever keeps its hash elsewhere can prove all of them.
    broken : Broken or None
    """

    revisions: int
    rows: int
    present: Revision
    broken: Broken | None = None

    @property
    def intact(self) -> bool:
        """Nothing was found."""
        return self.broken is None

    def sentence(self) -> str:
        """The answer in a sentence."""
        if self.broken is not None:
            return f"The journal is broken at revision {self.broken.revision}: {self.broken.message} {_ADVICE}"
        if not self.revisions:
            return "The journal is intact: there is no revision yet."
        revisions = "1 revision" if self.revisions == 1 else f"{self.revisions:,} revisions"
        states = "1 state" if self.rows == 1 else f"{self.rows:,} states"
        return f"The journal is intact: {revisions}, {states} of entities and relations."

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "intact": self.intact,
            "revisions": self.revisions,
            "rows": self.rows,
            "revision": self.present.number,
            "at": self.present.time,
            "hash": self.present.hash,
            "broken": None if self.broken is None else asdict(self.broken),
        }


def verify_journal(store: Store, *, kept: str = "", progress: ProgressCallback | None = None) -> JournalVerdict:
    """Check every revision against what the store holds of it.

    Parameters
    ----------
    store : Store
    kept : str
        The hash of a revision that was kept elsewhere, as `graphsms log --json` prints it: it must be among them.
    progress : callable, optional
        Told how many rows are checked, of how many.

    Raises
    ------
    InputError
        ``kept`` is no hash.
    UnavailableError
        A server is written to so busily that its rows cannot be counted.

    Notes
    -----
    Reads every state that was ever recorded, once; memory does not grow with them.

    Examples
    --------
    >>> import tempfile
    >>> from graphsms.model import ChangeSet, Entity
    >>> from graphsms.store import open_store
    >>> with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/estate.db") as store:
    ...     made = store.apply(ChangeSet(entities=[Entity("web", "Service")]))
    ...     verify_journal(store).sentence()
    'The journal is intact: 1 revision, 1 state of entities and relations.'
    """
    if kept and not (len(kept) == 64 and set(kept.lower()) <= _HEX):
        raise InputError(f"{kept[:80]!r} is no hash of a revision: it has 64 characters of 0-9 and a-f.")
    try:
        census = store.census()
    except CorruptError as error:
        last = EMPTY
        for one in store.revisions():
            if one.number != last.number + 1:
                break
            last = one
        return JournalVerdict(0, 0, last, Broken(last.number + 1, "unreadable", f"It cannot be read: {error}"))
    return _Check(store, census, kept.lower(), progress).verdict()


class _Check:
    """One pass over the revisions; ``rows`` counts on."""

    def __init__(
        self,
        store: Store,
        census: Census,
        kept: str,
        progress: ProgressCallback | None,
    ) -> None:
        self._store, self._present, self._census = store, census.present, census
        self._kept, self._progress = kept, progress
        self._faults: dict[int, str] = {}
        for number, fault in census.faults:
            self._faults.setdefault(number, fault)
        self._total = sum(census.begun.values())
        self._rows = self._made = 0
        self._seen = True

    def verdict(self) -> JournalVerdict:
        """What was found."""
        checked, broken = 0, None
        try:
            for checked, broken in self._revisions():  # noqa: B007 - the last ones count
                if broken is not None:
                    break
            else:
                broken = self._afterwards()
        except CorruptError as error:
            broken = Broken(checked + 1, "unreadable", f"It cannot be read: {error}")
        return JournalVerdict(checked, self._rows, self._present, broken)

    def _revisions(self) -> Iterator[tuple[int, Broken | None]]:
        """How many revisions have been checked, and what is wrong with the last of them."""
        last = self._present.number
        previous, made, seen = EMPTY, 0, not self._kept
        touched = groupby(self._store.touched(0, last), key=attrgetter("revision"))
        here: tuple[int, Iterable[Touched]] | None = None
        for revision in takewhile(lambda one: one.number <= last, self._store.revisions()):
            if revision.number != previous.number + 1:
                yield revision.number - 1, self._gap(previous.number + 1, revision.number)
                return
            if broken := self._miscounted(revision, previous):
                yield revision.number, broken
                return
            here = here or next(touched, None)
            with Images() as images:
                if here is not None and here[0] == revision.number:
                    for one in here[1]:
                        images.add(image(one))
                        self._row()
                    here = None
                if hashed(revision, previous.hash, images) != revision:
                    yield revision.number, self._other_hash(revision, previous, images)
                    return
            if revision.number in self._faults:
                yield revision.number, Broken(revision.number, "row-edited", self._faults[revision.number])
                return
            seen = seen or revision.hash == self._kept
            previous, made = revision, made + revision.created - revision.removed
            yield revision.number, None
        if previous.number != last:
            yield previous.number, self._gap(previous.number + 1, last + 1)
        self._made, self._seen = made, seen

    def _row(self) -> None:
        self._rows += 1
        if self._progress is not None and self._rows % _EVERY == 0:
            self._progress(self._rows, self._total)

    def _afterwards(self) -> Broken | None:
        """What belongs to no revision that there is."""
        last = self._present.number
        for rows in (self._census.begun, self._census.ended):
            strays = sorted(number for number, count in rows.items() if count and not 1 <= number <= last)
            if strays:
                number = strays[0]
                if number > last:
                    message = f"It is missing, and rows that it made or ended are there: {rows[number]:,}."
                    return Broken(number, "revision-missing", message)
                return Broken(max(last, 1), "row-added", f"{rows[number]:,} rows are there that no revision made.")
        for fault in self._faults.values():
            return Broken(max(last, 1), "row-added", fault)
        alive = self._census.alive
        if self._made != alive:
            message = f"The store counts {alive:,} entities and relations, and the revisions made {self._made:,}."
            return Broken(max(last, 1), "counts-differ", message)
        if not self._seen:
            message = "None of the revisions has the hash that was kept: the journal was written anew."
            return Broken(max(last, 1), "hash-unknown", message)
        return None

    # ------------------------------------------------------------------------ what is wrong, in words

    def _gap(self, first: int, found: int) -> Broken:
        missing = f"Revision {first} is" if found == first + 1 else f"The revisions {first} to {found - 1} are"
        return Broken(first, "revision-missing", f"{missing} missing.")

    def _miscounted(self, revision: Revision, previous: Revision) -> Broken | None:
        number = revision.number
        for rows, said, what in (
            (self._census.begun, revision.created + revision.changed, "that it made"),
            (self._census.ended, revision.changed + revision.removed, "that it ended"),
        ):
            counted = rows.get(number, 0)
            if counted != said:
                if place := self._place(revision, previous):
                    return place
                less, many = counted < said, abs(counted - said)
                there = "missing" if less else "there too many"
                message = f"{many:,} of the rows {what} {'is' if many == 1 else 'are'} {there}: it says {said:,}."
                return Broken(number, "row-missing" if less else "row-added", message)
        return None

    def _other_hash(self, revision: Revision, previous: Revision, images: Images) -> Broken:
        if place := self._place(revision, previous, images):
            return place
        return Broken(
            revision.number,
            "hash-differs",
            "Its hash is not that of what is there: its time, actor, reason, request, source or counts were edited, or"
            f" one of the {revision.created + revision.changed + revision.removed:,} things that it touched.",
        )

    def _place(self, revision: Revision, previous: Revision, images: Images | None = None) -> Broken | None:
        """Whether another revision stood here."""
        number = revision.number
        older = None
        for one in takewhile(lambda one: one.number <= self._present.number, self._store.revisions(number)):
            if images is not None and hashed(replace(one, number=number), previous.hash, images).hash == one.hash:
                message = f"What stands as revision {one.number} was revision {number}: they were reordered."
                return Broken(number, "revision-out-of-order", message)
            if one.time < revision.time and older is None:
                older = one
        if older is None and revision.time >= previous.time:
            return None
        other = older.number if older is not None else previous.number
        message = f"Its time does not fit that of revision {other}: revisions were reordered, or a time was edited."
        return Broken(number, "revision-out-of-order", message)
