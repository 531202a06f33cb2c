"""What readers of other people's formats share: the mapping to our words, which is data, and deep links.

A mapping is a YAML file under ``mappings/``: which kind becomes which type, which field which relation or
property. The keys ``type``, ``relation`` and ``property`` (and the values under ``types``) name terms of the
ontology wherever they stand, so that a test can hold every mapping against it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import LocatedDict, LocatedList, content_of, line_of, yaml_documents
from graphsms.ingest.jsontext import json_document, looks_like_json
from graphsms.model import Fault, Origin

__all__ = ["Documents", "at", "deep_link", "mapping", "mapping_names", "mapping_terms", "passed_over", "text", "texts"]

_FOLDER: Final = Path(__file__).parent / "mappings"
_TERMS: Final = ("type", "relation", "property")

Take = Callable[[Fault], None]


@lru_cache
def mapping(name: str) -> Mapping[str, object]:
    """The mapping of a format, as shipped."""
    path = _FOLDER / f"{name}.yaml"
    (found,) = yaml_documents(content_of(path), str(path))
    assert isinstance(found, LocatedDict)
    return found


def mapping_names() -> list[str]:
    """The formats that have a mapping."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def mapping_terms(node: object) -> Iterator[tuple[str, str]]:
    """The terms that a mapping names, each as (type, relation or property; its name).

    Examples
    --------
    >>> [*mapping_terms({"kinds": {"pod": {"type": "ContainerWorkload"}}, "needs": [{"relation": "dependsOn"}]})]
    [('type', 'ContainerWorkload'), ('relation', 'dependsOn')]
    """
    if isinstance(node, dict):
        for key, value in node.items():
            if key in _TERMS and isinstance(value, str):
                yield key, value
            elif key == "types" and isinstance(value, dict):
                yield from (("type", str(one)) for one in value.values())
            else:
                yield from mapping_terms(value)
    elif isinstance(node, list):
        for one in node:
            yield from mapping_terms(one)


def at(node: object, path: str) -> object:
    """What stands at a path of keys in a document, or None.

    Examples
    --------
    >>> at({"metadata": {"name": "web"}}, "metadata.name")
    'web'
    """
    for key in path.split("."):
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node


def text(value: object) -> str:
    """A scalar as text, or "" for what is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def texts(value: object) -> list[str]:
    """One scalar or a list of them as a list of text, what is empty left out."""
    return [one for one in map(text, value if isinstance(value, list) else [value]) if one]


def deep_link(origin: Origin) -> str:
    """Where a person finds it: the path, from the root of its repository where it is in one, and the line.

    So it stays the same wherever the repository is checked out. Elsewhere it is the path from here if the file
    lies below, and the whole path if not.

    Examples
    --------
    >>> deep_link(Origin("/srv/estate/catalog-info.yaml", 7))
    '/srv/estate/catalog-info.yaml#L7'
    """
    shown = _shown(os.path.abspath(origin.file))  # noqa: PTH100  # links are not followed
    return f"{shown}#L{origin.line}" if origin.line else shown


@lru_cache(maxsize=1024)
def _shown(file: str) -> str:
    """A file as a link names it."""
    path = Path(file)
    root = _root(path.parent)
    return (path.relative_to(root) if root is not None else path).as_posix()


@lru_cache(maxsize=1024)
def _root(folder: Path) -> Path | None:
    """What the paths of files in a folder are given from."""
    for one in (folder, *folder.parents):
        if (one / ".git").exists():
            return one
    here = Path.cwd()
    return here if folder.is_relative_to(here) else None


class Documents:
    """The documents of files, one after the other; a file that cannot be parsed is a fault, and the next is read."""

    def __init__(self, paths: Iterable[Path], fault: Take, tags: frozenset[str] = frozenset()) -> None:
        self._paths = paths
        self._fault = fault
        self._tags = tags

    def __iter__(self) -> Iterator[tuple[LocatedDict, Origin]]:
        for path in self._paths:
            try:
                for document in self._parsed(content_of(path), str(path)):
                    if isinstance(document, LocatedDict):
                        yield document, Origin(str(path), document.line)
                    elif document is not None:
                        where = Origin(str(path), line_of(document))
                        self._fault(Fault(where, "", "", "wrong-form", "A document must be a mapping."))
            except RejectedError as error:
                for one in error.faults:
                    self._fault(one)

    def _parsed(self, content: bytes, file: str) -> Iterator[object]:
        """The documents of one file; JSON is read as YAML, which knows lines, and as itself where YAML cannot."""
        if not looks_like_json(content):
            yield from yaml_documents(content, file, self._tags)
            return
        try:
            documents = list(yaml_documents(content, file, self._tags))
        except RejectedError:
            documents = [_located(json_document(content, file))]
        yield from documents


def _located(value: object) -> object:
    """A value of JSON as one of YAML, all of it on line 1."""
    if isinstance(value, dict):
        found = LocatedDict(1)
        for key, one in value.items():
            found[key] = _located(one)
            found.lines[key] = 1
        return found
    if isinstance(value, list):
        items = LocatedList(1)
        items += [_located(one) for one in value]
        items.lines = [1] * len(items)
        return items
    return value


def passed_over(found: Iterable[tuple[str, Origin]], warn: Take) -> None:
    """Tell of what a reader has no use for: one warning a kind, where it is first met."""
    kinds: dict[str, list[Origin]] = {}
    for kind, origin in found:
        kinds.setdefault(kind, []).append(origin)
    for kind, origins in sorted(kinds.items()):
        what = f"{len(origins):,} of kind {kind}" if kind else f"{len(origins):,} without a kind"
        warn(Fault(origins[0], "", "", "passed-over", f"{what} passed over, from here on: nothing is made of them."))
