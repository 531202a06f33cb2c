"""``graphsms show``: one entity, with what it says and its relations both ways."""

from __future__ import annotations

import click

from graphsms.cli._options import at_option, list_options, open_graph, store_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.model import Entity, Relation, Value
from graphsms.report.tables import Table
from graphsms.vocabulary import NAME, Vocabulary


@click.command("show", epilog="Example: graphsms show web")
@click.argument("id")
@at_option
@list_options
@store_options
def command(id: str, at: str | None, as_json: bool, as_csv: bool, store: str | None, ontology: tuple[str, ...]) -> None:
    """Show the entity ID: its properties, where they come from, and its relations in both directions."""
    with open_graph(store, ontology) as graph:
        entity = graph.entity(id, at=at)
        relations = sorted(graph.relations(id, at=at), key=lambda one: one.subject != id)
        ends = {relation.object if relation.subject == id else relation.subject for relation in relations}
        names = {one.id: one.name for one in graph.store.entities(ids=sorted(ends))}
        words = graph.vocabulary
    if as_json:
        print_value(
            {
                "id": entity.id,
                "type": entity.type,
                "source": entity.source,
                "properties": dict(entity.properties),
                "relations": [
                    {
                        "type": relation.type,
                        "subject": relation.subject,
                        "object": relation.object,
                        "source": relation.source,
                        "properties": dict(relation.properties),
                    }
                    for relation in relations
                ],
            }
        )
        return
    table = Table(
        ("direction", "relation", "id", "name", "source"),
        tuple(_row(relation, id, names) for relation in relations),
    )
    if not as_csv:
        _print_head(entity, words)
    if as_csv or relations:
        shown = [(_phrase(relation, id, words), *_other(relation, id, names)) for relation in relations]
        title = f"Relations ({len(relations)})"
        print_table(table, as_csv=as_csv, title=title, headings=("relation", "id", "name"), shown=shown)
    if not as_csv:
        hint("impact", id)


def _row(relation: Relation, id: str, names: dict[str, str]) -> tuple[str, str, str, str, str | None]:
    outward = relation.subject == id
    other = relation.object if outward else relation.subject
    return ("out" if outward else "in", relation.type, other, names.get(other, other), relation.source)


def _phrase(relation: Relation, id: str, words: Vocabulary) -> str:
    term = words.relations[relation.type]
    if relation.subject == id:
        return term.label
    return term.inverse_label or f"({term.label})"


def _other(relation: Relation, id: str, names: dict[str, str]) -> tuple[str, str]:
    """The id at the other end, and its name with what is said of the relation."""
    other = relation.object if relation.subject == id else relation.subject
    notes = ", ".join(
        name if value is True else f"{name} {_shown(value)}" for name, value in relation.properties.items()
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
