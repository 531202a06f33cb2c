"""Credentials, from the environment only."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from typing import Final

from graphsms.errors import InputError

__all__ = ["all_secrets", "basic", "secret", "secrets_or"]

_SECRET: Final = re.compile(r"GRAPHSMS_\w+_(TOKEN|PASSWORD)")


def secret(name: str) -> str:
    """A variable of the environment, or "" where it is not set.

    Raises
    ------
    InputError
        It holds what no header can.
    """
    value = os.environ.get(name, "").strip()
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise InputError(f"{name} holds a line break or another control character.")
    return value


def all_secrets() -> list[str]:
    """The tokens and passwords that the environment holds for servers, for what must not be said."""
    return [value.strip() for name, value in os.environ.items() if _SECRET.fullmatch(name) and value.strip()]


def secrets_or(*ways: tuple[str, ...]) -> Mapping[str, str]:
    """The first of several sets of variables that is there whole.

    Raises
    ------
    InputError
        None is; the message says which there could be.
    """
    for names in ways:
        found = {name: secret(name) for name in names}
        if all(found.values()):
            return found
    wanted = ", or ".join(" and ".join(names) for names in ways)
    raise InputError(f"There is no credential: set {wanted} in the environment.")


def basic(user: str, password: str) -> str:
    """The header of HTTP's basic authentication.

    Examples
    --------
    >>> basic("ada", "lovelace")
    'Basic YWRhOmxvdmVsYWNl'
    """
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
