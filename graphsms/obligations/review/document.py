"""The pack of a management review as people read it."""

from __future__ import annotations

from collections.abc import Iterator

from graphsms.change.pack.listing import Lister
from graphsms.obligations.review import DATA, ReviewPack
from graphsms.report.document import Chapter, Document, Fact, Section

__all__ = ["document_of"]


def document_of(pack: ReviewPack) -> Document:
    """A pack as people read it: one chapter, a section for each input of 9.3, and what it was made of."""
    inputs = pack.inputs
    recorded = f"{inputs.recorded[:10]} {inputs.recorded[11:16]} UTC" if inputs.recorded else "no time"
    return Document(
        kind="Management review",
        title=f"Management review of {inputs.as_of[:10]}",
        chapters=(_chapter(pack),),
        inputs=tuple(_inputs(pack)),
        classification=pack.marking.level,
        foot=f"Revision {inputs.revision} of {recorded}. Pack {pack.hash[:12]}.",
        moment=inputs.recorded or inputs.as_of,
        data=pack.to_json(),
    )


def _chapter(pack: ReviewPack) -> Chapter:
    lister = Lister(pack.vocabulary)
    sections = []
    for one in pack.sections:
        listings = tuple(lister.listing(part.table, part.title, part.note, part.empty) for part in one.parts)
        sections.append(Section(f"{one.letter} {one.title}", " ".join(one.sentences), listings, f"9.3 {one.letter}"))
    known = sum(one.state == DATA for one in pack.sections)
    return Chapter(
        title=f"Management review of {pack.inputs.as_of[:10]}",
        answer=pack.sentence(),
        facts=(
            Fact("Period", f"{pack.inputs.since[:10]} to {pack.inputs.as_of[:10]}"),
            Fact("It begins with", _begins(pack.inputs.since_by)),
            Fact("Inputs with data", f"{known} of {len(pack.sections)}"),
            Fact("Evidence", pack.evidence),
        ),
        sections=tuple(sections),
        notes=("What is decided on this goes back into the graph with: graphsms review record FILE.",),
    )


def _begins(by: str) -> str:
    if by == "asked":
        return "as asked"
    return "the period of the policy for evidence" if by == "policy" else by


def _inputs(pack: ReviewPack) -> Iterator[Fact]:
    inputs = pack.inputs
    yield Fact("Revision", f"{inputs.revision}, recorded {inputs.recorded}")
    yield Fact("Hash of the revision (SHA-256)", inputs.revision_hash or "–")
    yield Fact("As of", inputs.as_of)
    yield Fact("Period", f"{inputs.since} to {inputs.until}, from {_begins(inputs.since_by)}")
    yield Fact("Edition of the standard", f"ISO/IEC 20000-1:{inputs.edition}")
    yield Fact("Policy for evidence (SHA-256)", inputs.policy)
    yield Fact("Ontology (SHA-256)", inputs.ontology)
    yield Fact("graphsms", inputs.version)
    yield Fact("Time zone of the organization", inputs.zone)
    yield Fact("Classification", str(pack.marking))
    yield Fact("This pack (SHA-256 of its content)", pack.hash)
