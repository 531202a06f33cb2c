"""Files of evidence held against the hashes that the graph has of them (7.5.3).

A document or record that says where its file lies and what its SHA-256 is shows what it showed only as long as the file
is the same. What differs, or is not there any more, is a finding with the life of findings: new, still there, gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
from hashlib import file_digest
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from graphsms.analysis.estate import Deficiency, Estate, Examined, estate
from graphsms.errors import ConflictError, InputError
from graphsms.findings.answer import NEW, FindingsAnswer
from graphsms.findings.checks import checks
from graphsms.findings.life import compared
from graphsms.findings.run import examine
from graphsms.findings.stored import stored, to_store
from graphsms.ingest.hand import apply_by_hand
from graphsms.model import ChangeSet, Entity
from graphsms.store import Store

__all__ = ["CHECKS", "MAX_BYTES", "changed", "check_files", "folder_of"]

CHECKS: Final = Path(__file__).parent / "checks.yaml"
# Of one file; what is larger is not read, and listed.
MAX_BYTES: Final = 1 << 30
_FOLDER: Final = "folder"
_ATTEMPTS: Final = 5


def check_files(
    store: Store,
    folder: str | Path,
    *,
    as_of: str | None = None,
    zone: tzinfo = UTC,
    keep: bool = True,
    actor: str = "",
) -> FindingsAnswer:
    """Hold the files of a folder against the hashes of the graph, and keep what is found where anything is new.

    Parameters
    ----------
    store : Store
    folder : path
        What ``fileLocation`` is relative to. Nothing outside it is read.
    as_of : str, optional
        The moment; without it, now.
    zone : tzinfo
    keep : bool
        Whether findings are stored, in one revision.
    actor : str
        For the history.

    Raises
    ------
    InputError
        There is no such folder.

    Notes
    -----
    Reads every file that has a hash once, at most a gigabyte of each.
    """
    folder_of(folder)
    (check,) = checks(store.vocabulary, [CHECKS], ["evidence-file-changed"])
    check = replace(check, parameters={_FOLDER: str(folder)})
    for attempt in range(1, _ATTEMPTS + 1):
        read = estate(store, None, as_of, zone)
        before = stored(read)
        answer = compared(examine(read, [check]), read, before)
        news = answer.newly_gone or any(one.status == NEW for one in answer.findings)
        if not keep or not news:
            return answer
        entities, relations = to_store(answer.findings, before, read, read.as_of)
        try:
            revision = apply_by_hand(
                store,
                ChangeSet(
                    entities=entities,
                    relations=relations,
                    actor=actor,
                    reason="Files of evidence held against their hashes",
                    base=read.revision.number,
                ),
            )
            return replace(answer, recorded=revision.number)
        except ConflictError:  # somebody has written meanwhile
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError


def folder_of(folder: str | Path) -> Path:
    """A folder that there is.

    Raises
    ------
    InputError
        There is none.
    """
    if not Path(folder).is_dir():
        raise InputError(f"There is no folder {str(folder)!r}: name the one that the files of evidence lie in.")
    return Path(folder).resolve()


def changed(read: Estate, parameters: Mapping[str, str]) -> Examined:
    """Documents and records whose file is another than when its hash was taken, or is not there."""
    if not parameters.get(_FOLDER):
        return Examined(0, (), "no folder is named (`graphsms assess --files FOLDER`)")
    folder = Path(parameters[_FOLDER]).resolve()
    found: list[Deficiency] = []
    looked_at, passed = 0, 0
    for entity in read.of_type(read.vocabulary.known_as("documented information")):
        wanted, location = str(entity.properties.get("sha256") or ""), _location(entity)
        if not wanted:
            continue
        path = _inside(folder, location)
        if path is None:
            passed += 1
            continue
        looked_at += 1
        found += _problems(entity, location, path, wanted.lower())
    note = f"{passed:,} with a hash lie elsewhere and were not read" if passed else ""
    return Examined(looked_at, tuple(found), note if looked_at or passed else "nothing has the hash of a file")


def _location(entity: Entity) -> str:
    return str(entity.properties.get("fileLocation") or "")


def _inside(folder: Path, location: str) -> Path | None:
    """The file in the folder that is meant; None for a URL, an absolute path, or what leads out of the folder."""
    if not location or "://" in location or "\0" in location:
        return None
    if PurePosixPath(location).is_absolute() or PureWindowsPath(location).anchor:
        return None
    try:
        path = (folder / location).resolve()
    except (OSError, RuntimeError):  # a loop of links
        return None
    return path if path.is_relative_to(folder) else None


def _problems(entity: Entity, location: str, path: Path, wanted: str) -> Iterator[Deficiency]:
    try:
        if not path.is_file():
            yield Deficiency((entity.id,), f"{location}, the file of {entity.name}, is not there.", "missing")
            return
        if path.stat().st_size > MAX_BYTES:
            message = f"{location}, the file of {entity.name}, is larger than {MAX_BYTES:,} bytes and was not read."
            yield Deficiency((entity.id,), message, "too large")
            return
        with path.open("rb") as file:
            there = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        message = f"{location}, the file of {entity.name}, cannot be read: {error.strerror}."
        yield Deficiency((entity.id,), message, "unreadable")
        return
    if there != wanted:
        message = f"{location}, the file of {entity.name}, is not what it was when its hash was taken."
        yield Deficiency((entity.id,), message, "changed")
