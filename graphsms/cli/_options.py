"""Options that commands share, and how a command opens its graph."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphsms.errors import InputError

if TYPE_CHECKING:
    from graphsms.graph import Graph

__all__ = [
    "Asked",
    "answer_options",
    "at_option",
    "history_options",
    "list_options",
    "one_flag",
    "open_graph",
    "question_options",
    "store_options",
    "window_options",
]

_F = TypeVar("_F", bound=Callable[..., Any])


def _inherited(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """What was said ahead of the command counts where the command itself does not say it."""
    above = (ctx.find_root().obj or {}).get(parameter.name)
    if parameter.multiple:
        return (*(above or ()), *value)
    return value if value is not None else above


def store_options(command: _F) -> _F:
    """``--store`` and ``--ontology``, here or ahead of the command."""
    for option in (
        click.option(
            "--ontology",
            metavar="FILE",
            multiple=True,
            callback=_inherited,
            help="A Turtle file of your own beside our ontology; may be repeated. Also $GRAPHSMS_ONTOLOGY.",
        ),
        click.option(
            "--store",
            metavar="URL",
            callback=_inherited,
            help="A file, or neo4j:// or bolt:// with +s for TLS. Also $GRAPHSMS_STORE. [default: graphsms.db]",
        ),
    ):
        command = option(command)
    return command


def list_options(command: _F) -> _F:
    """``--json`` and ``--csv``: the answer for programs, alone on standard output."""
    csv = click.option("--csv", "as_csv", is_flag=True, callback=_one_form, help="The list as CSV.")
    json = click.option("--json", "as_json", is_flag=True, callback=_one_form, help="The answer as JSON.")
    return json(csv(command))


def _one_form(ctx: click.Context, parameter: click.Parameter, value: bool) -> bool:
    """An answer has one form: of two that are asked for, none is right."""
    other = "as_csv" if parameter.name == "as_json" else "as_json"
    if value and ctx.params.get(other):
        raise click.UsageError("Give one of --json and --csv, not both.", ctx)
    return value


def one_flag(name: str, **helps: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Flags that say one thing in different ways, as one parameter ``name``: that which was given, or None.

    Of two, the last would win by itself; what was meant is not known then, so nothing is done.
    """

    def with_flags(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def called(**said: Any) -> Any:
            given = [flag for flag in helps if said.pop(flag)]
            if len(given) > 1:
                words = [f"--{flag.replace('_', '-')}" for flag in given]
                raise click.UsageError(f"Give one of {', '.join(words[:-1])} and {words[-1]}, not more.")
            return command(**{name: given[0] if given else None}, **said)

        for flag, text in reversed(helps.items()):
            called = click.option(f"--{flag.replace('_', '-')}", flag, is_flag=True, help=text)(called)
        return called

    return with_flags


def at_option(command: _F) -> _F:
    """``--at``: what was recorded then."""
    return click.option(
        "--at",
        metavar="REV|DATE",
        help="What was recorded then: a revision, a moment, the end of a day, or a baseline. [default: now]",
    )(command)


def history_options(command: _F, default: str = "now") -> _F:
    """``--at`` and ``--as-of``: what was recorded then, and what was valid then."""
    command = click.option("--as-of", metavar="DATE", help=f"What was valid then. [default: {default}]")(command)
    return at_option(command)


@dataclass(frozen=True, slots=True)
class Asked:
    """What commands are asked beside their own: of which graph, of which time, and in which form they answer."""

    store: str | None
    ontology: tuple[str, ...]
    as_json: bool
    as_csv: bool
    at: str | None = None
    as_of: str | None = None

    def graph(self) -> Graph:
        """The graph that is asked."""
        return open_graph(self.store, self.ontology)


def answer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of `list_options` and `store_options`, as one parameter ``asked``."""
    return list_options(store_options(_gathered(command, "store", "ontology", "as_json", "as_csv")))


def question_options(command: Callable[..., Any], default: str = "now") -> Callable[..., Any]:
    """The options of `history_options`, `list_options` and `store_options`, as one parameter ``asked``."""
    return history_options(list_options(store_options(_gathered(command, *Asked.__dataclass_fields__))), default)


def _gathered(command: Callable[..., Any], *names: str) -> Callable[..., Any]:
    @wraps(command)
    def called(**said: Any) -> Any:
        asked = Asked(**{name: said.pop(name) for name in names})
        return command(asked=asked, **said)

    return called


def window_options(command: _F) -> _F:
    """``--start`` and ``--end``: from when to when the seeds are in their state."""
    for option in (
        click.option(
            "--end",
            metavar="DATE",
            help="Until when, such as the start of the new supply; a bare date: to its end.",
        ),
        click.option(
            "--start",
            metavar="DATE",
            help="From when, such as the end of a supply that is replaced; a bare date: from its beginning.",
        ),
    ):
        command = option(command)
    return command


def open_graph(store: str | None, ontology: tuple[str, ...], *, create: bool = False) -> Graph:
    """The graph that the options name.

    Raises
    ------
    InputError
        An ontology file does not exist; the store does not, and is not to be made.
    """
    from graphsms.graph import Graph

    files = [*filter(None, os.environ.get("GRAPHSMS_ONTOLOGY", "").split(os.pathsep)), *ontology]
    for file in files:
        if not Path(file).is_file():
            raise InputError(f"The ontology file {file} does not exist.")
    return Graph.open(store, ontology=list(dict.fromkeys(files)), create=create)
