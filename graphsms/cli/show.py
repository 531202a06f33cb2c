"""``graphsms show``: one entity, with what it says and its relations both ways."""

from __future__ import annotations

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.model import Entity, Relation, Value
from graphsms.moments import now
from graphsms.report.tables import Table
from graphsms.snapshot.validity import interval, microseconds
from graphsms.vocabulary import NAME, VALID_FROM, VALID_TO, Vocabulary


@click.command("show", epilog="Example: graphsms show web")
@click.argument("id")
@question_options
def command(id: str, asked: Asked) -> None:
    """Show the entity ID: its properties, where they come from, and its relations in both directions.

    What was recorded is shown whole; relations that were not valid at --as-of are marked.
    """
    with asked.graph() as graph:
        revision = graph.history.revision(asked.at)
        moment = now() if asked.as_of is None else graph.moment(asked.as_of)
        number = None if asked.at is None else revision.number
        entity = graph.entity(id, at=number)
        relations = sorted(graph.relations(id, at=number), key=lambda one: one.subject != id)
        ends = {relation.object if relation.subject == id else relation.subject for relation in relations}
        names = {one.id: one.name for one in graph.store.entities(ids=sorted(ends), at=number)}
        words = graph.vocabulary
    valid = {relation.key: _is_valid(relation, moment) for relation in relations}
    if asked.as_json:
        print_value(
            {
                "revision": revision.number,
                "at": revision.time,
                "as_of": moment,
                "id": entity.id,
                "type": entity.type,
                "source": entity.source,
                "source_key": entity.source_key,
                "link": entity.properties.get("link"),
                "properties": dict(entity.properties),
                "stated": _stated(entity),
                "relations": [
                    {
                        "type": relation.type,
                        "subject": relation.subject,
                        "object": relation.object,
                        "valid": valid[relation.key],
                        "source": relation.source,
                        "properties": dict(relation.properties),
                        "stated": _stated(relation),
                    }
                    for relation in relations
                ],
            }
        )
        return
    table = Table(
        ("direction", "relation", "id", "name", "source", "valid"),
        tuple((*_row(relation, id, names), valid[relation.key]) for relation in relations),
    )
    if not asked.as_csv:
        _print_head(entity, words)
        _print_statements(entity, words)
    if asked.as_csv or relations:
        shown = [
            (_phrase(relation, id, words), *_other(relation, id, names, valid[relation.key])) for relation in relations
        ]
        title = f"Relations ({len(relations)})"
        print_table(table, as_csv=asked.as_csv, title=title, headings=("relation", "id", "name"), shown=shown)
    print_recorded(revision, moment, aside=asked.as_csv)
    if not asked.as_csv:
        hint("impact", id)


def _is_valid(relation: Relation, moment: str) -> bool:
    begins, ends = interval(str(relation.properties.get(VALID_FROM, "")), str(relation.properties.get(VALID_TO, "")))
    return begins <= microseconds(moment) < ends


def _stated(thing: Entity | Relation) -> list[dict[str, object]]:
    """What each source says, where several do."""
    return [
        {"source": source, "type": one.type, "properties": dict(one.properties)} for source, one in thing.stated.items()
    ]


def _print_statements(entity: Entity, words: Vocabulary) -> None:
    """Who says what, where sources differ."""
    if not entity.stated:
        return
    says: dict[str, dict[str, str]] = {}
    for source, one in entity.stated.items():
        for name, value in ([("type", one.type)] if one.type else []) + [*one.properties.items()]:
            says.setdefault(name, {}).setdefault(_shown(value), source or "by hand")
    rows = []
    for name, values in sorted(says.items(), key=lambda item: (item[0] != "type", item[0])):
        stands = entity.type if name == "type" else entity.properties.get(name)
        for source, one in entity.stated.items():
            said: Value | None = one.type or None if name == "type" else one.properties.get(name)
            if said is not None and len(values) > 1:
                label = name if name == "type" else words.properties[name].label
                rows.append((label, source or "by hand", _shown(said), "stands" if _holds(said, stands) else ""))
    if rows:
        headings = ("property", "source", "says", "")
        print_table(Table(headings, tuple(rows)), title="Where sources differ")
    said_by = ", ".join(source or "hand" for source in entity.stated)
    console().print(f"Stated by {said_by}.", markup=False)


def _holds(said: Value, stands: Value | None) -> bool:
    """Whether what a source says is what stands, or among it."""
    return said == stands or (isinstance(said, tuple) and isinstance(stands, tuple) and set(said) <= set(stands))


def _row(relation: Relation, id: str, names: dict[str, str]) -> tuple[str, str, str, str, str | None]:
    outward = relation.subject == id
    other = relation.object if outward else relation.subject
    return ("out" if outward else "in", relation.type, other, names.get(other, other), relation.source)


def _phrase(relation: Relation, id: str, words: Vocabulary) -> str:
    term = words.relations[relation.type]
    if relation.subject == id:
        return term.label
    return term.inverse_label or f"({term.label})"


def _other(relation: Relation, id: str, names: dict[str, str], valid: bool) -> tuple[str, str]:
    """The id at the other end, and its name with what is said of the relation."""
    other = relation.object if relation.subject == id else relation.subject
    notes = ", ".join(
        [
            *("not valid then" for _ in range(not valid)),
            *(name if value is True else f"{name} {_shown(value)}" for name, value in relation.properties.items()),
        ]
    )
    name = names.get(other, other)
    return other, "  ".join(filter(None, ("" if name == other else name, f"({notes})" if notes else "")))


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


def _print_head(entity: Entity, words: Vocabulary) -> None:
    from rich.table import Table as RichTable
    from rich.text import Text

    out = console()
    out.print(Text.assemble((entity.name, "bold"), "  ", (words.types[entity.type].label, "dim")))
    facts = RichTable.grid(padding=(0, 2))
    facts.add_row("id", Text(entity.id))
    for name, value in entity.properties.items():
        if name != NAME:
            facts.add_row(words.properties[name].label, Text(_shown(value)))
    if entity.source:
        facts.add_row("source", Text(entity.source))
    out.print(facts)
