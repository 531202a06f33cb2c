"""Change: from a request for change to the decision on it, and what became of it (8.5.1, 8.5.2, 8.5.3).

`Change` is the face of it: ``Graph.change`` in Python, ``graphsms change`` on the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from graphsms.analysis.part import GraphPart
from graphsms.change.policy import ChangePolicy, read_policy
from graphsms.change.requests import Request, Touched, read_requests

__all__ = ["Change", "ChangePolicy", "Request", "Touched"]


class Change(GraphPart):
    """The changes of a graph. Made by ``Graph.change``.

    Wherever a ``policy`` can be given, it is the file of one's own policy for change management; without it, ours.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet(entities=[graphsms.Entity("rfc-1", "RequestForChange")]))
    ...     [request.id for request in g.change.requests()]
    ['rfc-1']
    """

    def policy(self, policy: str | Path | None = None) -> ChangePolicy:
        """The policy that holds.

        Raises
        ------
        RejectedError
            The file is no policy; every fault is listed.
        """
        return read_policy(self._store.vocabulary, policy)

    def requests(
        self, ids: Sequence[str] | None = None, *, policy: str | Path | None = None, at: int | str | None = None
    ) -> list[Request]:
        """Requests for change with what they touch; without ids all of them, in order of their ids.

        Raises
        ------
        UnknownIdError, InputError
            There is no such entity, or it is no request for change.
        """
        return read_requests(self._store, self.policy(policy), ids, self._at(at))
