"""The state of evidence, with kept results of checks held against what the checks give now."""

from __future__ import annotations

from datetime import UTC, tzinfo

from graphsms.analysis.estate import estate
from graphsms.analysis.obligation_answer import Obligations
from graphsms.analysis.obligations import obligations_of
from graphsms.clauses import catalogue
from graphsms.obligations.kept import current
from graphsms.store import Store

__all__ = ["states"]


def states(
    store: Store,
    edition: str | None = None,
    *,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
    policy: str | None = None,
) -> Obligations:
    """See `graphsms.analysis.obligations.obligations`, of which this is the one that knows how to run checks.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     states(g.store, "2011").edition
    '2011'
    """
    options = {} if policy is None else {"evidence policy": policy}
    read = estate(store, at, as_of, zone, options)
    return obligations_of(read, edition, current=current(read, catalogue(read.vocabulary)))
