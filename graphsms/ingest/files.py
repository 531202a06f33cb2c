"""Which files an import reads, and in which format."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from graphsms.errors import InputError, RejectedError
from graphsms.ingest.documents import BYTE_ORDER_MARK, content_of, no_file, reject
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.reader import Following, Reader
from graphsms.model import Fault, Origin

__all__ = ["Chosen", "choose", "default_source", "readers"]

_HEAD: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Chosen:
    """What will be read: files by the reader that reads them, and those in folders that nobody recognizes."""

    by_reader: tuple[tuple[Reader, tuple[Path, ...]], ...]
    passed_over: tuple[Path, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """All that will be read, in order."""
        return tuple(path for _, paths in self.by_reader for path in paths)


def readers(mapping: Path | None = None) -> tuple[Reader, ...]:
    """The formats that can be read, in the order in which they are asked whether they recognize a file.

    Tables that a mapping is for come first: ``mapping``, or one beside the file.
    """
    from graphsms.ingest.backstage import BackstageReader
    from graphsms.ingest.compose import ComposeReader
    from graphsms.ingest.corrected import CorrectedReader
    from graphsms.ingest.cyclonedx import CycloneDxReader
    from graphsms.ingest.exchange import ExchangeReader
    from graphsms.ingest.glpi import GlpiReader
    from graphsms.ingest.itop import ItopReader
    from graphsms.ingest.kubernetes import KubernetesReader
    from graphsms.ingest.netbox import NetBoxReader
    from graphsms.ingest.openpsa import OpenPsaReader
    from graphsms.ingest.rdf import JsonLdReader, TurtleReader
    from graphsms.ingest.register import RegisterReader
    from graphsms.ingest.servicenow import ServiceNowReader
    from graphsms.ingest.subprocessors import SubprocessorsReader
    from graphsms.ingest.tabular import TableReader
    from graphsms.ingest.worksheet import WorksheetReader

    return (
        TableReader(mapping), WorksheetReader(),
        ExchangeReader(), TurtleReader(), JsonLdReader(), BackstageReader(), KubernetesReader(), ComposeReader(),
        NetBoxReader(), CycloneDxReader(), OpenPsaReader(), SubprocessorsReader(), RegisterReader(mapping),
        ServiceNowReader(), ItopReader(), GlpiReader(), CorrectedReader(),
    )  # fmt: skip


def choose(
    paths: Sequence[Path], format: str | None = None, *, mapping: Path | None = None, apart: Container[Path] = ()
) -> Chosen:
    """Find out what to read.

    Parameters
    ----------
    paths : sequence of Path
        Files, and folders, of which the recognized files are taken, in order of their names. Hidden files
        and folders are left out, and links to folders are not followed.
    format : str, optional
        Read every file that is named in this format, and of folders those that look like it.
    mapping : Path, optional
        What the columns of tables are: see `graphsms.ingest.tabular`.
    apart : container of Path
        Resolved paths of files that must not even be opened: `graphsms.store.files_of`.

    Raises
    ------
    InputError
        There is no such format, or nothing to read.
    RejectedError
        A file does not exist, cannot be read, or is of no known format.
    """
    if mapping is not None and not mapping.is_file():
        raise InputError(f"The mapping {mapping} does not exist, or is no file.")
    from graphsms.ingest.tabular import BESIDE

    said = None if mapping is None else _real(mapping)
    known = readers(mapping)
    # What is read by its name alone is not looked for.
    wanted = [one for one in known if one.name == format or not (format or getattr(one, "by_name_only", False))]
    if not wanted:
        names = [one.name for one in known]
        hint = did_you_mean(str(format), names)
        raise InputError(f"There is no format {format!r}; the formats are {', '.join(names)}.{hint}")
    found: list[tuple[Reader, Path]] = []
    passed_over: list[Path] = []
    faults: list[Fault] = []
    for path in dict.fromkeys(paths):
        try:
            if path.is_dir():
                for file in _walk(path):
                    if _real(file) in apart or file.name.endswith(BESIDE) or _real(file) == said:
                        continue
                    # Pipes, sockets and links to nowhere are told of too, and never opened.
                    reader = _recognized(file, wanted) if file.is_file() else None
                    if reader is None:
                        passed_over.append(file)
                    else:
                        found.append((reader, file))
            elif _real(path) in apart:
                reject(str(path), None, "the-store", "It is the store itself; name what is to be imported into it.")
            elif path.name == "-" and not path.exists():
                message = "Standard input is not read: write it to a file, and name that."
                reject(str(path), None, "no-file", message)
            elif problem := no_file(path):
                reject(str(path), None, "no-file", problem)
            else:
                found.append((wanted[0] if format else _of_unknown_format(path, wanted, mapping), path))
        except OSError as error:
            where = Path(error.filename) if error.filename else path
            faults.append(Fault(Origin(str(where)), "", "", "unreadable", f"It cannot be read: {error.strerror}."))
        except RejectedError as error:
            faults += error.faults
    if faults:
        raise RejectedError(_first(faults), faults)
    if not found:
        searched = ", ".join(str(path) for path in paths)
        raise InputError(f"Nothing in {searched} is of a known format; name the file, and the format with --format.")
    order = {one.name: number for number, one in enumerate(known)}
    found.sort(key=lambda one: order[one[0].name])  # stable: within a format, the order given
    chosen = []
    for name, group in groupby(found, key=lambda one: one[0].name):
        reader, files = next(one for one in known if one.name == name), list(dict.fromkeys(path for _, path in group))
        if isinstance(reader, Following):
            files += (path for path in reader.follow(files) if _real(path) not in apart)
        chosen.append((reader, tuple(files)))
    return Chosen(tuple(chosen), tuple(passed_over))


def default_source(paths: Sequence[Path]) -> str:
    """What a source is called that nobody gave a name: the file or folder; for several, the folder that they are in.

    Examples
    --------
    >>> default_source([Path("estates/north/compose.yaml"), Path("estates/north/compose.full.yaml")])
    'north'
    """
    whole = [_real(path) for path in paths]
    if len(whole) == 1:
        return whole[0].name or str(whole[0])
    return Path(os.path.commonpath([path.parent for path in whole])).name or "+".join(path.name for path in whole)


def _walk(folder: Path) -> Iterator[Path]:
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if not path.is_dir():
            yield path
        elif path == folder or not path.is_symlink():
            inner = sorted(one for one in path.iterdir() if not one.name.startswith("."))
            waiting += reversed(inner)


def _real(path: Path) -> Path:
    """Where links lead; of those that lead round in a circle, as `Path.resolve` does not, one of them."""
    return Path(os.path.realpath(path))


def _recognized(path: Path, among: Sequence[Reader]) -> Reader | None:
    with path.open("rb") as file:
        head = file.read(_HEAD).removeprefix(BYTE_ORDER_MARK)
    return next((one for one in among if one.recognizes(path, head)), None)


def _of_unknown_format(path: Path, among: Sequence[Reader], mapping: Path | None) -> Reader:
    from graphsms.ingest.tabular import is_table, without_mapping

    reader = _recognized(path, among)
    if reader is None and is_table(path):
        reject(str(path), None, "no-mapping", without_mapping(path, mapping))
    if reader is None:
        content_of(path)  # where the file is damaged, that is the better answer
        names = ", ".join(one.name for one in among)
        message = f"The format is not recognized; name it with --format: {names}."
        if path.suffix.lower() in (".md", ".markdown"):
            message += " A page whose front matter lists documents is a register."
        reject(str(path), None, "unknown-format", message)
    return reader


def _first(faults: Sequence[Fault]) -> str:
    return str(faults[0]) + (f" (and {len(faults) - 1} more)" if len(faults) > 1 else "")
