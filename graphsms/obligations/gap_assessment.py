"""What a gap assessment and the preparation of a certification ask of a graph; the face of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from graphsms.analysis.estate import Estate, estate
from graphsms.analysis.part import GraphPart

if TYPE_CHECKING:
    from graphsms.obligations.operation import OperationalHistory
    from graphsms.obligations.readiness import Readiness
    from graphsms.obligations.worksheet import Worksheet

__all__ = ["GapAssessment", "Time"]


class Time(TypedDict, total=False):
    """By which policy, and of which time: see `graphsms.analysis.obligations.obligations`."""

    policy: str | Path | None
    at: int | str | None
    as_of: str | None


class GapAssessment(GraphPart):
    """Gap assessment and readiness. Made by ``Graph.obligations``, which hands over to it."""

    def worksheet(self, edition: str | None, clause: str | None, time: Time) -> Worksheet:
        """See `graphsms.obligations.worksheet_making.make_worksheet`."""
        from graphsms.obligations.worksheet_making import make_worksheet

        return make_worksheet(
            self._store,
            edition,
            clause,
            policy=_policy(time),
            at=self._at(time.get("at")),
            as_of=self._as_of(time.get("as_of")),
            zone=self._zone,
        )

    def readiness(self, edition: str | None, time: Time) -> Readiness:
        """See `graphsms.obligations.readiness.readiness`."""
        from graphsms.obligations.maturity import maturity
        from graphsms.obligations.operation import operational_history
        from graphsms.obligations.readiness import readiness
        from graphsms.obligations.standing import states

        read = self._read(time)
        answer = states(
            self._store,
            edition,
            policy=_policy(time),
            at=read.revision.number,
            as_of=read.as_of,
            zone=self._zone,
        )
        return readiness(answer, operational_history(read), maturity(read))

    def history(self, time: Time) -> OperationalHistory:
        """See `graphsms.obligations.operation.operational_history`."""
        from graphsms.obligations.operation import operational_history

        return operational_history(self._read(time))

    def _read(self, time: Time) -> Estate:
        policy = _policy(time)
        options = {} if policy is None else {"evidence policy": policy}
        return estate(self._store, self._at(time.get("at")), self._as_of(time.get("as_of")), self._zone, options)


def _policy(time: Time) -> str | None:
    policy = time.get("policy")
    return None if policy is None else str(policy)
