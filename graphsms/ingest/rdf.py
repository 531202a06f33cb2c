"""Readers of RDF: Turtle, N-Triples and JSON-LD. Nothing is ever fetched from the network.

Relative IRIs are ids: ``<web>`` in Turtle and ``"@id": "web"`` in JSON-LD are the entity ``web``. A JSON-LD
document is read with the context of our vocabulary below its own (as ``expandContext`` of the JSON-LD API),
so a key that nothing defines is an unknown predicate, and a fault, rather than dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn

import pyoxigraph as ox

from graphsms.ingest.documents import content_of, reject
from graphsms.ingest.reader import RawStatement
from graphsms.ingest.triples import statements
from graphsms.model import Fault
from graphsms.rdf import CONTEXT, ID_BASE, context, iri_of
from graphsms.vocabulary import Vocabulary

__all__ = ["JsonLdReader", "TurtleReader"]

_POSITION: Final = re.compile(r"^Parser error at .*?: | \(line \d+\)$")
_OF_JSON_LD: Final = (b'"@context"', b'"@graph"', b'"@id"')


def line_naming(path: Path, id: str) -> int | None:
    """The line of a file of RDF that begins to speak of an entity; parsers do not tell where triples stand.

    Parameters
    ----------
    path : Path
    id : str

    Returns
    -------
    int or None
        The first line that begins with its name, else the first that has it at all; None where it is written in some
        other way, such as with escapes.
    """
    iri = iri_of(id)
    tail = iri.removeprefix(ID_BASE)
    names = {f"<{name}>" for name in (iri, tail, id)} | {json.dumps(name) for name in (iri, tail, id)}
    # With a prefix: everything after the last / or #, at the end of a word.
    local = re.escape(iri[max(iri.rfind("/"), iri.rfind("#")) + 1 :])
    name = re.compile(rf"{'|'.join(map(re.escape, sorted(names)))}|(?<![\w%.:-])[\w.-]*:{local}(?![\w%:-])")
    mentioned = None
    for number, line in enumerate(content_of(path).decode().splitlines(), 1):
        found = name.search(line)
        if found is not None and not line[: found.start()].strip(' {"@id:'):
            return number
        if found is not None and mentioned is None:
            mentioned = number
    return mentioned


class TurtleReader:
    """Turtle (``.ttl``, ``.turtle``) and N-Triples (``.nt``), which is part of it."""

    name: Final = "turtle"
    foreign: Final = False
    line_naming = staticmethod(line_naming)

    def recognizes(self, path: Path, head: bytes) -> bool:  # noqa: ARG002  # of the protocol
        """By the name of the file."""
        return path.suffix.lower() in (".ttl", ".turtle", ".nt")

    def read(
        self,
        paths: Sequence[Path],
        vocabulary: Vocabulary,
        fault: Callable[[Fault], None],
        warn: Callable[[Fault], None],  # noqa: ARG002  # of the protocol
    ) -> Iterator[RawStatement]:
        """All files as one graph: an entity of one may be described further in another."""

        def quads(path: Path) -> Iterator[ox.Quad]:
            yield from _parsed(content_of(path), str(path), ox.RdfFormat.TURTLE)

        return statements(((str(path), quads(path)) for path in paths), vocabulary, fault)


class JsonLdReader:
    """JSON-LD 1.1 (``.jsonld``, and ``.json`` with a ``@context``, ``@graph`` or ``@id``)."""

    name: Final = "jsonld"
    foreign: Final = False
    line_naming = staticmethod(line_naming)

    def recognizes(self, path: Path, head: bytes) -> bool:
        """By the name of the file; ``.json`` by its first keys too."""
        suffix = path.suffix.lower()
        return suffix == ".jsonld" or (suffix == ".json" and any(key in head for key in _OF_JSON_LD))

    def read(
        self,
        paths: Sequence[Path],
        vocabulary: Vocabulary,
        fault: Callable[[Fault], None],
        warn: Callable[[Fault], None],  # noqa: ARG002  # of the protocol
    ) -> Iterator[RawStatement]:
        """All files as one graph: an entity of one may be described further in another."""
        ours = context(vocabulary)

        def quads(path: Path) -> Iterator[ox.Quad]:
            document = _under(ours, _document(path), str(path))
            # Lenient, because IRIs with spaces and the like would otherwise be dropped; here they become faults.
            yield from _parsed(json.dumps(document).encode(), str(path), ox.RdfFormat.JSON_LD, lenient=True)

        return statements(((str(path), quads(path)) for path in paths), vocabulary, fault)


def _parsed(content: bytes, file: str, format: ox.RdfFormat, *, lenient: bool = False) -> Iterator[ox.Quad]:
    """The quads of one file; its blank nodes are its own."""
    try:
        yield from ox.parse(content, format, base_iri=ID_BASE, rename_blank_nodes=True, lenient=lenient)
    except SyntaxError as error:
        # The lines of JSON-LD are those of what was made of the file, and would mislead.
        line = error.lineno if format == ox.RdfFormat.TURTLE else None
        reject(file, line, f"not-{format.name.lower()}", f"This is not {format.name}: {_POSITION.sub('', error.msg)}.")


def _document(path: Path) -> object:
    """A JSON document in which no key is repeated, since the last would silently win."""
    file = str(path)

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            repeated = next(key for number, key in enumerate(keys) if key in keys[:number])
            reject(file, None, "duplicate-key", f"The key {repeated!r} stands twice in one object.")
        return found

    def no_number(name: str) -> NoReturn:
        reject(file, None, "not-json", f"This is not JSON: {name} is no number of JSON.")

    try:
        return json.loads(content_of(path), object_pairs_hook=unique, parse_constant=no_number)
    except json.JSONDecodeError as error:
        reject(file, error.lineno, "not-json", f"This is not JSON: {error.msg} (column {error.colno}).")
    except RecursionError:
        reject(file, None, "too-deep", "The nesting is too deep to be read.")
    except ValueError as error:  # an integer of more digits than Python converts
        reject(file, None, "not-json", f"This is not JSON that can be read: {error}.")


def _under(ours: object, document: object, file: str) -> object:
    """The document with our context below its own, and every reference to ours by its IRI resolved."""

    def local(node: object) -> object:
        if isinstance(node, list):
            return [local(one) for one in node]
        if isinstance(node, dict):
            if "@import" in node:
                remote(node["@import"])
            return {key: contexts(one) if key == "@context" else local(one) for key, one in node.items()}
        return node

    def contexts(value: object) -> object:
        if isinstance(value, list):
            return [contexts(one) for one in value]
        if isinstance(value, str):
            return ours if value == CONTEXT else remote(value)
        return local(value)

    def remote(iri: object) -> NoReturn:
        message = (
            f"The context {iri!r} lies elsewhere, and nothing is fetched; write it into the file, or use {CONTEXT}."
        )
        reject(file, None, "remote-context", message)

    def top(node: object) -> object:
        if not isinstance(node, dict):
            reject(file, None, "wrong-form", "A JSON-LD document is an object or a list of objects.")
        own = node.get("@context", [])
        return {**node, "@context": [ours, *(own if isinstance(own, list) else [own])]}

    try:
        resolved = local(document)
    except RecursionError:
        reject(file, None, "too-deep", "The nesting is too deep to be read.")
    return [top(one) for one in resolved] if isinstance(resolved, list) else top(resolved)
