"""The documentation says what is so: its links lead somewhere, its reference is current, its commands exist."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import click
import pytest

import graphsms
from graphsms.cli import app

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """Where a link into a page can lead: its headings, as the usual renderers name them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@lru_cache(maxsize=1)
def generated() -> dict[str, str]:
    made: dict[str, str] = runpy.run_path(str(ROOT / "scripts" / "reference.py"))["pages"]()
    return made


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    yield context.command_path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, click.Context(inner, info_name=name, parent=context))


COMMANDS = dict(commands(app, click.Context(app, info_name="graphsms", **app.context_settings)))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), f"{name_of(page)}: {target} leads nowhere"
        if anchor:
            assert anchor in anchors(goal), f"{name_of(page)}: {target}: there is no such heading"


def test_every_page_can_be_reached_from_the_first_one() -> None:
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for target in LINK.findall(prose(page)):
            goal = (page.parent / target.partition("#")[0]).resolve()
            if goal.is_file():
                ahead.append(goal)
    assert {name_of(page) for page in PAGES} - {name_of(page) for page in reached} == set()


@pytest.mark.parametrize("name", ["cli.md", "python.md", "queries.md"])
def test_the_reference_is_what_make_docs_writes(name: str) -> None:
    assert (DOCS / "reference" / name).read_text("utf-8") == generated()[name], "run make docs"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_option_is_in_the_reference(path: str) -> None:
    section = re.search(rf"^## {re.escape(path)}$.*?(?=^## |\Z)", generated()["cli.md"], re.MULTILINE | re.DOTALL)
    assert section, f"{path} is not in docs/reference/cli.md"
    for parameter in COMMANDS[path].params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            for option in parameter.opts:
                assert option in section.group(), f"{path} {option} is not in docs/reference/cli.md"
                assert parameter.help, f"{path} {option} says nothing of itself"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_gives_an_example(path: str) -> None:
    assert "graphsms" in (COMMANDS[path].epilog or "")


@pytest.mark.parametrize("name", graphsms.__all__)
def test_every_public_name_is_in_the_reference_and_documented(name: str) -> None:
    assert f"## graphsms.{name}\n" in generated()["python.md"]
    assert getattr(graphsms, name).__doc__


SHOWN = runpy.run_path(str(ROOT / "scripts" / "shown.py"))


@pytest.mark.parametrize("page", SHOWN["pages"](), ids=name_of)
def test_what_a_page_shows_is_what_the_command_prints(page: Path) -> None:
    assert page.read_text("utf-8") == SHOWN["shown"](page), "run make docs"


def test_the_pages_that_show_commands_do() -> None:
    calls = {name_of(page): page.read_text("utf-8").count("```console\n$ graphsms ") for page in SHOWN["pages"]()}
    assert calls["README.md"] >= 1
    assert calls["docs/how-to/first-blast-radius.md"] >= 5


def test_decisions_are_numbered_without_gaps_and_say_what_they_must() -> None:
    pages = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text("utf-8")
        assert text.startswith(f"# {int(page.name[:4])}. ")
        sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert [section.split()[0] for section in sections] == ["Context", "Choice", "What", "Consequences"], page.name
