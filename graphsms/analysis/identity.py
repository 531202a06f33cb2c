"""What a finding and what is decided about it are recognized by: text, the same in every run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import quote

__all__ = ["disposition_id", "finding_id", "identity_of"]

_LONGEST: Final = 1500  # characters: an id has room for it, with what stands ahead of it


def identity_of(check: str, entities: Sequence[str], aspect: str = "") -> str:
    """The identity of a finding: the rule, the entities and, where there is one, the aspect.

    Examples
    --------
    >>> identity_of("ci-without-owner", ["lic-backup"])
    'ci-without-owner:lic-backup'
    >>> identity_of("duplicate-suspected", ["a,b", "component:default/web"], "serial number")
    'duplicate-suspected:a%2Cb,component:default/web,serial%20number'
    """
    parts = [*entities, aspect] if aspect else list(entities)
    text = f"{check}:{','.join(re.sub(r'[^!-~]|[,%]', lambda one: quote(one[0], safe=''), part) for part in parts)}"
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 65]}~{sha256(text.encode()).hexdigest()}"


def finding_id(identity: str) -> str:
    """The id of the entity that holds a finding.

    Examples
    --------
    >>> finding_id("ci-without-owner:lic-backup")
    'finding:ci-without-owner:lic-backup'
    """
    return f"finding:{identity}"


def disposition_id(identity: str) -> str:
    """The id of the entity that holds what was decided about a finding."""
    return f"disposition:{identity}"
