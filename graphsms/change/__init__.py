"""Change: from a request for change to the decision on it, and what became of it (8.5.1, 8.5.2, 8.5.3).

`Change` is the face of it: ``Graph.change`` in Python, ``graphsms change`` on the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphsms.analysis.part import GraphPart
from graphsms.asked import asked_id, asked_ids
from graphsms.change.policy import ChangePolicy, read_policy
from graphsms.change.requests import Request, Touched, read_requests
from graphsms.model import Revision

if TYPE_CHECKING:
    from graphsms.analysis.impact import Explanation
    from graphsms.change.assessment import Assessment
    from graphsms.change.classification import Classifications
    from graphsms.model import Revision

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

    def classify(
        self,
        *ids: str | Iterable[str],
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Classifications:
        """Category, route, risk and major impact by the rules of the policy; without ids of all that are not made yet.

        See `graphsms.change.classification.classify`.
        """
        from graphsms.change.classification import classifications

        rules, number = self.policy(policy), self._at(at)
        asked = read_requests(self._store, rules, asked_ids(*ids) if ids else None, number)
        chosen = asked if ids else [one for one in asked if one.status in rules.undecided | rules.ahead]
        return classifications(self._store, rules, chosen, at=number, as_of=self._as_of(as_of))

    def assess(
        self,
        *ids: str | Iterable[str],
        policy: str | Path | None = None,
        with_context: bool = True,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Assessment:
        """What has to be considered before changes are decided on; see `graphsms.change.assess.assess`.

        ``as_of`` is, where it is not given, when the first of their windows begins.
        """
        from graphsms.change.assess import assess

        rules = self.policy(policy)
        moment = self._as_of(as_of)
        return assess(
            self._store,
            rules,
            asked_ids(*ids),
            at=self._at(at),
            as_of=moment,
            with_context=with_context,
            zone=self._zone,
        )

    def explain(
        self,
        target: str,
        *ids: str | Iterable[str],
        policy: str | Path | None = None,
        with_context: bool = True,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Explanation:
        """Why an entity is in the state that the assessment of changes says; parameters as of `assess`."""
        from graphsms.change.grounds import grounds_of

        rules, moment = self.policy(policy), self._as_of(as_of)
        asked = asked_ids(*ids)
        grounds = grounds_of(self._store, rules, asked, at=self._at(at), as_of=moment, with_context=with_context)
        return grounds.explain(asked_id(target))

    def judge(
        self,
        request: str,
        entity: str,
        *,
        impacted: bool,
        why: str,
        by: str,
        state: str | None = None,
        actor: str = "",
    ) -> Revision:
        """Record a person's judgement in the assessment of a change; see `graphsms.change.judgements.judge`."""
        from graphsms.change.judgements import judge

        return judge(
            self._store, self.policy(), asked_id(request), asked_id(entity),
            impacted=impacted, why=why, by=asked_id(by), state=state, actor=actor, zone=self._zone,
        )  # fmt: skip

    def withdraw(self, request: str, entity: str, *, actor: str = "") -> Revision:
        """Take a judgement back; see `graphsms.change.judgements.withdraw`."""
        from graphsms.change.judgements import withdraw

        return withdraw(self._store, self.policy(), asked_id(request), asked_id(entity), actor=actor)
