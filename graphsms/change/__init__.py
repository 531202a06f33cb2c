"""Change: from a request for change to the decision on it, and what became of it (8.5.1, 8.5.2, 8.5.3).

`Change` is the face of it: ``Graph.change`` in Python, ``graphsms change`` on the command line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphsms.asked import asked_id, asked_ids
from graphsms.change.became import Became
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, Touched, read_requests
from graphsms.model import Revision
from graphsms.moments import window
from graphsms.moments import zone as time_zone

if TYPE_CHECKING:
    from graphsms.analysis.impact import Explanation
    from graphsms.change.assessment import Assessment
    from graphsms.change.classification import Classifications
    from graphsms.change.conflicts import Conflicts
    from graphsms.change.decisions import Decision
    from graphsms.change.forward import ForwardSchedule
    from graphsms.change.known import Known
    from graphsms.change.pack import Pack
    from graphsms.change.proposals import Proposals
    from graphsms.change.recording import Recorded
    from graphsms.change.standing import Decided
    from graphsms.model import Revision

__all__ = ["Change", "ChangePolicy", "Request", "Touched"]


class Change(Became):
    """The changes of a graph. Made by ``Graph.change``.

    Wherever a ``policy`` can be given, it is the file of one's own policy for change management; without it, that which
    is kept with the graph, at the revision that is asked about, or else ours.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet(entities=[graphsms.Entity("rfc-1", "RequestForChange")]))
    ...     [request.id for request in g.change.requests()]
    ['rfc-1']
    """

    def keep_policy(
        self, policy: str | Path, *, record: str = "", actor: str = "", reason: str = ""
    ) -> tuple[Revision, ChangePolicy]:
        """Keep the policy of a file with the graph; see `graphsms.change.kept_policy.keep_policy`."""
        from graphsms.change.kept_policy import keep_policy

        return keep_policy(self._store, policy, record=record, actor=actor, reason=reason)

    def let_go_of_policy(self, *, record: str = "", actor: str = "", reason: str = "") -> Revision:
        """Let ours hold again; see `graphsms.change.kept_policy.let_go_of_policy`."""
        from graphsms.change.kept_policy import let_go_of_policy

        return let_go_of_policy(self._store, record=record, actor=actor, reason=reason)

    def requests(
        self, ids: Sequence[str] | None = None, *, policy: str | Path | None = None, at: int | str | None = None
    ) -> list[Request]:
        """Requests for change with what they touch; without ids all of them, in order of their ids.

        Raises
        ------
        UnknownIdError, InputError
            There is no such entity, or it is no request for change.
        """
        return read_requests(self._store, self.policy(policy, at=at), ids, self._at(at))

    def conflicts(
        self,
        *ids: str | Iterable[str],
        undecided: bool = False,
        context: bool = True,
        start: str | None = None,
        end: str | None = None,
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Conflicts:
        """Redundancy that changes consume together, freezes, maintenance windows, overlaps: of those given, whatever
        has been decided on them; without ids of the whole schedule from ``as_of`` on.

        See `graphsms.change.conflicting.conflicts`.
        """
        from graphsms.change.conflicting import conflicts

        since, until = window(start, end, self._zone)
        return conflicts(self._store, self.policy(policy, at=at), asked_ids(*ids), undecided=undecided, context=context,
                         start=since, end=until, at=self._at(at), as_of=self._as_of(as_of))  # fmt: skip

    def windows(
        self,
        id: str,
        *,
        earliest: str | None = None,
        latest: str | None = None,
        length: str | None = None,
        count: int = 3,
        undecided: bool = False,
        context: bool = True,
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Proposals:
        """The nearest windows in which a change conflicts with nothing, in no freeze and in maintenance windows.

        See `graphsms.change.proposing.propose`.
        """
        from graphsms.change.proposing import propose

        since, until = window(earliest, latest, self._zone)
        return propose(self._store, self.policy(policy, at=at), asked_id(id), self._zone, earliest=since, latest=until,
                       length=length, count=count, undecided=undecided, context=context,
                       at=self._at(at), as_of=self._as_of(as_of))  # fmt: skip

    def create(
        self,
        *requests: Mapping[str, object],
        file: str | Path | None = None,
        policy: str | Path | None = None,
        zone: str | None = None,
        actor: str = "",
        reason: str = "",
    ) -> Recorded:
        """Record new requests for change, all of them or none: what each states, or the file that does.

        See `graphsms.change.stating` for what can be stated, and `graphsms.change.recording.create`.
        """
        from graphsms.change.recording import create
        from graphsms.change.stating import given

        stated, clock = given(requests, file), self._zone if zone is None else time_zone(zone)
        return create(self._store, self.policy(policy), stated, zone=clock, actor=actor, reason=reason)

    def edit(
        self,
        id: str,
        stated: Mapping[str, object] | None = None,
        *,
        touch: Mapping[str, str] | None = None,
        untouch: Iterable[str] = (),
        policy: str | Path | None = None,
        zone: str | None = None,
        actor: str = "",
        reason: str = "",
    ) -> Recorded:
        """Alter a request for change: what is stated takes the place of what was; see `graphsms.change.recording.edit`.

        ``touch`` says what it touches too, by its id in which mode, ``untouch`` what it touches no longer.
        """
        from graphsms.change.recording import edit

        rules, said = self.policy(policy), dict(stated or {})
        clock = self._zone if zone is None else time_zone(zone)
        return edit(self._store, rules, asked_id(id), said, touch=touch, untouch=asked_ids(untouch), zone=clock,
                    actor=actor, reason=reason)  # fmt: skip

    def known(
        self, id: str, *, policy: str | Path | None = None, at: int | str | None = None, as_of: str | None = None
    ) -> Known:
        """Everything that is known about a request; see `graphsms.change.known.known`."""
        from graphsms.change.known import known

        return known(self._store, self.policy(policy, at=at), asked_id(id), at=self._at(at), as_of=self._as_of(as_of))

    def schedule(
        self,
        start: str | None = None,
        end: str | None = None,
        *,
        status: Collection[str] = (),
        windows: bool = True,
        policy: str | Path | None = None,
        at: int | str | None = None,
    ) -> ForwardSchedule:
        """What is to be made when, beside freezes and maintenance windows; see `graphsms.change.forward`.

        Without ``start`` from now on, without ``end`` for four weeks. A bare date is a whole day of the organization.
        """
        from graphsms.change.forward import forward_schedule, time_meant

        span, rules = time_meant(start, end, self._zone), self.policy(policy, at=at)
        return forward_schedule(self._store, rules, *span, status=status, windows=windows, at=self._at(at))

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

        rules, number = self.policy(policy, at=at), self._at(at)
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

        rules = self.policy(policy, at=at)
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

        rules, moment = self.policy(policy, at=at), self._as_of(as_of)
        asked = asked_ids(*ids)
        grounds = grounds_of(self._store, rules, asked, at=self._at(at), as_of=moment, with_context=with_context)
        return grounds.explain(asked_id(target))

    def pack(
        self,
        *ids: str | Iterable[str],
        agenda: bool = False,
        start: str | None = None,
        end: str | None = None,
        policy: str | Path | None = None,
        with_context: bool = True,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Pack:
        """The CAB pack of changes that are assessed together, or as ``agenda`` the pack of a meeting.

        An agenda without ids is of the changes whose windows overlap ``start`` to ``end``; see `graphsms.change.pack`.
        """
        from graphsms.change.pack.making import make_agenda, make_pack, meeting

        rules, number, moment = self.policy(policy, at=at), self._at(at), self._as_of(as_of)
        asked = asked_ids(*ids)
        if agenda and not asked:
            asked = tuple(meeting(self._store, rules, *window(start, end, self._zone), number))
        make = make_agenda if agenda else make_pack
        return make(self._store, rules, asked, at=number, as_of=moment, with_context=with_context, zone=self._zone)

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

    def decisions(
        self, *ids: str | Iterable[str], policy: str | Path | None = None, at: int | str | None = None
    ) -> tuple[Decided, ...]:
        """The decisions on requests, and whether they still stand on what they were taken on; without ids, on all.

        See `graphsms.change.standing.Decided`.
        """
        from graphsms.change.standing import decided

        rules, number = self.policy(policy, at=at), self._at(at)
        return decided(self._store, rules, read_requests(self._store, rules, asked_ids(*ids) or None, number), number)

    def decide(
        self,
        request: str,
        outcome: str,
        *,
        by: str,
        conditions: str = "",
        why: str = "",
        priority: str = "",
        pack: str | Path | None = None,
        at: int | str | None = None,
        based_on: Sequence[str] = (),
        decided_in: str = "",
        decided_at: str | None = None,
        policy: str | Path | None = None,
        actor: str = "",
    ) -> tuple[Decision, Revision]:
        """Record what was decided on a request, on which pack (or ``at`` which revision); its state follows.

        See `graphsms.change.decisions.decide`.
        """
        from graphsms.change.decisions import Basis, decide, read_basis
        from graphsms.change.made import happened

        number = self._at(at)
        basis = read_basis(pack) if pack is not None else None if number is None else Basis(number)
        moment = happened(decided_at, self._zone) if decided_at else ""
        return decide(
            self._store, self.policy(policy), request, outcome, by=by, conditions=conditions, why=why, basis=basis,
            priority=priority, based_on=based_on, decided_in=decided_in, decided_at=moment, actor=actor,
            zone=self._zone,
        )  # fmt: skip
