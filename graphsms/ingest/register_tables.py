"""A register of documents in CSV or Excel: read by the mapping that is shipped, or by the one that stands beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from graphsms.ingest.documents import reject
from graphsms.ingest.placement import NOT_PLACED, PLACED, UNRELATED, Placement
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.ingest.register_documents import Documents
from graphsms.ingest.serving import CONTRIBUTES, Served, wants
from graphsms.ingest.tabular.reader import TableReader, mapping_beside
from graphsms.vocabulary import Vocabulary

__all__ = ["MAX_ROWS", "READY", "read_table"]

MAX_ROWS: Final = 100_000
READY: Final = Path(__file__).parent / "ready" / "document-register.mapping.yaml"


def read_table(
    path: Path, vocabulary: Vocabulary, documents: Documents, mapping: Path | None = None
) -> Iterator[Placement]:
    """Take in the rows of a table, and tell what becomes of each.

    Raises
    ------
    RejectedError
        It is longer than any register of documents.
    """
    reader = TableReader(mapping or mapping_beside(path) or READY)
    rows = reader.read([path], vocabulary, documents.fault, documents.warn)
    places = groupby(rows, key=lambda one: (getattr(one.origin, "sheet", ""), one.origin.line))
    for number, (_, statements) in enumerate(places, 1):
        if number > MAX_ROWS:
            message = f"It has more than {MAX_ROWS:,} rows; a table that long is read with --format table --mapping."
            reject(str(path), None, "too-large", message)
        yield from _row(list(statements), documents)


def _row(statements: Sequence[RawStatement], documents: Documents) -> Iterator[Placement]:
    register, vocabulary = documents.register, documents.register.vocabulary
    documented = vocabulary.known_as("documented information")
    entities = [one for one in statements if isinstance(one, RawEntity)]
    own = next((one for one in entities if vocabulary.is_a(one.type, documented)), None)
    name = str(own.properties.get("name") or "") if own else ""
    if own is None or not name:
        return
    its = {key: value for key, value in own.properties.items() if key != "name"}
    told = register.told(name, own.type)
    origin = own.origin
    if told.unrelated:
        yield Placement(origin.file, origin.line, "name", name, UNRELATED)
        return
    found = documents.document(told.type, name, origin, "document", its)
    names = {one.id: str(one.properties.get("name") or one.id) for one in entities if one is not own}
    linked: list[Served] = []
    for one in statements:
        if not isinstance(one, RawRelation) or one.subject != own.id:
            continue
        requirement = register.catalogue.requirements.get(one.object)
        if requirement is not None:
            linked.append(Served(requirement, one.properties.get("sufficiency") != CONTRIBUTES))
        elif one.object in names or one.object_type == documents.rules["person"]["type"]:
            who = names.get(one.object) or one.object.partition(":")[2].replace("-", " ").title()
            for each in filter(None, map(str.strip, who.split(";"))):
                documents.leads(found, one.type, documents.party(each, origin), origin, one.properties)
        else:
            documents.leads(found, one.type, one.object, origin, one.properties)
    serves = _narrowed(linked, told.type, vocabulary) if linked else list(told.serves)
    guess = not linked and told.guess
    if not guess:
        documents.serves(found, serves, origin)
    anchors = tuple(dict.fromkeys(one.requirement.anchor for one in serves))
    outcome = NOT_PLACED if guess else PLACED
    note = "" if linked else told.note
    yield Placement(
        origin.file, origin.line, "name", name, outcome, found.id, found.type, found.status(), anchors, note
    )


def _narrowed(linked: Sequence[Served], type: str, vocabulary: Vocabulary) -> list[Served]:
    """Of several demands at one place or in one clause, those that want a document of the type that its words say."""
    by_place: dict[str, list[Served]] = {}
    for one in linked:
        by_place.setdefault(one.requirement.anchor if one.whole else one.requirement.clause, []).append(one)
    found: list[Served] = []
    for there in by_place.values():
        wanting = [one.requirement for one in there if wants(one.requirement, type, vocabulary)]
        found += [Served(one, whole=True) for one in wanting] or there
    return found
