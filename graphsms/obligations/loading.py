"""The catalogue put into the graph, as an import from a source of its own: again after an upgrade changes it there."""

from __future__ import annotations

from typing import Final

from graphsms.clauses import catalogue_files
from graphsms.ingest import ingest
from graphsms.model import Revision
from graphsms.store import Store

__all__ = ["SOURCE", "load"]

SOURCE: Final = "ISO/IEC 20000-1 catalogue"


def load(store: Store, *, actor: str = "", reason: str = "") -> Revision:
    """Put editions, clauses, requirements, guidance and checks into the graph, so that queries can follow them.

    Parameters
    ----------
    store : Store
    actor, reason : str
        For the history.

    Returns
    -------
    Revision
        The present one, where all of it was there already.

    Notes
    -----
    What a later catalogue no longer has goes with it, unless something else in the graph leads there.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     first, again = g.obligations.load(), g.obligations.load()
    ...     (first.number, again.number, g.entity("iso-20000-1-2018/8.2.6").name)
    (1, 1, 'Configuration management')
    """
    ingest(
        store,
        catalogue_files(),
        source=SOURCE,
        prune=True,
        allow_removals="100%",
        actor=actor,
        reason=reason or "The catalogue of clauses that is shipped",
    )
    return store.revision()
