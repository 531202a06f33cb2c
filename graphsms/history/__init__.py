"""The history of a graph: what changed, when, by whom, under which request; baselines; undoing; proof (8.2.6, 8.5.1.3).

`History` is the face of it: `graphsms.Graph.history` in Python, ``graphsms log``, ``history``, ``diff``,
``baseline``, ``revert`` and ``verify-journal`` on the command line. All of it is what was *recorded*: a
revision. What is *valid* at a moment is another question, which the analyses ask of the state that a revision
recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, tzinfo

from graphsms.asked import asked_id, asked_ids, asked_limit
from graphsms.errors import InputError, UnknownIdError
from graphsms.history.answers import Difference, EntityHistory, Log
from graphsms.history.baseline import (
    Baseline,
    Baselines,
    baseline,
    baselines,
    is_a_date,
    is_a_point,
)
from graphsms.history.baseline_making import create_baseline
from graphsms.history.points import revision_meant, since_meant
from graphsms.history.reading import baseline_difference, difference, history_of, log, revision_of
from graphsms.history.reversal import Reversal, plan_return, plan_reversal, revert
from graphsms.history.verification import JournalVerdict, ProgressCallback, verify_journal
from graphsms.model import Entity, Revision
from graphsms.moments import moment
from graphsms.store import Store

__all__ = ["History"]


class History:
    """What a graph was, and how it became what it is.

    Wherever a revision is asked for, a number, a date, a moment or the name of a baseline will do. A bare date is
    the whole day in the organization's zone: what was recorded by its end.

    Parameters
    ----------
    store : Store
    zone : tzinfo
        Of dates that state none.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     one = g.apply(graphsms.ChangeSet(entities=[graphsms.Entity("web", "Service")], actor="Ada"))
    ...     two = g.apply(graphsms.ChangeSet(entities=[graphsms.Entity("web", "Service", {"name": "Shop"})]))
    ...     print(g.history.diff(1, 2).sentence())
    ...     print(g.history.verify().intact)
    From revision 1 to revision 2, 1 entity is different: created 0, changed 1, removed 0.
    True
    """

    def __init__(self, store: Store, zone: tzinfo = UTC) -> None:
        self._store = store
        self._zone = zone

    def at(self, given: int | str | None) -> int | None:
        """The number of the revision that is meant; None, the present one, where nothing is given.

        Raises
        ------
        InputError
            There is no such revision or baseline, or it is no date.
        """
        return revision_meant(self._store, given, self._zone)

    def revision(self, given: int | str | None = None) -> Revision:
        """The revision that is meant, with its time and who made it; the present one where nothing is given."""
        return revision_of(self._store, self._number(given))

    def log(
        self,
        *,
        since: int | str | None = None,
        until: int | str | None = None,
        actor: str | None = None,
        request: str | None = None,
        limit: int | None = None,
    ) -> Log:
        """Revisions, newest first, from the beginning of a day to the end of another; see
        `graphsms.history.reading.log`."""
        first, last = since_meant(self._store, since, self._zone), self.at(until)
        most = None if limit is None else asked_limit(limit)
        return log(self._store, since=first, until=last, actor=actor, request=request, limit=most)

    def of(
        self, id: str, *, since: int | str | None = None, until: int | str | None = None, limit: int | None = None
    ) -> EntityHistory:
        """Every revision that touched an entity or one of its relations, field by field, newest first.

        Raises
        ------
        UnknownIdError
            There never was an entity of that id.
        """
        first, last = since_meant(self._store, since, self._zone), self.at(until)
        most = None if limit is None else asked_limit(limit)
        return history_of(self._store, asked_id(id), since=first, until=last, limit=most)

    def diff(
        self,
        since: int | str,
        until: int | str | None = None,
        *,
        type: str | None = None,
        ids: Iterable[str] = (),
    ) -> Difference:
        """What is different at a revision, or now, from what was at another; only of a type, or of some entities.

        Raises
        ------
        InputError
            There is no such revision, baseline or type.
        UnknownIdError
            There never was an entity of one of the ids.
        """
        if type is not None and type not in self._store.vocabulary.types:
            from graphsms.ingest.nearest import did_you_mean

            hint = did_you_mean(type, self._store.vocabulary.types)
            raise InputError(f"The ontology has no type {type!r}.{hint}")
        wanted = asked_ids(ids)
        for id in wanted:
            if self._store.entity(id) is None and not self._store.touched_of(id):
                raise UnknownIdError(id, self._store.nearest_ids(id))
        return difference(self._store, self._number(since), self._number(until), type=type, ids=wanted)

    def removed(self, id: str) -> int:
        """The revision that removed the entity of an id, where there was one; else 0."""
        touched = [one for one in self._store.touched_of(id) if isinstance(one.before, Entity)]
        return touched[-1].revision if touched and touched[-1].after is None else 0

    # ----------------------------------------------------------------------------------- baselines

    def baselines(self) -> Baselines:
        """Those that are there now."""
        return baselines(self._store)

    def baseline(self, name: str) -> Baseline:
        """The baseline of an id or a name; by its id also one that has been removed.

        Raises
        ------
        InputError
            There is none, or several have that name.
        """
        found = baseline(self._store, asked_id(name))
        if found is None:
            from graphsms.ingest.nearest import did_you_mean

            known = [one.id for one in baselines(self._store)]
            raise InputError(
                f"There is no baseline {name!r}.{did_you_mean(name, known)} `graphsms baseline list` shows them."
            )
        return found

    def create_baseline(
        self,
        name: str,
        *items: str | Iterable[str],
        at: int | str | None = None,
        release: str | None = None,
        actor: str = "",
        reason: str = "",
        request: str = "",
    ) -> Baseline:
        """Keep the state of configuration items, or of the whole graph, under a name; see
        `graphsms.history.baseline_making.create_baseline`."""
        said = None if at is None or isinstance(at, int) or not is_a_date(at) else moment(at, self._zone)
        return create_baseline(
            self._store,
            asked_id(name),
            asked_ids(*items),
            at=self.at(at),
            moment=said,
            release=release,
            actor=actor,
            reason=reason,
            request=request,
        )

    def baseline_diff(self, name: str, other: int | str | None = None) -> Difference:
        """What is different, in another baseline, at a revision or now, from what a baseline holds.

        Raises
        ------
        InputError
            There is no such baseline or revision, or a baseline holds no revision of this graph.
        """
        found = self.baseline(name)
        if isinstance(other, str) and not is_a_point(other):
            return baseline_difference(self._store, found, self.baseline(other))
        return baseline_difference(self._store, found, self._number(other))

    # ------------------------------------------------------------------------------ undoing, proof

    def revert(
        self,
        revision: int | str | None = None,
        *,
        to: int | str | None = None,
        dry_run: bool = False,
        actor: str = "",
        reason: str = "",
        request: str = "",
    ) -> Reversal:
        """Undo what one revision did, or go back ``to`` the state of one, by a new revision.

        Parameters
        ----------
        revision : int
            The one to undo. Refused where later revisions touched the same things.
        to : int or str
            Instead: the state to go back to, also a date or a baseline. What came after is given up.
        dry_run : bool
            Only say what would be done, and what stands in the way.
        actor, reason, request : str
            Who, why, and under which request for change.

        Raises
        ------
        InputError
            Neither or both are given, or there is no such revision.
        ConflictError
            Later revisions touched the same things (``conflicts`` lists them); nothing was changed.
        """
        if (revision is None) == (to is None):
            raise InputError("Give the revision that is to be undone, or the state to go back to: one of the two.")
        if revision is not None:
            if not str(revision).strip().isdecimal():
                raise InputError(f"{revision!r} is no number of a revision: what is undone is one; see `graphsms log`.")
            plan = plan_reversal(self._store, int(revision))
        else:
            plan = plan_return(self._store, self._number(to))
        return plan if dry_run else revert(plan, self._store, actor=actor, reason=reason, request=request)

    def verify(self, *, kept: str = "", progress: ProgressCallback | None = None) -> JournalVerdict:
        """Whether every revision is what was written; see `graphsms.history.verification.verify_journal`."""
        return verify_journal(self._store, kept=kept, progress=progress)

    def _number(self, given: int | str | None) -> int:
        found = self.at(given)
        return self._store.revision().number if found is None else found
