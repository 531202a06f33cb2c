"""The CAB pack as people read it: a chapter for each assessment, ahead of them the agenda, and what it was made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graphsms.change.pack import Pack
from graphsms.change.pack.chapter import chapter_of
from graphsms.report.document import Document, Fact, Section, text_of

__all__ = ["document_of"]


def document_of(pack: Pack) -> Document:
    """A pack as people read it."""
    chapters = [chapter_of(one, pack.vocabulary, pack.inputs.zone) for one in pack.assessments]
    if pack.conflicts is not None:
        from graphsms.change.pack.agenda import front_of

        # On paper, the chapters of an agenda say what was found under each letter, and leave the tables to other forms.
        chapters = [front_of(pack), *(replace(one, sections=tuple(map(_briefly, one.sections))) for one in chapters)]
    inputs = pack.inputs
    recorded = f"{inputs.recorded[:10]} {inputs.recorded[11:16]} UTC"
    return Document(
        kind="CAB agenda" if inputs.agenda else "CAB pack",
        title=chapters[0].title,
        chapters=tuple(chapters),
        inputs=tuple(_inputs(pack)),
        classification=pack.marking.level,
        foot=f"Revision {inputs.revision} of {recorded}. Pack {pack.hash[:12]}.",
        moment=inputs.recorded,
        data=pack.to_json(),
    )


def _briefly(section: Section) -> Section:
    long = section.clause.startswith("8.5.1.3 ") or not section.clause
    return replace(section, appendix=True) if long and not any(one.for_paper for one in section.listings) else section


def _inputs(pack: Pack) -> Iterator[Fact]:
    inputs = pack.inputs
    yield Fact("Requests for change", ", ".join(inputs.requests))
    yield Fact("Assessed", "each by itself" if inputs.agenda else "together")
    yield Fact("Revision", f"{inputs.revision}, recorded {inputs.recorded}")
    yield Fact("Hash of the revision (SHA-256)", inputs.revision_hash or "–")
    moments = sorted(set(inputs.as_of.values()))
    if len(moments) == 1:
        yield Fact("As of", moments[0])
    else:
        yield Fact("As of", "; ".join(f"{id}: {moment}" for id, moment in inputs.as_of.items()))
    yield Fact("What is down or changing already", "counts" if inputs.with_context else "is left out")
    yield Fact("Policy for change management (SHA-256)", inputs.policy)
    yield Fact("Ontology (SHA-256)", inputs.ontology)
    yield Fact("graphsms", inputs.version)
    yield Fact("Time zone of the organization", inputs.zone)
    yield Fact("Visible to its maker", f"up to {inputs.visible_up_to}" if inputs.visible_up_to else "everything")
    sources = (
        f"{one.name}: last change {text_of(one.changed)}, {'fresh' if one.fresh else 'stale'} then"
        for one in inputs.sources
    )
    yield Fact("Sources", "; ".join(sources) or "none: everything was entered by hand")
    yield Fact("Classification", str(pack.marking))
    yield Fact("This pack (SHA-256 of its content)", pack.hash)
