"""The Python face: open a store and ask it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graphsms.asked import asked_id, asked_ids, asked_limit, asked_text
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import ChangeSet, Entity, Fault, Relation, Revision
from graphsms.moments import moment, window
from graphsms.moments import zone as time_zone
from graphsms.ontology import load
from graphsms.store import Store, open_store
from graphsms.vocabulary import Vocabulary

if TYPE_CHECKING:
    from typing import Unpack

    import networkx
    import rdflib

    from graphsms.analysis.configuration_information import ConfigurationInformation
    from graphsms.analysis.impact import Explanation, Impact
    from graphsms.analysis.sources import Sources
    from graphsms.calendars.face import Calendar
    from graphsms.change import Change
    from graphsms.findings import Findings
    from graphsms.history import History
    from graphsms.ingest import ImportOptions, ImportPlan, ImportVerdict
    from graphsms.ingest.tabular.preview import Preview
    from graphsms.obligations import Assurance
    from graphsms.queries.header import Language
    from graphsms.report.tables import Table

__all__ = ["Graph", "open"]

_ZONE: Final = "zone"


def open(url: str | Path | None = None, *, ontology: Sequence[str | Path] = (), create: bool = True) -> Graph:
    """Open a graph by the URL of its store.

    Parameters
    ----------
    url : str or Path, optional
        A file (the embedded store, made where it does not exist), or ``neo4j://``, ``bolt://``. Without it,
        the environment's ``GRAPHSMS_STORE``, and without that ``graphsms.db`` here.
    ontology : sequence of path
        Turtle files of your own beside our ontology.
    create : bool
        Whether an embedded store that does not exist is made.

    Returns
    -------
    Graph
        To be closed; it is a context manager.

    Raises
    ------
    InputError, StoreError, VocabularyError

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     g.revision.number
    0
    """
    return Graph.open(url, ontology=ontology, create=create)


class Graph:
    """A graph in a store: what is in it, what was in it, and the analyses.

    Made by `open`. Ids are as they were imported; ``at`` is a revision number or a date (what was recorded
    then), ``as_of`` a date (what was valid then); both default to now.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    @classmethod
    def open(cls, url: str | Path | None = None, *, ontology: Sequence[str | Path] = (), create: bool = True) -> Graph:
        """See `graphsms.open`."""
        return cls(open_store(None if url is None else str(url), vocabulary=load(tuple(ontology)), create=create))

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def __enter__(self) -> Graph:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<graphsms.Graph {self.store.url}>"

    # ---------------------------------------------------------------------------- what is in it

    @property
    def zone(self) -> tzinfo:
        """The organization's time zone: of dates that state none. UTC unless `set_zone` said another."""
        return time_zone(self.store.setting(_ZONE) or "UTC")

    def set_zone(self, name: str) -> None:
        """Keep the organization's time zone with the graph, such as ``Europe/Zurich``.

        Raises
        ------
        InputError
            There is no such zone.
        """
        time_zone(name)
        self.store.set_setting(_ZONE, name)

    @property
    def vocabulary(self) -> Vocabulary:
        """The ontology that the graph is in."""
        return self.store.vocabulary

    @property
    def revision(self) -> Revision:
        """The present revision."""
        return self.store.revision()

    def find(self, text: str, *, type: str | None = None, limit: int = 50, at: int | str | None = None) -> list[Entity]:
        """Entities whose id or name contains a text, whatever its case; those of ``type`` include its subclasses.

        Raises
        ------
        InputError
            It is no text, or the ontology has no such type.
        """
        asked, number = asked_text(text, "What to look for"), self._at(at)
        if number is None:
            return self.store.find(asked, self._type(type), asked_limit(limit))
        from graphsms.history.search import find_at

        return find_at(self.store, asked, self._type(type), asked_limit(limit), number)

    def entity(self, id: str, *, at: int | str | None = None) -> Entity:
        """The entity with that id.

        Raises
        ------
        UnknownIdError
            There is none; the error says which may be meant.
        """
        number = self._at(at)
        found = self.store.entity(asked_id(id), number)
        if found is None:
            removed = self.history.removed(id) if number is None else 0
            raise UnknownIdError(id, self.store.nearest_ids(id), removed=removed)
        return found

    def entities(self, *, type: str | None = None, at: int | str | None = None) -> Iterable[Entity]:
        """All entities in order of their ids; those of ``type`` include its subclasses."""
        return self.store.entities(type=self._type(type), at=self._at(at))

    def relations(self, id: str, *, at: int | str | None = None) -> list[Relation]:
        """The relations of an entity, both from it and to it."""
        return list(self.store.relations(subjects=[asked_id(id)], objects=[id], at=self._at(at)))

    # ------------------------------------------------------------------------------- changing it

    def ingest(self, *paths: str | Path, **options: Unpack[ImportOptions]) -> ImportVerdict:
        """Import files or folders as one atomic change set.

        By name: ``format``, ``mapping`` (of tables), ``source``, ``strict``, ``prune``, ``allow_removals`` (a number or
        ``"25%"``), ``skip_invalid``, ``actor``, ``reason``, ``request``, ``fresh_for``, ``progress``, and ``zone`` of
        dates that state none, without it that of the organization; as `graphsms.ingest.ingest` has them.
        """
        from graphsms.ingest import ingest

        options["zone"] = options.get("zone") or self._zone_said()
        return ingest(self.store, [Path(path) for path in paths], **options)

    def plan(self, *paths: str | Path, **options: Unpack[ImportOptions]) -> ImportPlan:
        """What `ingest` would do with the same arguments, change by change; nothing is written."""
        from graphsms.ingest import plan

        options["zone"] = options.get("zone") or self._zone_said()
        return plan(self.store, [Path(path) for path in paths], **options)

    def guess_mapping(self, *paths: str | Path) -> str:
        """A draft of what the columns of CSV and Excel files are here; see `graphsms.ingest.tabular.guess`."""
        from graphsms.ingest.tabular.guess import guess

        return guess([Path(path) for path in paths], self.vocabulary, self.entities())

    def check_mapping(self, mapping: str | Path, path: str | Path, *, rows: int = 5) -> Preview:
        """What a mapping makes of the first rows of a table; see `graphsms.ingest.tabular.preview`."""
        from graphsms.ingest.tabular.preview import preview

        return preview(Path(mapping), Path(path), self.vocabulary, rows=rows, zone=self.zone)

    def apply_plan(self, plan: ImportPlan, *, actor: str = "", reason: str = "", request: str = "") -> ImportVerdict:
        """Make just the changes of a plan, or nothing where the graph has moved on; see `graphsms.ingest`."""
        from graphsms.ingest import apply_plan

        return apply_plan(self.store, plan, actor=actor, reason=reason, request=request)

    @property
    def sources(self) -> Sources:
        """Where what is in the graph comes from, and how far that is believed; see `graphsms.analysis.sources`."""
        from graphsms.analysis.sources import Sources

        return Sources(self.store)

    def apply(self, changes: ChangeSet) -> Revision:
        """Make a change set true, all of it or nothing; see `graphsms.store.Store.apply`.

        Without a source of its own it is by hand, and holds against what sources say, now and later.
        Values are made canonical first: a bare date is in the organization's zone, a code is its notation.

        Raises
        ------
        InputError
            An id cannot be one, or a property or a value is none of the ontology's.
        """
        from graphsms.ingest.hand import apply_by_hand
        from graphsms.ingest.stated import canonical_changes

        return apply_by_hand(self.store, canonical_changes(changes, self.vocabulary, self.zone))

    @property
    def history(self) -> History:
        """What changed, when, by whom; baselines, undoing, proof: see `graphsms.history.History`."""
        from graphsms.history import History

        return History(self.store, self.zone)

    # --------------------------------------------------------------------------------- analyses

    def impact(
        self,
        *ids: str | Iterable[str],
        mode: str = "outage",
        at: int | str | None = None,
        as_of: str | None = None,
        start: str | None = None,
        end: str | None = None,
    ) -> Impact:
        """What is hit when entities fail, change or go; see `graphsms.analysis.impact.impact`.

        Ids stand one by one or in a list. ``start`` and ``end`` may be bare dates, which are whole days: the
        end is inclusive then.
        """
        from graphsms.analysis.impact import impact

        since, until = window(start, end, self.zone)
        return impact(
            self.store,
            asked_ids(*ids),
            mode=mode,
            at=self._at(at),
            as_of=self._moment(as_of),
            start=since,
            end=until,
        )

    def explain(
        self,
        target: str,
        *ids: str | Iterable[str],
        mode: str = "outage",
        at: int | str | None = None,
        as_of: str | None = None,
        start: str | None = None,
        end: str | None = None,
    ) -> Explanation:
        """Why an entity is hit: the shortest chain of reasons back to the seeds; parameters as of `impact`."""
        from graphsms.analysis.impact import explain

        since, until = window(start, end, self.zone)
        return explain(
            self.store,
            asked_ids(*ids),
            asked_id(target),
            mode=mode,
            at=self._at(at),
            as_of=self._moment(as_of),
            start=since,
            end=until,
        )

    def validate(self, *, at: int | str | None = None) -> list[Fault]:
        """What in the graph breaks the rules of the ontology and its shapes."""
        from graphsms.analysis.validation import validate

        return validate(self.store, self._at(at))

    @property
    def configuration(self) -> ConfigurationInformation:
        """Whether what is recorded is complete, right, fresh, and there once: see `ConfigurationInformation`."""
        from graphsms.analysis.configuration_information import ConfigurationInformation

        return ConfigurationInformation(self.store, self.zone, at=self._at, as_of=self._moment)

    @property
    def calendar(self) -> Calendar:
        """Agreed service time, and what targets of availability still allow; see `graphsms.calendars.face`."""
        from graphsms.calendars.face import Calendar

        return Calendar(self.store, self.zone, at=self._at, as_of=self._moment)

    @property
    def findings(self) -> Findings:
        """What checks find wrong, over runs, and what is decided about it; see `graphsms.findings.Findings`."""
        from graphsms.findings import Findings

        return Findings(self.store, self.zone, at=self._at, as_of=self._moment)

    @property
    def change(self) -> Change:
        """Requests for change: what they hit, what is decided, what became of it; see `graphsms.change.Change`."""
        from graphsms.change import Change

        return Change(self.store, self.zone, at=self._at, as_of=self._moment)

    @property
    def obligations(self) -> Assurance:
        """Clauses, what they demand and what shows that it is met; see `graphsms.obligations.Assurance`."""
        from graphsms.obligations import Assurance

        return Assurance(self.store, self.zone, at=self._at, as_of=self._moment)

    # ------------------------------------------------------------------------------------- views

    def query(
        self,
        query: str,
        parameters: Mapping[str, object] | None = None,
        *,
        language: Language = "sparql",
        at: int | str | None = None,
    ) -> Table:
        """A named query or a text of your own, with its parameters bound; see `graphsms.queries.run`."""
        from graphsms.queries import run

        text, number = asked_text(query, "A query"), self._at(at)
        return run(self.store, text, parameters or {}, language=language, at=number, zone=self.zone)

    def export(
        self, format: str, out: Path | None = None, *, types: Sequence[str] = (), at: int | str | None = None
    ) -> None:
        """Write the graph to a file, a folder or standard output; see `graphsms.export.export`."""
        from graphsms.export import export

        export(self.store, format, out, types=types, at=self._at(at))

    def to_networkx(self, *, at: int | str | None = None) -> networkx.MultiDiGraph[str]:
        """The graph as a `networkx.MultiDiGraph`: node and edge attributes are properties, keys are relations."""
        from graphsms.export.networkx import to_networkx

        return to_networkx(self.store, at=self._at(at))

    def to_rdf(self, *, at: int | str | None = None) -> rdflib.Graph:
        """The graph as an `rdflib.Graph`."""
        from graphsms.rdf import to_rdflib

        return to_rdflib(self.store, at=self._at(at))

    # ----------------------------------------------------------------------------------- helpers

    def _type(self, type: str | None) -> str | None:
        if type is None or asked_text(type, "A type") in self.vocabulary.types:
            return type
        from difflib import get_close_matches

        near = get_close_matches(type, self.vocabulary.types, n=3)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise InputError(f"The ontology has no type {type!r}.{hint}")

    def moment(self, text: str) -> str:
        """The moment that a date or a date and time means, canonical: a bare date is the end of its day here."""
        return moment(text, self.zone)

    def _zone_said(self) -> tzinfo | None:
        """The organization's zone, where anybody has said it."""
        return self.zone if self.store.setting(_ZONE) else None

    def _moment(self, text: str | None) -> str | None:
        return None if text is None else self.moment(text)

    def _at(self, at: int | str | None) -> int | None:
        """A revision number from what a person gave."""
        return None if at is None else self.history.at(at)
