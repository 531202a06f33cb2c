"""One assessment as people read it: the answer, what is known of the changes, what is hit and why, what to consider."""

from __future__ import annotations

from collections.abc import Iterator

from graphsms.analysis.answer import Impact
from graphsms.change.assessment import Assessment, Impacted
from graphsms.change.considered import Part
from graphsms.change.pack.chains import Chains
from graphsms.change.pack.clock import window_of
from graphsms.change.pack.listing import Lister
from graphsms.change.requests import Request
from graphsms.report.document import Chapter, Column, Fact, Line, Listing, Row, Section
from graphsms.report.map import Map, Spot, lay_out
from graphsms.report.tables import Table
from graphsms.snapshot.carriage import STATES
from graphsms.vocabulary import Vocabulary

__all__ = ["beside_policy", "chapter_of"]

_FACTS = ("changeStatus", "changeCategory", "changeRoute", "riskLevel", "priority", "testedSuccessfully")
# Of these the policy concludes something of its own.
_CONCLUDED = {"changeCategory": "category", "changeRoute": "route", "riskLevel": "risk"}
# Headings that stand on the map, from the top: parties are hit last, and configuration items first.
_LAYERS = ("parties", "services", "configuration items")
_OK = STATES[0]
_SHOWN = 4
MOST_STEPS = 100


def chapter_of(assessment: Assessment, vocabulary: Vocabulary, clock: str) -> Chapter:
    """A chapter of a pack; windows are told on the clock of a zone."""
    return _Telling(assessment, vocabulary, clock).chapter()


