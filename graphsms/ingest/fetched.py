"""Folders that ``graphsms fetch`` has filled: pages of answers as they came, and a manifest that says which.

The manifest says from where, what was asked, and which tables are whole. What was broken off is not imported as
if it were all there is: that would look as if the rest had gone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from graphsms.model import Fault, Origin

__all__ = ["FORM", "MANIFEST", "Fetched", "fetched", "is_manifest", "taken_for_manifest"]

MANIFEST: Final = "manifest.json"
FORM: Final = "graphsms fetch 1"

_BASE: Final = re.compile(r"https?://[\w.:\[\]-]+(/[\w./~-]*)?")


Take = Callable[[Fault], None]


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
    missing : mapping of str to int
        Rows by table that the server counted and did not give.
    absent : tuple of str
        Tables that were asked for and could not be read.
    """

    system: str
    url: str
    tables: Mapping[str, str]
    unfinished: tuple[str, ...]
    missing: Mapping[str, int]
    absent: tuple[str, ...]


def is_manifest(path: Path, head: bytes, system: str) -> bool:
    """Whether a file is the manifest of what was fetched from a system."""
    return path.name == MANIFEST and f'"{FORM}"'.encode() in head and f'"system": "{system}"'.encode() in head


def fetched(folder: Path) -> Fetched | None:
    """What the manifest in a folder says, or None where there is none that can be read."""
    file = folder / MANIFEST
    try:
        stand = file.stat()
    except OSError:
        return None
    return _read(file, stand.st_mtime_ns, stand.st_size)


@lru_cache(maxsize=8)  # every page of a folder asks for it
def _read(file: Path, changed: int, size: int) -> Fetched | None:  # noqa: ARG001  # what it is remembered by
    try:
        said = json.loads(file.read_text("utf-8"))
        if said["form"] != FORM:
            return None
        tables = {page["file"]: table for table, one in said["tables"].items() for page in one["pages"]}
        unfinished = tuple(table for table, one in said["tables"].items() if not one["finished"])
        missing = {table: (one["told"] or 0) - one["rows"] for table, one in said["tables"].items()}
        absent = tuple(table for table, one in said["tables"].items() if one.get("absent"))
        missing = {table: number for table, number in missing.items() if number > 0}
        url = str(said["url"])
        return Fetched(str(said["system"]), url if _BASE.fullmatch(url) else "", tables, unfinished, missing, absent)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def taken_for_manifest(path: Path, system: str, fault: Take, warn: Take) -> bool:
    """Whether a file is a manifest; what it says of pages that are not there goes to ``fault`` and ``warn``."""
    if path.name != MANIFEST or (manifest := fetched(path.parent)) is None or manifest.system != system:
        return False
    for table in manifest.unfinished:
        message = "It was not fetched to its end; run the same `graphsms fetch` again, which goes on."
        fault(Fault(Origin(str(path)), "", table, "unfinished-fetch", message))
    for table, number in manifest.missing.items():
        message = f"{number:,} rows were counted and not given; the account may not be allowed to read them."
        warn(Fault(Origin(str(path)), "", table, "missing-rows", message))
    if manifest.absent:
        message = f"Tables that were not there, or that the account may not read: {', '.join(manifest.absent)}."
        warn(Fault(Origin(str(path)), "", "", "absent-tables", message))
    return True
