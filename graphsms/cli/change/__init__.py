"""``graphsms change``: from a request for change to the decision on it, and what became of it."""

from __future__ import annotations

import click

from graphsms.cli._lazy import LazyGroup

__all__ = ["command"]

# Command → module under graphsms.cli.change; in the order of `graphsms change --help`.
_COMMANDS = {
    "create": "create",
    "edit": "edit",
    "list": "list_command",
    "show": "show",
    "schedule": "schedule_command",
    "assess": "assess",
    "judge": "judge",
    "conflicts": "conflicts_command",
    "windows": "windows_command",
    "classify": "classify",
    "policy": "policy_command",
    "pack": "pack_command",
    "decide": "decide",
    "decisions": "decisions",
    "done": "done",
    "review": "review",
    "trends": "trends",
    "releases": "releases",
    "prediction": "prediction",
}


@click.group(
    "change",
    cls=LazyGroup,
    modules={name: f"{__name__}.{module}" for name, module in _COMMANDS.items()},
    epilog="Example: graphsms change list --status approved",
)
def command() -> None:
    """Requests for change: what they touch, what they hit, what is decided (8.5.1)."""
