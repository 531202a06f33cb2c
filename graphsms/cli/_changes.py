"""How changes of entities and relations are printed, and the line that says which revision an answer rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import click

from graphsms.cli._output import console, fits, print_table
from graphsms.cli._who import actor_option
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from rich.text import Text

    from graphsms.history.changes import Change, FieldChange, Item
    from graphsms.model import Revision, Value
    from graphsms.vocabulary import Vocabulary

__all__ = [
    "changes_table",
    "print_changes",
    "print_recorded",
    "recorded",
    "recording_options",
    "shown_value",
    "tell_times",
]

_F = TypeVar("_F", bound=Callable[..., Any])

_NOTHING: Final = "–"
_STATED_BY: Final = "stated by"
_MARKS: Final = {"created": ("+ created", "green"), "changed": ("~ changed", "yellow"), "removed": ("- removed", "red")}


def recording_options(command: _F) -> _F:
    """``--actor``, ``--reason`` and ``--request``: what a revision keeps about itself."""
    command = click.option("--request", metavar="ID", default="", help="The request for change that it is made under.")(
        command
    )
    command = click.option("--reason", metavar="TEXT", default="", help="Why it is done, for the history.")(command)
    return actor_option(command)


def shown_value(value: Value | None) -> str:
    """A value for people."""
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


def changes_table(changes: Sequence[Change]) -> Table:
    """One row for each field that is different, for programs."""
    from graphsms.history.answers import COLUMNS, change_rows

    return Table(COLUMNS, tuple(change_rows(changes)))


def print_changes(changes: Sequence[Change], words: Vocabulary, *, title: str = "", whole: bool = False) -> None:
    """Changes for people; of what is new or gone only that, unless all of it is wanted."""
    rows = [row for change in changes for row in _rows(change, words, whole)]
    # Where nothing has been changed in itself, there are no fields to show.
    fields = any(row[2] for row in rows)
    headings = ("change", "what", "field", "before", "after") if fields else ("change", "what")
    shown = [row[: len(headings)] for row in rows]
    if fits(headings, shown):
        print_table(Table((), ()), title=title, headings=headings, shown=shown)
    else:
        _print_stacked(shown, title)


def _print_stacked(rows: Sequence[Sequence[Text | str]], title: str) -> None:
    """Each thing on a line of its own, its fields below: ids and values stay in one piece, however narrow it is."""
    from rich.padding import Padding
    from rich.table import Table as RichTable
    from rich.text import Text

    out = console()
    if title:
        out.print()
        out.print(Text(title, style="bold"))
    widest = min(max((len(row[2]) for row in rows if len(row) > 2), default=0), out.width // 3)
    for row in rows:
        if row[0]:
            out.print(Text.assemble(row[0], "  ", row[1]), overflow="fold")
        if len(row) > 2 and row[2]:
            before, after = str(row[3]), str(row[4])
            line = RichTable.grid(padding=(0, 2, 0, 0))
            line.add_column(width=widest, overflow="fold")
            line.add_column(overflow="fold")
            line.add_row(Text(str(row[2]), style="dim"), Text(_from_to(before, after)))
            out.print(Padding(line, (0, 0, 0, 4)))


def _from_to(before: str, after: str) -> str:
    """What it was and what it is; of what is new or gone only the one."""
    if before == _NOTHING:
        return after
    return f"{before} → {after}" if after != _NOTHING else f"{before} → nothing"


def _rows(change: Change, words: Vocabulary, whole: bool) -> Iterator[tuple[Text | str, ...]]:
    from rich.text import Text

    word, style = _MARKS[change.kind]
    first: tuple[Text | str, str] = (Text(word, style=style), _what(change, words))
    fields = tuple(_worth_telling(change)) if change.kind == "changed" else ()
    if whole and change.kind != "changed":
        # The revision says where it came from.
        fields = tuple(one for one in change.fields if one.field != "source" or one.source is not None)
    if not fields:
        yield (*first, "", "", "")
    for one in fields:
        yield (*first, _field(one, words), shown_value(one.before), shown_value(one.after))
        first = ("", "")


def _worth_telling(change: Change) -> Iterator[FieldChange]:
    """What is different, without what a source only says as well: that it does is told once, by its name."""
    from graphsms.history.changes import FieldChange

    said = change.said()
    for one in change.fields:
        stood, stands = (found.get((None, one.field)) for found in said)
        if one.source is None or one.before not in (None, stood) or one.after not in (None, stands):
            yield one
    before, after = _stating(change.before), _stating(change.after)
    # Of one source each, the change of the source has said it.
    if before != after and len(before) + len(after) > 2:
        yield FieldChange(_STATED_BY, before, after)


def _stating(item: Item | None) -> tuple[str, ...]:
    assert item is not None, "only of what was changed is it told who states it"
    return tuple(sorted(name or "hand" for name in (item.stated or (item.source or "",))))


def _what(change: Change, words: Vocabulary) -> str:
    from graphsms.model import Entity

    item = change.item
    if isinstance(item, Entity):
        return item.id if item.name == item.id else f"{item.id}  {item.name}"
    term = words.relations.get(item.type)
    return f"{item.subject} {term.label if term else item.type} {item.object}"


def _field(one: FieldChange, words: Vocabulary) -> str:
    term = words.properties.get(one.field)
    label = term.label if term else one.field
    if one.source is None:
        return label
    return f"{label} (by {one.source})" if one.source else f"{label} (by hand)"


def recorded(revision: Revision, as_of: str | None = None, *, otherwise: str = "whenever valid") -> str:
    """What an answer rests on, on both axes of time: what was recorded, and what was valid."""
    when = f" of {revision.time[:16]}Z" if revision.number else ", before anything was recorded"
    return f"Revision {revision.number}{when}, {f'as of {as_of[:16]}Z' if as_of else otherwise}."


class _Dated(Protocol):
    """An answer that says of which revision and moment it is."""

    @property
    def revision(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def as_of(self) -> str: ...


def tell_times(answer: _Dated, *, aside: bool = True) -> None:
    """What an answer rests on, on standard error beside a list that has no room for it, or below one for people."""
    when = f" of {answer.at[:16]}Z" if answer.revision else ", before anything was recorded"
    click.echo(f"Revision {answer.revision}{when}, as of {answer.as_of[:16]}Z.", err=aside)


def print_recorded(
    revision: Revision, as_of: str | None = None, *, otherwise: str = "whenever valid", aside: bool = False
) -> None:
    """The same, below an answer for people, or on standard error beside one for programs."""
    if aside:
        click.echo(recorded(revision, as_of, otherwise=otherwise), err=True)
        return
    from rich.text import Text

    console().print(Text(recorded(revision, as_of, otherwise=otherwise), style="dim"))
