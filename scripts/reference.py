"""Writes docs/reference/ from what it describes: the command line, the Python face, and the vocabulary
(which ``scripts/vocabulary_pages.py`` makes).

``scripts/reference.py`` writes the pages; ``tests/test_docs.py`` fails where one of them is out of date.
"""

from __future__ import annotations

import inspect
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path

import click

import graphsms
from graphsms.cli import app

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
WIDTH = 88


# ------------------------------------------------------------------------------------------ command line


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """The full name and the help of a command and of all below it."""
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, click.Context(inner, info_name=name, parent=context))


def cli() -> str:
    """The help of every command."""
    settings = {**app.context_settings, "terminal_width": WIDTH}
    context = click.Context(app, info_name="graphsms", **settings)
    parts = ["# Command line", "", "As `graphsms COMMAND --help` prints it.", ""]
    for path, text in commands(app, context):
        parts += [f"## {path}", "", "```text", text.rstrip(), "```", ""]
    return "\n".join(parts)


# ------------------------------------------------------------------------------------------ Python


class _Annotation:
    """An annotation that is printed as it was written."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def signature(function: Callable[..., object]) -> str:
    """The parameters of a function or class, annotations as written, without ``self``."""
    try:
        found = inspect.signature(function)
    except ValueError:  # an exception that is made as every other
        return "(message)"

    def shown(annotation: object) -> object:
        return _Annotation(annotation) if isinstance(annotation, str) else annotation

    parameters = [p.replace(annotation=shown(p.annotation)) for p in found.parameters.values() if p.name != "self"]
    return str(found.replace(parameters=parameters, return_annotation=shown(found.return_annotation)))


def described(title: str, code: str, documentation: str | None) -> list[str]:
    """A heading, the call, the first paragraph as prose and the rest as it stands."""
    first, _, rest = inspect.cleandoc(documentation or "").partition("\n\n")
    parts = [title, "", "```python", code, "```", "", first, ""]
    return [*parts, "```text", rest, "```", ""] if rest else parts


def python() -> str:
    """Every public name, with its signature and documentation."""
    parts = ["# Python", "", "Everything in `graphsms.__all__`; what is not here may change without notice.", ""]
    for name in sorted(graphsms.__all__, key=str.casefold):
        thing = getattr(graphsms, name)
        parts += described(f"## graphsms.{name}", f"graphsms.{name}{signature(thing)}", thing.__doc__)
        if not inspect.isclass(thing) or issubclass(thing, Exception):
            continue
        for member, value in vars(thing).items():
            if member.startswith("_") or member in getattr(thing, "__dataclass_fields__", ()):
                continue
            function = getattr(value, "__func__", value)
            if isinstance(value, property):
                parts += described(f"### {name}.{member}", f"{name}.{member}", value.__doc__)
            elif inspect.isfunction(function):
                parts += described(f"### {name}.{member}", f"{name}.{member}{signature(function)}", function.__doc__)
    return "\n".join(parts)


def pages() -> dict[str, str]:
    """Each page by its file name."""
    made = {"cli.md": cli(), "python.md": python()}
    for script in ("vocabulary_pages.py", "query_pages.py"):
        made |= runpy.run_path(str(Path(__file__).with_name(script)))["pages"]()
    return {name: text.rstrip() + "\n" for name, text in made.items()}


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
