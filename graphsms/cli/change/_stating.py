"""The options by which a request for change is stated: what it touches, when, and what else is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from graphsms.errors import InputError

if TYPE_CHECKING:
    from graphsms.change.recording import Recorded
    from graphsms.vocabulary import Vocabulary

__all__ = ["print_recorded_requests", "request_options", "stated", "touched"]

_F = TypeVar("_F", bound=Callable[..., Any])

# Option → property, and what its help says.
_PROPERTIES: Final = {
    "--name": ("name", "TEXT", "What it is called."),
    "--start": ("windowStart", "DATE", "When its window begins; a bare date: with that day."),
    "--end": ("windowEnd", "DATE", "When its window ends; a bare date: with that day."),
    "--category": ("changeCategory", "CODE", "Category, such as normal."),
    "--priority": ("priority", "CODE", "Priority, such as high."),
    "--risk-level": ("riskLevel", "CODE", "Level of risk, such as low."),
    "--risk": ("riskStatement", "TEXT", "What may go wrong."),
    "--benefit": ("businessBenefit", "TEXT", "What customers or the organization gain by it."),
    "--feasibility": ("feasibility", "TEXT", "Whether and how it can be done."),
    "--financial-impact": ("financialImpact", "TEXT", "What it costs, saves or earns."),
    "--remediation": ("remediation", "TEXT", "How it is undone or put right."),
}
# Option → what the ontology knows the relation as.
_RELATIONS: Final = {
    "--requester": ("raised by", False, "Who asks for it."),
    "--approver": ("approver of change", True, "Who is to decide on it; may be repeated."),
    "--assignee": ("assigned to", True, "Who is to make it; may be repeated."),
    "--introduces": ("introduced by change", True, "What it brings into being; may be repeated."),
    "--raises-risk": ("risk raised by change", True, "A risk that is recorded, and that it brings; may be repeated."),
    "--remediation-plan": ("remediated by", True, "The plan by which it is undone or put right; may be repeated."),
}


def request_options(command: _F) -> _F:
    """What a request says of itself; `stated` makes one mapping of it."""
    command = click.option(
        "--set",
        "set_",
        nargs=2,
        multiple=True,
        metavar="KEY VALUE",
        help="Any other property or relation of the ontology, such as urgency high; may be repeated.",
    )(command)
    command = click.option(
        "--release", multiple=True, metavar="ID", help="A release that carries it out; may be repeated."
    )(command)
    for name, (_, several, help) in reversed(_RELATIONS.items()):
        command = click.option(name, multiple=several, metavar="ID", help=help)(command)
    for name, (_, metavar, help) in reversed(_PROPERTIES.items()):
        command = click.option(name, metavar=metavar, help=help)(command)
    command = click.option(
        "--zone", metavar="ZONE", help="The zone of times that state none. [default: the organization's]"
    )(command)
    command = click.option(
        "--touches",
        "touched_so",
        multiple=True,
        metavar="ID",
        help="What it touches, in the mode of the policy; may be repeated.",
    )(command)
    return click.option(
        "--touch",
        nargs=2,
        multiple=True,
        metavar="ID MODE",
        help="What it touches, and how: outage, degradation, change, removal, 'supplier replacement' or"
        " 'service transfer'; may be repeated.",
    )(command)


def stated(said: Mapping[str, Any], words: Vocabulary) -> dict[str, object]:
    """What the options of `request_options` say, by properties and relations; without what is touched."""
    found: dict[str, object] = {}
    for name, (property, _, _) in _PROPERTIES.items():
        if said[_parameter(name)] is not None:
            found[property] = said[_parameter(name)]
    for name, (word, _, _) in _RELATIONS.items():
        if said[_parameter(name)]:
            ends = said[_parameter(name)]
            found[words.known_as(word)] = list(ends) if isinstance(ends, tuple) else ends
    if said["release"]:
        found["release"] = list(said["release"])
    for key, value in said["set_"]:
        if key == words.known_as("touched by change"):
            raise click.UsageError("Say what is touched by --touch ID MODE or --touches ID.")
        before = found.get(key)
        found[key] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return found


def _parameter(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def touched(said: Mapping[str, Any], words: Vocabulary) -> dict[str, str]:
    """By id of what is touched, the mode; "" is that of the policy."""
    found: dict[str, str] = dict.fromkeys(said["touched_so"], "")
    for id, mode in said["touch"]:
        if found.get(id):
            raise InputError(f"{id} is said to be touched twice: say once how.")
        found[id] = _mode(mode, words)
    return found


def _mode(text: str, words: Vocabulary) -> str:
    """A mode as the ontology writes it, hyphens and underscores for spaces being allowed; "" stays."""
    code_list = words.properties["mode"].code_list
    known = {code.notation for code in words.code_lists[code_list].codes} if code_list else set()
    spaced = text.replace("-", " ").replace("_", " ")
    return spaced if text not in known and spaced in known else text


def print_recorded_requests(answer: Recorded, *, as_json: bool) -> None:
    """What was recorded, and what is doubtful in it."""
    from graphsms.cli._output import hint, print_value

    for one in answer.warnings:
        click.echo(str(one), err=True)
    if as_json:
        print_value(answer.to_json())
        return
    click.echo(answer.sentence())
    hint("change", "assess", answer.ids[0])
