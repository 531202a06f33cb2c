"""Findings: what checks find wrong in the graph, over runs new, still there or gone, and what people decide about them.

A check is data (`graphsms.findings.checks`): a rule, its clause, how severe it is, over how many it is looked for, and
what finds where it does not hold: a query in SPARQL or one of our analyses. A finding is recognized by its rule and its
entities, so that a decision about it holds from one run to the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from graphsms.analysis.estate import Estate, estate
from graphsms.analysis.part import GraphPart
from graphsms.errors import ConflictError, InputError
from graphsms.findings.answer import Disposition, Finding, FindingsAnswer, Tally
from graphsms.findings.checks import Check, checks
from graphsms.findings.dispositions import Decision, decided, reopened
from graphsms.findings.life import compared
from graphsms.findings.run import examine
from graphsms.findings.stored import Stored, stored, to_store
from graphsms.ingest.hand import apply_by_hand
from graphsms.model import ChangeSet
from graphsms.moments import now

__all__ = ["Check", "Disposition", "Finding", "Findings", "FindingsAnswer", "Tally"]

_ATTEMPTS: Final = 5


class Findings(GraphPart):
    """The findings of a graph: run the checks, record what they find, decide about it. Made by ``Graph.findings``.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(entities=[graphsms.Entity("app", "Application")]))
    ...     [finding.identity for finding in g.findings.run(checks=["ci-without-expected-relation"]).open]
    ['ci-without-expected-relation:app,standsOn']
    """

    def checks(self, *, files: Sequence[str | Path] = ()) -> list[Check]:
        """Our checks, and those of one's own files."""
        return checks(self._store.vocabulary, files)

    def run(
        self,
        *,
        checks: Sequence[str] = (),
        files: Sequence[str | Path] = (),
        policy: str | Path | None = None,
        rules: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> FindingsAnswer:
        """Run checks and compare what they find with what is stored; nothing is written.

        Parameters
        ----------
        checks : sequence of str
            Ids of checks; without them, all.
        files : sequence of path
            Files of checks of one's own, beside ours.
        policy : path, optional
            A policy for configuration management of one's own instead of ours.
        rules : path, optional
            Rules of identification of one's own instead of ours.
        at, as_of : optional
            What was recorded then, and what was valid then.

        Returns
        -------
        FindingsAnswer

        Raises
        ------
        InputError
            A check does not exist or cannot be run.
        """
        answer, _, _ = self._run(checks, files, _told(policy, rules), self._at(at), self._as_of(as_of))
        return answer

    def record(
        self,
        *,
        checks: Sequence[str] = (),
        files: Sequence[str | Path] = (),
        policy: str | Path | None = None,
        rules: str | Path | None = None,
        actor: str = "",
        reason: str = "",
    ) -> FindingsAnswer:
        """Run checks on the present graph and store what they find, in one revision.

        What is stored of the same checks and is not found any more is gone from now on; of checks that are not
        run, everything stays as it is.

        Returns
        -------
        FindingsAnswer
            ``recorded`` is the revision that holds it.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            answer, read, before = self._run(checks, files, _told(policy, rules), None, None)
            entities, relations = to_store(answer.findings, before, read, read.as_of)
            try:
                revision = apply_by_hand(
                    self._store,
                    ChangeSet(
                        entities=entities,
                        relations=relations,
                        actor=actor,
                        reason=reason or f"Findings of {len(answer.tallies)} checks recorded",
                        base=read.revision.number,
                    ),
                )
                return replace(answer, recorded=revision.number)
            except ConflictError:  # somebody has written meanwhile: look again at what there is now
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError

    def dispose(
        self,
        identity: str,
        *,
        owner: str,
        due: str,
        through: Sequence[str] = (),
        by: str = "",
        why: str = "",
        files: Sequence[str | Path] = (),
        policy: str | Path | None = None,
        rules: str | Path | None = None,
        actor: str = "",
    ) -> Disposition:
        """Say who deals with a finding, by when, and through which risk, request for change or the like.

        Raises
        ------
        InputError
            There is no such finding, no such person, or what it is dealt with through is nothing of that kind.
        """
        decision = Decision(owner=owner, due=due, through=tuple(through), by=by, why=why)
        return self._decide(identity, decision, files, _told(policy, rules), actor)

    def accept(
        self,
        identity: str,
        *,
        why: str,
        until: str,
        by: str,
        files: Sequence[str | Path] = (),
        policy: str | Path | None = None,
        rules: str | Path | None = None,
        actor: str = "",
    ) -> Disposition:
        """Accept a finding until a day, after which it is open again.

        Raises
        ------
        InputError
            There is no such finding or person, or the day is past.
        """
        decision = Decision(accepted=True, until=until, by=by, why=why)
        return self._decide(identity, decision, files, _told(policy, rules), actor)

    def reopen(self, identity: str, *, why: str = "", actor: str = "") -> Disposition:
        """End what was decided about a finding; the decision stays readable.

        Raises
        ------
        InputError
            Nothing is decided about it.
        """
        read = estate(self._store, zone=self._zone)
        known = stored(read)
        apply_by_hand(
            self._store,
            ChangeSet(
                entities=[reopened(read, known, identity)],
                actor=actor,
                reason=why or f"Finding {identity} reopened",
                base=read.revision.number,
            ),
        )
        return stored(estate(self._store, zone=self._zone)).dispositions[identity]

    def _decide(
        self,
        identity: str,
        decision: Decision,
        files: Sequence[str | Path],
        told: Mapping[str, str],
        actor: str,
    ) -> Disposition:
        rule = identity.partition(":")[0]
        known = [check.id for check in self.checks(files=files)]
        run = [rule] if rule in known else []
        if run:
            answer, read, before = self._run(run, files, told, None, None)
            found = [one for one in answer.findings if one.identity == identity]
        else:
            read = estate(self._store, zone=self._zone)
            found, before = [], stored(read)
        if not found and identity not in before.findings and identity not in before.dispositions:
            from graphsms.ingest.nearest import did_you_mean

            near = did_you_mean(identity, [one.identity for one in answer.findings] if run else known)
            raise InputError(f"There is no finding {identity!r}.{near} `graphsms findings` lists them.")
        entities, relations, removed = decided(read, identity, decision)
        if identity not in before.findings:
            more = to_store(found, before, read, read.as_of)
            entities, relations = [*more[0], *entities], [*more[1], *relations]
        apply_by_hand(
            self._store,
            ChangeSet(
                entities=entities,
                relations=relations,
                removed_relations=removed,
                actor=actor,
                reason=f"Finding {identity} {decision.outcome}",
                base=read.revision.number,
            ),
        )
        return stored(estate(self._store, zone=self._zone)).dispositions[identity]

    def _run(
        self,
        only: Sequence[str],
        files: Sequence[str | Path],
        told: Mapping[str, str],
        at: int | None,
        as_of: str | None,
    ) -> tuple[FindingsAnswer, Estate, Stored]:
        read = estate(self._store, at, as_of or now(), self._zone, told)
        ran = examine(read, checks(self._store.vocabulary, files, only))
        before = stored(read)
        answer = compared(ran, read, before)
        return answer, read, before


def _told(policy: str | Path | None, rules: str | Path | None) -> dict[str, str]:
    """What checks are told by who asks."""
    return {name: str(file) for name, file in (("policy", policy), ("rules", rules)) if file is not None}
