"""The Python face of configuration information (8.2.6): is it complete, right, fresh, and there once?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from graphsms.analysis.part import GraphPart
from graphsms.errors import InputError
from graphsms.ingest.nearest import did_you_mean

if TYPE_CHECKING:
    from graphsms.analysis.attestation_answers import Answers
    from graphsms.analysis.configuration import Completeness
    from graphsms.analysis.expiry import Expiring
    from graphsms.analysis.merging import Merge
    from graphsms.analysis.reconciliation import Duplicates
    from graphsms.analysis.verification import Verification
    from graphsms.model import Revision

__all__ = ["ConfigurationInformation"]


class ConfigurationInformation(GraphPart):
    """What is recorded, seen as something that has to be right itself. Made by ``Graph.configuration``.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(entities=[
    ...         graphsms.Entity("scan:7", "Server", {"serialNumber": "hx40-00871"}),
    ...         graphsms.Entity("web-1", "Server", {"serialNumber": "HX40 00871", "name": "Web 1"})]))
    ...     print(g.configuration.merge("web-1", "scan:7").sentence())
    Revision 2: merged scan:7 into web-1: 0 relations rewired, 0 dropped, 1 conflict.
    """

    def completeness(
        self,
        *,
        type: str | None = None,
        policy: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Completeness:
        """What is recorded of each type, and how fresh it is; see `graphsms.analysis.configuration.completeness`."""
        from graphsms.analysis.configuration import completeness

        return completeness(
            self._store,
            type=self._type(type),
            at=self._at(at),
            as_of=self._as_of(as_of),
            zone=self._zone,
            policy=None if policy is None else str(policy),
        )

    def expiring(
        self, within: str = "90d", *, type: str | None = None, at: int | str | None = None, as_of: str | None = None
    ) -> Expiring:
        """What has ended or ends soon, and what depends on it; see `graphsms.analysis.expiry.expiring`."""
        from graphsms.analysis.expiry import expiring

        moment = self._as_of(as_of)
        return expiring(self._store, within, type=self._type(type), at=self._at(at), as_of=moment, zone=self._zone)

    def duplicates(
        self,
        *,
        type: str | None = None,
        rules: str | Path | None = None,
        least: float | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Duplicates:
        """What may be recorded twice; see `graphsms.analysis.reconciliation.duplicates`."""
        from graphsms.analysis.reconciliation import duplicates

        moment = self._as_of(as_of)
        return duplicates(self._store, type=self._type(type), rules=rules, least=least, at=self._at(at), as_of=moment)

    def merge(
        self, keep: str, *others: str, dry_run: bool = False, actor: str = "", reason: str = "", request: str = ""
    ) -> Merge:
        """Make one entity of several, in one revision; see `graphsms.analysis.merging.merge`."""
        from graphsms.analysis.merging import merge

        return merge(self._store, keep, others, dry_run=dry_run, actor=actor, reason=reason, request=request)

    def reject(self, one: str, other: str, *, by: str = "", why: str = "", actor: str = "") -> Revision:
        """Remember that two entities are different; see `graphsms.analysis.rejection.reject`."""
        from graphsms.analysis.rejection import reject

        return reject(self._store, one, other, by=by, why=why, actor=actor)

    def verify(
        self,
        *paths: str | Path,
        source: str | None = None,
        format: str | None = None,
        mapping: str | Path | None = None,
        type: str | None = None,
        rules: str | Path | None = None,
        at: int | str | None = None,
        as_of: str | None = None,
        keep: bool = False,
        actor: str = "",
        reason: str = "",
    ) -> Verification:
        """The graph held against a second source, not imported; see `graphsms.analysis.verification.verify`."""
        from graphsms.analysis.verification import verify

        return verify(
            self._store,
            [Path(path) for path in paths],
            source=source,
            format=format,
            mapping=None if mapping is None else Path(mapping),
            type=self._type(type),
            rules=rules,
            at=self._at(at),
            as_of=self._as_of(as_of),
            zone=self._zone,
            keep=keep,
            actor=actor,
            reason=reason,
        )

    def attestation_lists(
        self, folder: str | Path, *, owner: str | None = None, form: str = "csv"
    ) -> list[tuple[str, int, Path]]:
        """Write a list for each owner to confirm or correct; the owners, how many items, and the files."""
        from graphsms.analysis.attestation_files import write_lists
        from graphsms.analysis.attestation_lists import lists

        found = lists(self._store, owner, zone=self._zone)
        paths = write_lists(found, Path(folder), form)
        return [(one.owner, len(one.items), path) for one, path in zip(found, paths, strict=True)]

    def attest(
        self,
        *paths: str | Path,
        apply: bool = False,
        as_of: str | None = None,
        actor: str = "",
        reason: str = "",
        request: str = "",
    ) -> Answers:
        """Take in the lists that came back; see `graphsms.analysis.attestation.attest`."""
        from graphsms.analysis.attestation import attest
        from graphsms.analysis.attestation_files import read_answers

        rows = read_answers([Path(path) for path in paths])
        moment = self._as_of(as_of)
        return attest(
            self._store, rows, apply=apply, as_of=moment, zone=self._zone, actor=actor, reason=reason, request=request
        )

    def _type(self, type: str | None) -> str | None:
        if type is None or type in self._store.vocabulary.types:
            return type
        hint = did_you_mean(type, list(self._store.vocabulary.types))
        raise InputError(f"The ontology has no type {type!r}.{hint}")
