"""Audits in Python: ``Graph.obligations.sample`` and ``Graph.obligations.audits`` (9.2, 10.1)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from graphsms.analysis.estate import Estate, estate
from graphsms.analysis.part import GraphPart
from graphsms.errors import InputError
from graphsms.moments import window

if TYPE_CHECKING:
    from graphsms.obligations.nonconformities import Nonconformities
    from graphsms.obligations.programme import Programme
    from graphsms.obligations.sample import Sample

__all__ = ["Audits", "SampleOptions"]


class SampleOptions(TypedDict, total=False):
    """What a sample is asked by; see `graphsms.obligations.sampling.draw`.

    ``keep`` stores it as a record; ``actor`` and ``reason`` are for the history.
    """

    clause: str | None
    type: str | None
    size: int
    seed: int
    by: str | None
    since: str | None
    until: str | None
    edition: str | None
    keep: bool
    actor: str
    reason: str
    at: int | str | None
    as_of: str | None


class Audits(GraphPart):
    """Samples, the audit programme and nonconformities of a graph. Made by ``Graph.obligations.audits``."""

    def sample(self, asked: SampleOptions) -> Sample:
        """Draw a sample, and keep it where that is asked.

        Raises
        ------
        InputError
            Size or seed is not said, or another thing is wrong; a past revision cannot keep anything.
        """
        for needed in ("size", "seed"):
            if needed not in asked:
                raise InputError(f"Say the {needed} of the sample.")
        unknown = sorted(set(asked) - SampleOptions.__annotations__.keys())
        if unknown:
            raise InputError(f"A sample is not asked by {', '.join(unknown)}.")
        at = asked.get("at")
        if asked.get("keep") and at is not None:
            raise InputError("A sample is kept in the present graph: leave out which revision it is drawn from.")
        since, until = window(asked.get("since"), asked.get("until"), self._zone)
        read = self._read(at, asked.get("as_of"), None)
        from graphsms.obligations.sampling import draw, keep

        found = draw(
            read,
            clause=asked.get("clause"),
            type=asked.get("type"),
            size=asked["size"],
            seed=asked["seed"],
            by=asked.get("by"),
            since=since,
            until=until,
            edition=asked.get("edition"),
        )
        if not asked.get("keep"):
            return found
        revision, id = keep(read, found, actor=asked.get("actor", ""), reason=asked.get("reason", ""))
        return replace(found, kept=id, kept_in=revision)

    def programme(
        self,
        edition: str | None = None,
        *,
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Programme:
        """Which clause was audited when, and by when to audit it again; see `graphsms.obligations.audit_programme`."""
        from graphsms.obligations.audit_programme import programme

        return programme(self._read(at, as_of, policy), edition)

    def nonconformities(self, *, at: int | str | None = None, as_of: str | None = None) -> Nonconformities:
        """Nonconformities with their causes, actions and effects; see `graphsms.obligations.nonconformities`."""
        from graphsms.obligations.nonconformities import nonconformities

        return nonconformities(self._read(at, as_of, None))

    def _read(self, at: int | str | None, as_of: str | None, policy: str | Path | None) -> Estate:
        options = {} if policy is None else {"evidence policy": str(policy)}
        return estate(self._store, self._at(at), self._as_of(as_of), self._zone, options)
