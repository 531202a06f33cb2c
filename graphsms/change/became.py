"""What became of changes: the part of the face of changes that is asked after they were made (8.5.1.3, 8.5.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphsms.analysis.part import GraphPart
from graphsms.asked import asked_id, asked_ids
from graphsms.change.kept_policy import policy_of
from graphsms.change.policy import ChangePolicy
from graphsms.errors import InputError
from graphsms.moments import window

if TYPE_CHECKING:
    from graphsms.change.prediction_figures import Predictions
    from graphsms.change.release_states import Releases
    from graphsms.change.reviewed import Reviews
    from graphsms.change.trend_figures import Trends
    from graphsms.model import Revision

__all__ = ["Became"]


class Became(GraphPart):
    """What became of the changes of a graph. Part of ``Graph.change``."""

    def policy(self, policy: str | Path | None = None, *, at: int | str | None = None) -> ChangePolicy:
        """The policy that holds: of a file, or kept with the graph at a revision, or ours.

        Raises
        ------
        RejectedError
            The file is no policy; every fault is listed.
        InputError
            Several policies are kept.
        """
        return policy_of(self._store, policy, self._at(at))

    def done(
        self,
        request: str,
        status: str = "deployed",
        *,
        started: str | None = None,
        ended: str | None = None,
        outcome: str = "",
        root_cause: str = "",
        policy: str | Path | None = None,
        actor: str = "",
    ) -> Revision:
        """Record that a change was made or failed, when, and with which outcome; see `graphsms.change.made.done`."""
        from graphsms.change.made import done, happened

        since, _ = window(started, ended, self._zone)
        until = happened(ended, self._zone) if ended is not None else ""
        return done(
            self._store, self.policy(policy), asked_id(request), status, started=since or "",
            ended=until, outcome=outcome, root_cause=root_cause, actor=actor, zone=self._zone,
        )  # fmt: skip

    def reviews(
        self,
        *ids: str | Iterable[str],
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Reviews:
        """How far the reviews of changes are; without ids of all that were made and are not closed.

        See `graphsms.change.review.reviews`.
        """
        from graphsms.change.review import reviews

        rules, asked = self.policy(policy, at=at), asked_ids(*ids)
        return reviews(self._store, rules, asked or None, at=self._at(at), as_of=self._as_of(as_of))

    def review(
        self,
        request: str,
        *,
        by: str,
        effectiveness: str = "",
        result: str = "",
        root_cause: str = "",
        actions: Sequence[tuple[str, str, str]] = (),
        reviewed_at: str | None = None,
        close: bool = False,
        policy: str | Path | None = None,
        actor: str = "",
    ) -> Revision:
        """Record the review of a change and what was agreed, and close it if told to.

        See `graphsms.change.review.review`.
        """
        from graphsms.change.made import happened
        from graphsms.change.review import review

        when = "" if reviewed_at is None else happened(reviewed_at, self._zone)
        return review(
            self._store, self.policy(policy), asked_id(request), by=asked_id(by),
            effectiveness=effectiveness, result=result, root_cause=root_cause, actions=actions,
            reviewed_at=when, close=close, actor=actor, zone=self._zone,
        )  # fmt: skip

    def trends(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        within: str | None = None,
        keep: bool = False,
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
        actor: str = "",
    ) -> Trends:
        """What the changes of a period show together, beside the last record; with ``keep`` it is recorded itself.

        A bare date is a whole day, the last one included. See `graphsms.change.trends.trends`.

        Raises
        ------
        InputError
            Also where an earlier revision or another moment than now is to be recorded.
        """
        from graphsms.change.trends import record, trends

        if keep and (at is not None or as_of is not None):
            raise InputError("What is recorded is what is known now: leave the revision and the moment out.")
        rules = self.policy(policy, at=at)
        start, end = window(since, until, self._zone)
        found = trends(
            self._store, rules, since=start, until=end, within=within, at=self._at(at), as_of=self._as_of(as_of)
        )
        return record(self._store, rules, found, actor=actor) if keep else found

    def releases(
        self,
        *ids: str | Iterable[str],
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Releases:
        """Releases with their contents, acceptance, deployment, and the incidents related to them; without ids all.

        See `graphsms.change.releases.releases`.
        """
        from graphsms.change.releases import releases

        rules, asked = self.policy(policy, at=at), asked_ids(*ids)
        return releases(self._store, rules, asked or None, at=self._at(at), as_of=self._as_of(as_of))

    def predictions(
        self,
        *ids: str | Iterable[str],
        since: str | None = None,
        until: str | None = None,
        within: str | None = None,
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> Predictions:
        """How good the prediction of impact was, against the incidents after; without ids of all that were made.

        See `graphsms.change.prediction.predictions`.
        """
        from graphsms.change.prediction import predictions

        rules, asked = self.policy(policy, at=at), asked_ids(*ids)
        start, end = window(since, until, self._zone)
        return predictions(
            self._store, rules, asked or None, since=start, until=end, within=within, at=self._at(at),
            as_of=self._as_of(as_of), progress=progress,
        )  # fmt: skip