class _Telling:
    """One assessment being told."""

    def __init__(self, assessment: Assessment, vocabulary: Vocabulary, clock: str) -> None:
        self._assessment = assessment
        self._clock = clock
        self._vocabulary = vocabulary
        self._because = _because(assessment)
        self._chains = Chains(assessment.impact, vocabulary, self._because)
        self._hits = {one.id: one for one in assessment.hits}
        self._chain_of: dict[str, tuple[Line, ...]] = {}
        self._lister = Lister(vocabulary, self._reasons)
        self._services = {one.id for one in assessment.services()}

    def chapter(self) -> Chapter:
        assessment = self._assessment
        requests = assessment.requests
        title = " and ".join(map(_title, requests))
        if len(requests) > 2:
            title = f"{requests[0].id} and {len(requests) - 1} more changes, together"
        return Chapter(
            title=title,
            answer=assessment.sentence(emphasis=""),
            facts=tuple(self._facts()),
            sections=tuple(self._sections()),
            map=self._map(),
            notes=assessment.notes,
            about=tuple(one.id for one in requests),
        )

    def _reasons(self, id: str) -> tuple[Line, ...]:
        """What a row opens to: the chain of reasons of what is hit; it stands in several tables."""
        if id not in self._chain_of:
            self._chain_of[id] = self._reasons_of(id)
        return self._chain_of[id]

    def _reasons_of(self, id: str) -> tuple[Line, ...]:
        hit = self._hits.get(id)
        if hit is None:
            return ()
        if chain := self._chains.of(id):
            return chain
        because = self._because.get(id, "") or ", ".join(hit.hit.through)
        return (
            Line(
                f"{id} is {'concerned' if hit.concerned else hit.state}{f': {because}' if because else ''}", hit.state
            ),
        )

    # ------------------------------------------------------------------------------- what is known of the changes

    def _facts(self) -> Iterator[Fact]:
        assessment = self._assessment
        services = [one.state for one in assessment.services()]
        yield Fact("Window", window_of(*assessment.span, self._clock))
        for state in STATES[:0:-1]:
            yield Fact(f"Services {state}", f"{services.count(state):,}")
        if len(assessment.requests) == 1:
            (request,) = assessment.requests
            for name in _FACTS:
                yield Fact(_upper(self._vocabulary.properties[name].label), self._said(request, name))
            touched = self._vocabulary.known_as("touched by change")
            for name, others in sorted(request.leading_to.items()):
                if name != touched:
                    label = _upper(self._vocabulary.relations[name].label)
                    yield Fact(label, ", ".join(_named(one.id, one.name) for one in others))
        yield Fact("As of", f"{assessment.as_of[:16].replace('T', ' ')} UTC")

    def _said(self, request: Request, name: str) -> str:
        """What is recorded, with what the policy says where that is something else."""
        said = _said(request, name)
        for rules in self._assessment.classification:
            if name in _CONCLUDED and rules.request == request.id:
                return beside_policy(said, getattr(rules, _CONCLUDED[name]).says)
        return said

    # ---------------------------------------------------------------------------------------------- its sections

    def _sections(self) -> Iterator[Section]:
        assessment, lister = self._assessment, self._lister
        yield self._hit()
        if self._assessment.classification:
            yield self._classified()
        if assessment.judgements:
            yield self._judgements()
        yield self._ahead()
        for section in assessment.sections:
            listings = tuple(map(self._part, section.parts))
            yield Section(f"{section.letter}) {section.title}", section.sentence, listings, section.clause)
        if assessment.beside:
            title = "Incidents, problems, risks and costs on what is hit"
            yield Section(title, "", tuple(map(lister.part, assessment.beside)))
        yield self._context()
        yield self._told()
        yield Section("What is not known", "", tuple(map(lister.part, assessment.unknown)))
        yield self._everything()

    def _hit(self) -> Section:
        assessment = self._assessment
        requests = assessment.requests
        touched = Table(
            ("id", "name", "type", "mode", *(("by",) if len(requests) > 1 else ())),
            tuple(
                (
                    one.entity.id,
                    one.entity.name,
                    self._vocabulary.types[one.entity.type].label,
                    one.mode if one.stated else f"{one.mode} (by the policy)",
                    *((request.id,) if len(requests) > 1 else ()),
                )
                for request in requests
                for one in request.touches
            ),
        )
        nothing = (
            "Nothing: the request does not say what it touches, so that nothing can be worked out. "
            "State it with `graphsms change edit`."
        )
        services = self._table(assessment.services(), services=True)
        # On paper nothing opens: there the chains of all services are printed, each step of them once.
        steps = self._chains.together([one.id for one in assessment.services()], MOST_STEPS)
        reasons = tuple(Row((line.state, line.text)) for line in steps)
        return Section(
            "What is hit",
            "",
            (
                Lister(self._vocabulary).listing(touched, "What is touched", empty=nothing),
                self._lister.listing(services, "Services", empty="No service is hit."),
                *(
                    (Listing("Why", (Column("state", "state"), Column("step")), reasons, for_paper=True),)
                    * bool(reasons)
                ),
            ),
        )

    def _table(self, some: list[Impacted], *, services: bool = False) -> Table:
        changed = any(one.before != _OK for one in some)
        columns = ("state", "id", "name", *(("without_it",) if changed else ()), "criticality" if services else "type")
        types = self._vocabulary.types
        return Table(
            (*columns, "through"),
            tuple(
                (
                    one.state,
                    one.id,
                    one.hit.name,
                    *((one.before,) if changed else ()),
                    (one.hit.criticality or "not determined") if services else types[one.hit.type].label,
                    _through(one),
                )
                for one in some
            ),
        )

    def _classified(self) -> Section:
        names = {"major_impact": "major impact"}
        several = len(self._assessment.classification) > 1
        rows = tuple(
            (
                names.get(one.of, one.of),
                one.says,
                one.recorded or "not stated",
                one.because,
                "; ".join(one.facts),
                one.rule,
                *((each.request,) if several else ()),
            )
            for each in self._assessment.classification
            for one in each.conclusions
        )
        columns = ("what", "by_the_policy", "recorded", "because", "facts", "rule", *(("request",) if several else ()))
        sentence = " ".join(each.sentence(emphasis="") for each in self._assessment.classification)
        return Section("Category, route and risk", sentence, (self._lister.listing(Table(columns, rows)),), "8.5.1.2")

    def _judgements(self) -> Section:
        rows = tuple(
            (
                one.entity,
                ("impacted" if one.impacted else "not impacted") + (f", {one.state}" if one.state else ""),
                one.computed,
                one.by,
                one.why,
                f"withdrawn {one.withdrawn[:10]}" if one.withdrawn else "it holds",
                one.note,
            )
            for one in self._assessment.judgements
        )
        columns = ("entity", "judged", "by_the_graph_alone", "by", "because", "standing", "note")
        return Section(
            "What people have judged",
            "A hit that is judged not to be impacted stops there; one that is added goes on.",
            (self._lister.listing(Table(columns, rows)),),
        )

    def _ahead(self) -> Section:
        several = len(self._assessment.requests) > 1
        rows = tuple(
            (one.matter, one.text or "not stated", *((one.request,) if several else ()))
            for one in self._assessment.ahead
        )
        table = Table(("matter", "as_recorded", *(("request",) if several else ())), rows)
        title = "Risks, benefits, feasibility, cost"
        return Section(title, "", (self._lister.listing(table, empty="Nothing is stated."),), "8.5.1.3")

    def _part(self, part: Part) -> Listing:
        columns = part.table.columns
        if "id" in columns and part.table.rows:
            at = columns.index("id")
            if {row[at] for row in part.table.rows} == self._services:
                return Listing(part.title, (), (), empty=f"{part.sentence} They stand above, under What is hit.")
        return self._lister.part(part)

    def _context(self) -> Section:
        assessment, title = self._assessment, "What is down or changing already"
        if not assessment.with_context:
            return Section(title, "It was left out of this assessment.")
        states = _seeded(assessment.context_impact)
        rows = tuple(
            (
                states.get(one.entity.id, ""),
                one.entity.id,
                one.entity.name,
                self._vocabulary.types[one.entity.type].label,
                _named(one.because.id, one.because.name) + ("" if one.stated else " (state not recorded)"),
            )
            for one in assessment.context
        )
        table = Table(("state", "id", "name", "type", "because_of"), rows)
        nothing = "Nothing: no open incident, and no approved change that overlaps."
        said = "It counts in all that is said here." if rows else ""
        return Section(title, said, (Lister(self._vocabulary).listing(table, empty=nothing),))

    def _told(self) -> Section:
        rows = tuple(
            Row(
                (one.id, one.name, one.role, ", ".join(filter(None, (one.email, one.telephone))), one.why),
                tuple(Line(f"about {id}") for id in one.about) if len(one.about) > 1 else (),
            )
            for one in self._assessment.notify
        )
        columns = (Column("id", "id"), Column("name"), Column("as"), Column("reached by"), Column("why"))
        return Section("Who must be told", "", (Listing("", columns, rows, empty="Nobody is recorded.", opens=4),))

    def _everything(self) -> Section:
        hits = list(self._assessment.hits)
        said = f"{len(hits):,} are hit, or concerned by what is." if hits else ""
        listing = self._lister.listing(self._table(hits), empty="Nothing is hit.")
        return Section("All that is hit, with its reasons", said, (listing,), appendix=True)

    # ------------------------------------------------------------------------------------------------- the map

    def _map(self) -> Map | None:
        """Customers on top, services, and below them what fails, down to what is touched."""
        types = self._vocabulary.types
        headings = {type.section.notation: type.section.label for type in types.values()}
        bands = {section: (rank, headings[section]) for rank, section in enumerate(_LAYERS) if section in headings}
        lowest = bands[_LAYERS[-1]]
        spots: dict[str, Spot] = {}
        for one in self._assessment.hits:
            hit = one.hit
            if hit.section in bands:
                label = types[hit.type].label
                spots[hit.id] = Spot(hit.id, hit.name, label, hit.state, bands[hit.section], hit.through)
        # Of what is down or changing already, what has a part in it.
        touched = {one.entity.id for request in self._assessment.requests for one in request.touches}
        leading = touched.union(*(spot.through for spot in spots.values()))
        for seed in self._assessment.impact.seeds:
            for begun in (seed, *seed.stands_for):
                if begun.id not in leading and seed.id not in touched:
                    continue
                type = types[begun.type]
                band = bands.get(type.section.notation, lowest)
                through = begun.through if begun.state != begun.seeded else ()
                if begun.state != _OK:
                    spots[begun.id] = Spot(begun.id, begun.name, type.label, begun.state, band, through, begins=True)
        return lay_out(spots.values()) if len(spots) > 1 else None


