"""Obligations and evidence: from a clause to what shows that it is met, and back (4 to 10, 9.1, 9.2, 9.3).

`Assurance` is the face of it: ``Graph.obligations`` in Python; ``graphsms clauses``, ``evidence``, ``gaps`` and others
on the command line.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphsms.analysis.part import GraphPart
from graphsms.clauses import Catalogue, catalogue
from graphsms.model import Revision

if TYPE_CHECKING:
    from typing import Unpack

    from graphsms.analysis.documents_answer import DocumentRegister
    from graphsms.analysis.obligation_answer import Obligations
    from graphsms.clauses import Guidance
    from graphsms.clauses.references import Meant
    from graphsms.clauses.terms import Term
    from graphsms.obligations.assessment import Assessment
    from graphsms.obligations.audits import Audits, SampleOptions
    from graphsms.obligations.gap_assessment import GapAssessment, Time
    from graphsms.obligations.kpi_answer import KeyFigures
    from graphsms.obligations.operation import OperationalHistory
    from graphsms.obligations.readiness import Readiness
    from graphsms.obligations.review.face import ManagementReviews
    from graphsms.obligations.sample import Sample
    from graphsms.obligations.served import Served
    from graphsms.obligations.worksheet import Worksheet

__all__ = ["Assurance"]


class Assurance(GraphPart):
    """What is demanded, and what shows that it is met. Made by ``Graph.obligations``.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     g.obligations.meant("8.2.6").clause.title
    'Configuration management'
    """

    @property
    def catalogue(self) -> Catalogue:
        """Both editions of the standard, in our own words."""
        return catalogue(self._store.vocabulary)

    def meant(self, reference: str, edition: str | None = None) -> Meant:
        """What a reference such as ``8.2.3.1 a)`` means; see `graphsms.clauses.references.meant`."""
        from graphsms.clauses.references import meant

        return meant(reference, self.catalogue, edition)

    def states(
        self,
        edition: str | None = None,
        *,
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Obligations:
        """The state of evidence of every requirement; see `graphsms.analysis.obligations.obligations`."""
        from graphsms.obligations.standing import states

        return states(
            self._store,
            edition,
            policy=None if policy is None else str(policy),
            at=self._at(at),
            as_of=self._as_of(as_of),
            zone=self._zone,
        )

    def served_by(
        self,
        record: str,
        edition: str | None = None,
        *,
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Served:
        """Which requirements a record, document or agreement serves; see `graphsms.obligations.served.served`."""
        from graphsms.obligations.served import served

        return served(self._store, record, self.states(edition, policy=policy, at=at, as_of=as_of))

    @property
    def audits(self) -> Audits:
        """Samples, the audit programme and nonconformities; see `graphsms.obligations.audits.Audits`."""
        from graphsms.obligations.audits import Audits

        return Audits(self._store, self._zone, at=self._at, as_of=self._as_of)

    @property
    def review(self) -> ManagementReviews:
        """Management reviews: the pack, and what they decided; see `graphsms.obligations.review`."""
        from graphsms.obligations.review.face import ManagementReviews

        return ManagementReviews(self._store, self._zone, at=self._at, as_of=self._as_of)

    def sample(self, **asked: Unpack[SampleOptions]) -> Sample:
        """Records drawn for an audit, the same for everybody; see `graphsms.obligations.sampling.draw`."""
        return self.audits.sample(asked)

    def oscal(
        self,
        what: str = "results",
        edition: str | None = None,
        *,
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> dict[str, Any]:
        """The ``catalog``, or the ``results`` of the assessment, as OSCAL; see `graphsms.obligations.oscal`."""
        from graphsms.obligations.oscal import oscal_catalog, oscal_results

        if what == "catalog":
            return oscal_catalog(self.catalogue, edition)
        answer = self.states(edition, policy=policy, at=at, as_of=as_of)
        return oscal_results(answer, {one.id: one for one in self._store.entities(at=answer.revision)})

    def assess(self, reference: str | None = None, edition: str | None = None, **asked: Any) -> Assessment:
        """Run the checks for an edition or clause and keep what they give; see `graphsms.obligations.assess.assess`."""
        from graphsms.obligations.assess import assess

        moment = self._as_of(asked.pop("as_of", None))
        return assess(self._store, reference, edition, as_of=moment, zone=self._zone, **asked)

    @property
    def _gaps(self) -> GapAssessment:
        from graphsms.obligations.gap_assessment import GapAssessment

        return GapAssessment(self._store, self._zone, at=self._at, as_of=self._as_of)

    def worksheet(self, edition: str | None = None, clause: str | None = None, **time: Unpack[Time]) -> Worksheet:
        """The gap assessment worksheet; see `graphsms.obligations.worksheet_making.make_worksheet`."""
        return self._gaps.worksheet(edition, clause, time)

    def readiness(self, edition: str | None = None, **time: Unpack[Time]) -> Readiness:
        """What stands against a certification; see `graphsms.obligations.readiness.readiness`."""
        return self._gaps.readiness(edition, time)

    def history(self, **time: Unpack[Time]) -> OperationalHistory:
        """Since when each process has left records; see `graphsms.obligations.operation.operational_history`."""
        return self._gaps.history(time)

    def guidance(self, kind: str | None = None, reference: str | None = None) -> tuple[Guidance, ...]:
        """Guidance of a kind, on a clause or requirement; see `graphsms.clauses.guidance.guidance_on`."""
        from graphsms.clauses.guidance import guidance_on

        return guidance_on(self.catalogue, kind, self.meant(reference) if reference else None)

    def terms(self, word: str | None = None, edition: str | None = None) -> tuple[Term, ...]:
        """The defined terms, or those that a word stands in; see `graphsms.clauses.terms.terms_on`."""
        from graphsms.clauses.terms import terms_on

        return terms_on(word, None if edition is None else self.catalogue.edition(edition))

    def documents(
        self, clause: str | None = None, edition: str | None = None, *, every: bool = False, **time: Unpack[Time]
    ) -> DocumentRegister:
        """What a clause wants documented, or all there is; see `graphsms.analysis.documents.document_register`."""
        from graphsms.analysis.documents import document_register

        policy = time.get("policy")
        return document_register(
            self._store,
            clause,
            edition,
            every=every,
            policy=None if policy is None else str(policy),
            at=self._at(time.get("at")),
            as_of=self._as_of(time.get("as_of")),
            zone=self._zone,
        )

    def kpi(self, name: str | None = None, *, since: int | str | None = None, **asked: Any) -> KeyFigures:
        """Key figures and their trend ``since`` a revision or a date; see `graphsms.obligations.kpi.key_figures`."""
        from graphsms.obligations.kpi import asked_since, key_figures

        asked |= {"at": self._at(asked.get("at")), "as_of": self._as_of(asked.get("as_of"))}
        return key_figures(self._store, name, **asked_since(since, self._zone), **asked, zone=self._zone)

    def load(self, *, actor: str = "", reason: str = "") -> Revision:
        """Put the catalogue into the graph, for queries over both; see `graphsms.obligations.loading.load`."""
        from graphsms.obligations.loading import load

        return load(self._store, actor=actor, reason=reason)
