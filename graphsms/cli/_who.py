"""``--actor``: who writes into the graph, for its history."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["actor_option"]

_F = TypeVar("_F", bound=Callable[..., Any])


def actor_option(command: _F) -> _F:
    """``--actor``, by default the user who is logged in."""
    return click.option(
        "--actor",
        metavar="WHO",
        default=_user,
        show_default="the user who is logged in",
        help="Who does it, for the history.",
    )(command)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no account has this user's number, as in some containers
        return ""