def _title(request: Request) -> str:
    return request.id if request.name == request.id else f"{request.id}: {request.name}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def beside_policy(recorded: str, says: str) -> str:
    """What is recorded, with what the policy says where that is something else.

    Examples
    --------
    >>> beside_policy("high", "very high"), beside_policy("low", "low")
    ('high (by the policy very high)', 'low')
    """
    return recorded if recorded == says else f"{recorded} (by the policy {says})"


def _said(request: Request, name: str) -> str:
    value = request.entity.properties.get(name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return request.says(name) or "not stated"


def _named(id: str, name: str) -> str:
    return name if name == id or id.casefold() in name.casefold() else f"{name} ({id})"


def _through(one: Impacted) -> str:
    hit = one.hit
    if one.by_hand:
        return f"added by hand ({one.by_hand})"
    more = len(hit.through) - _SHOWN
    text = ", ".join(hit.through[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    if hit.lost is not None:
        text += f" ({hit.lost} of {hit.members} hit, needs {hit.minimum})"
    return text or "touched itself"


def _seeded(impact: Impact | None) -> dict[str, str]:
    return {} if impact is None else {seed.id: seed.seeded for seed in impact.seeds}


def _because(assessment: Assessment) -> dict[str, str]:
    """By id of what is in a state to begin with, why it is."""
    found: dict[str, str] = {}
    for request in assessment.requests:
        for one in request.touches:
            found[one.entity.id] = f"{request.id} touches it ({one.mode})"
    for other in assessment.context:
        found.setdefault(other.entity.id, f"{_named(other.because.id, other.because.name)}, whatever the change does")
    for judgement in assessment.judgements:
        if judgement.holds and judgement.impacted:
            by = judgement.by or "a person"
            found.setdefault(judgement.entity, f"judged so by {by}: {judgement.why or 'no reason is recorded'}")
    return found
