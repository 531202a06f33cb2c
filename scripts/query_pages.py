"""Writes docs/reference/queries.md: every named query with its question, clauses, parameters and columns."""

from __future__ import annotations

import re

from graphsms.queries import Parameter, load, names

__all__ = ["pages"]

_COLUMNS = re.compile(r"^SELECT (.+) WHERE", re.MULTILINE)


def pages() -> dict[str, str]:
    """The page by its file name."""
    parts = [
        "# Queries",
        "",
        "Questions with a name, for `graphsms query NAME --param NAME=VALUE` and `graph.query(name, {...})`. Each",
        "stands in `queries/` in SPARQL, for any store, and in Cypher (`--cypher`), where the graph is in Neo4j; both",
        "answer the same. How to write your own: [ask the graph](../how-to/ask-the-graph.md).",
        "",
    ]
    for name in names():
        query = load(name)
        parts += [f"## {name}", "", query.purpose, "", f"Clause {query.clause}.", ""]
        if query.parameters:
            parts += ["| parameter | kind | default | meaning |", "| --- | --- | --- | --- |"]
            parts += [_row(parameter) for parameter in query.parameters]
            parts.append("")
        parts += [f"Columns: {', '.join(_columns(query.text, query.parameters))}.", ""]
    return {"queries.md": "\n".join(parts).rstrip() + "\n"}


def _row(parameter: Parameter) -> str:
    kind = f"code of {parameter.code_list}" if parameter.code_list else parameter.kind
    default = "" if parameter.default is None else f"`{parameter.default}`"
    return f"| `{parameter.name}` | {kind} | {default} | {parameter.meaning} |"


def _columns(text: str, parameters: tuple[Parameter, ...]) -> list[str]:
    selected = _COLUMNS.search(text)
    assert selected, "a named query selects"
    given = {parameter.name for parameter in parameters}
    return [f"`{name}`" for name in re.findall(r"\?(\w+)", selected[1]) if name not in given]
