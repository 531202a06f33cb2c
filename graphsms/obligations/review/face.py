"""Management reviews in Python: ``Graph.obligations.review`` (9.3)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from graphsms.analysis.estate import estate
from graphsms.analysis.part import GraphPart
from graphsms.moments import window

if TYPE_CHECKING:
    from graphsms.obligations.review import ReviewPack
    from graphsms.obligations.review.recording import ReviewRecorded

__all__ = ["ManagementReviews"]


class ManagementReviews(GraphPart):
    """The pack of a management review, and what it decided. Made by ``Graph.obligations.review``."""

    def pack(
        self,
        *,
        since: str | None = None,
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> ReviewPack:
        """What the review looks at, since the last one; see `graphsms.obligations.review.making.make_review`.

        Without ``as_of`` it is about the time at which the revision was recorded, so that the revision alone says what
        comes out.
        """
        from graphsms.obligations.review.making import make_review

        options = {} if policy is None else {"evidence policy": str(policy)}
        read = estate(self._store, self._at(at), self._as_of(as_of), self._zone, options)
        if as_of is None and read.revision.time:
            read = estate(self._store, read.revision.number, read.revision.time, self._zone, options)
        return make_review(read, since=window(since, None, self._zone)[0])

    def record(self, stated: str | Path | Mapping[str, object], *, actor: str = "") -> ReviewRecorded:
        """Record a review that was held, from a file or a mapping; see `graphsms.obligations.review.recording`."""
        from graphsms.obligations.review.recording import record

        return record(self._store, stated, zone=self._zone, actor=actor)
