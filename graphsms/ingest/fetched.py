"""Folders that ``graphsms fetch`` has filled: pages of answers as they came, and a manifest that says which.

The manifest says from where, what was asked, and which tables are whole. What was broken off is not imported as
if it were all there is: that would look as if the rest had gone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["FORM", "MANIFEST", "Fetched", "fetched", "is_manifest"]

MANIFEST: Final = "manifest.json"
FORM: Final = "graphsms fetch 1"

_BASE: Final = re.compile(r"https?://[\w.:\[\]-]+(/[\w./~-]*)?")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a manifest says of the folder that it stands in.

    Parameters
    ----------
    system : str
        The tool that was asked, as the readers name it.
    url : str
        Its base URL, without a credential.
    tables : mapping of str to str
        The table of each file, by the file's name.
    unfinished : tuple of str
        Tables of which pages are missing.
    """

    system: str
    url: str
    tables: Mapping[str, str]
    unfinished: tuple[str, ...]


def is_manifest(path: Path, head: bytes, system: str) -> bool:
    """Whether a file is the manifest of what was fetched from a system."""
    return path.name == MANIFEST and f'"{FORM}"'.encode() in head and f'"system": "{system}"'.encode() in head


def fetched(folder: Path) -> Fetched | None:
    """What the manifest in a folder says, or None where there is none that can be read."""
    try:
        said = json.loads((folder / MANIFEST).read_text("utf-8"))
        if said["form"] != FORM:
            return None
        tables = {page["file"]: table for table, one in said["tables"].items() for page in one["pages"]}
        unfinished = tuple(table for table, one in said["tables"].items() if not one["finished"])
        url = str(said["url"])
        return Fetched(str(said["system"]), url if _BASE.fullmatch(url) else "", tables, unfinished)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
