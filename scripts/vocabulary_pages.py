"""Writes what the ontology says for people to read: docs/reference/relations.md and docs/reference/vocabulary.md.

Everything comes from `graphsms.ontology.load`, save which module a term stands in and what the module is
for: that is read from the Turtle itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from graphsms.ontology import load, ontology_files
from graphsms.vocabulary import Behaviour, CodeList, EntityType, Propagation, PropertyType, RelationType, Vocabulary

__all__ = ["pages"]

FOLDER: Final = Path(__file__).parent.parent / "docs" / "reference"

_TERMS: Final = "http://purl.org/dc/terms/"
_DEFINITION: Final = "http://www.w3.org/2004/02/skos/core#definition"
# What comes first when somebody reads the vocabulary from the beginning; other modules follow by name.
_ORDER: Final = (
    "core",
    "impact",
    "services",
    "configuration",
    "sms",
    "parties",
    "agreements",
    "activities",
    "documents",
)
_BEHAVIOUR: Final = {
    Behaviour.CAN_FAIL: "can fail",
    Behaviour.IS_CONCERNED: "is concerned",
    Behaviour.STAYS_OUT: "stays out",
}


@dataclass(frozen=True)
class Module:
    """One file of the ontology: its name, title and purpose, and the IRIs of what it declares."""

    name: str
    title: str
    description: str
    terms: frozenset[str]


def modules() -> list[Module]:
    """The files of our own ontology, shapes left out, in reading order."""
    found = [_module(path) for path in ontology_files() if path.parent.name != "shapes"]
    return sorted(found, key=lambda m: (_ORDER.index(m.name) if m.name in _ORDER else len(_ORDER), m.name))


def _module(path: Path) -> Module:
    said = {"title": "", "description": ""}
    terms = set()
    for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE):
        name = quad.predicate.value.removeprefix(_TERMS)
        if name in said and isinstance(quad.object, ox.Literal):
            said[name] = quad.object.value
        elif quad.predicate.value == _DEFINITION and isinstance(quad.subject, ox.NamedNode):
            terms.add(quad.subject.value)
    title = said["title"].removeprefix("graphsms: ")
    return Module(path.stem, title[:1].upper() + title[1:], said["description"], frozenset(terms))


# ------------------------------------------------------------------------------------------ Markdown


def code(names: Iterable[str]) -> str:
    """Names as code, separated by commas."""
    return ", ".join(f"`{name}`" for name in names)


def table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """The lines of a table, or none where it has no rows."""
    lines = [_row(cells) for cells in rows]
    return [_row(headings), _row(("---",) * len(headings)), *lines, ""] if lines else []


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


# ------------------------------------------------------------------------------------------ relations


def relations(words: Vocabulary) -> str:
    """Every relation: between what, by which name in Neo4j, which way failure travels, how strongly, and why."""
    place = {iri: (number, module) for number, module in enumerate(modules()) for iri in module.terms}
    by_module = sorted(words.relations.values(), key=lambda r: (place[r.iri][0], r.name))
    carrying = [one for one in by_module if one.propagation is not Propagation.NONE]
    others = [one for one in by_module if one.propagation is Propagation.NONE]
    lines = [
        "# Relations",
        "",
        f"All {len(by_module)} relations of our own ontology, by module. Along {len(carrying)} of them failure "
        f"travels; along {len(others)} it does not.",
        "",
        "Read `from` — `relation` → `to`. *Hit* is the end that receives the state of the other. What can fail passes "
        "it on; what is concerned is told the worst state and passes nothing on: there *strength* is left out. "
        "*Strength* is the default; an edge may state its own (`strength: soft`). Over *soft* a state arrives as "
        "`degraded` at most. In Neo4j a relation is of the type given.",
        "",
        "Generated from `ontology/`; see [the vocabulary](vocabulary.md) for types and properties.",
        "",
        "## Along which failure travels",
        "",
        *table(
            ("relation", "from → to", "hit", "strength", "why", "Neo4j"),
            ((_named(r), _ends(r), _hit(r), _strength(r, words), r.why, f"`{r.relationship_type}`") for r in carrying),
        ),
        "## Along which it does not",
        "",
        *table(
            ("relation", "from → to", "what it says", "Neo4j"),
            ((_named(r), _ends(r), r.definition, f"`{r.relationship_type}`") for r in others),
        ),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _named(relation: RelationType) -> str:
    return f"`{relation.name}` ({relation.label} / {relation.inverse_label})"


def _ends(relation: RelationType) -> str:
    return f"{code(relation.domain)} → {code(relation.range)}"


def _hit(relation: RelationType) -> str:
    return "from" if relation.propagation is Propagation.OBJECT_TO_SUBJECT else "to"


def _strength(relation: RelationType, words: Vocabulary) -> str:
    """The default, where it makes a difference: to what can fail itself."""
    hit = relation.domain if relation.propagation is Propagation.OBJECT_TO_SUBJECT else relation.range
    behaviours = {words.types[one].behaviour for end in hit for one in words.subtypes[end]}
    return relation.strength if Behaviour.CAN_FAIL in behaviours else ""


# ------------------------------------------------------------------------------------------ vocabulary


def vocabulary(words: Vocabulary) -> str:
    """Types, properties and code lists, module by module."""
    parts = modules()
    definitions = _definitions()
    lines = [
        "# Vocabulary",
        "",
        f"What our own ontology says: {len(words.types)} types, {len(words.relations)} relations, "
        f"{len(words.properties)} properties and {len(words.code_lists)} code lists in {len(parts)} modules. "
        "Yours is read beside it (`--ontology FILE`) and is worth the same.",
        "",
        "- *On failure*: what **can fail** has a state and passes it on; what **is concerned** is told the worst state "
        "of what concerns it; what **stays out** has none.",
        "- *Expects*: relations without which an entity of the type is unknown rather than fine, inherited ones too.",
        "- *Value*: a datatype of XML Schema or a code list; *several* where it may be repeated. A property of *any "
        "relation* qualifies an edge.",
        "",
        "Generated from `ontology/`; relations have [a page of their own](relations.md).",
        "",
        *table(
            ("module", "what it is about"),
            ((f"[{m.title}](#{_anchor(m.title)}) (`{m.name}.ttl`)", m.description) for m in parts),
        ),
    ]
    for module in parts:
        lines += [f"## {module.title}", "", module.description, ""]
        lines += _types(t for t in words.types.values() if t.iri in module.terms)
        lines += _relations_of(r.name for r in words.relations.values() if r.iri in module.terms)
        lines += _properties(p for p in words.properties.values() if p.iri in module.terms)
        for codes in (c for c in words.code_lists.values() if c.iri in module.terms):
            lines += _codes(codes, definitions)
    return "\n".join(lines).rstrip() + "\n"


def _anchor(heading: str) -> str:
    """How the usual renderers name a heading."""
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def _definitions() -> Mapping[str, str]:
    """The definition of every term by its IRI: code lists keep none of their own in the vocabulary."""
    return {
        quad.subject.value: quad.object.value
        for path in ontology_files()
        if path.parent.name != "shapes"
        for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE)
        if quad.predicate.value == _DEFINITION
        and isinstance(quad.subject, ox.NamedNode)
        and isinstance(quad.object, ox.Literal)
    }


def _types(types: Iterable[EntityType]) -> Iterator[str]:
    return iter(
        table(
            ("type", "what it is", "is a", "on failure", "expects", "clause"),
            (
                (
                    f"`{one.name}` ({one.label})",
                    one.definition,
                    " → ".join(f"`{name}`" for name in one.ancestors[:-1]),
                    _BEHAVIOUR[one.behaviour],
                    code(one.expects),
                    ", ".join(one.clauses),
                )
                for one in types
            ),
        )
    )


def _relations_of(names: Iterable[str]) -> list[str]:
    found = code(names)
    return [f"Relations: {found}.", ""] if found else []


def _properties(properties: Iterable[PropertyType]) -> Iterator[str]:
    return iter(
        table(
            ("property", "of", "value", "what it says"),
            (
                (
                    f"`{one.name}` ({one.label})",
                    ", ".join([*(f"`{name}`" for name in one.domain), *(["any relation"] if one.on_relations else [])]),
                    (f"`{one.code_list}`" if one.code_list else one.datatype) + (", several" if one.many else ""),
                    one.definition,
                )
                for one in properties
            ),
        )
    )


def _codes(codes: CodeList, definitions: Mapping[str, str]) -> list[str]:
    return [
        f"### {codes.name}",
        "",
        definitions[codes.iri],
        "",
        *table(("code", "meaning"), ((f"`{one.notation}`", one.definition) for one in codes.codes)),
    ]


# ------------------------------------------------------------------------------------------ writing


def pages() -> dict[str, str]:
    """Each page by its file name."""
    words = load()
    return {"relations.md": relations(words), "vocabulary.md": vocabulary(words)}


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
