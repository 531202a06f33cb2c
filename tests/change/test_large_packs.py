"""A pack of more hits than anybody reads: folded for people, with how many there are, and whole for programs.

`benchmarks/changes.py` does the same with 100,000.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

import graphsms
from graphsms import ChangeSet, Entity, Relation
from graphsms.change.pack import FORMS, Pack

HITS = 2_000
REQUEST = Entity(
    "rfc-1", "RequestForChange", {"windowStart": "2026-12-05T20:00:00Z", "windowEnd": "2026-12-05T22:00:00Z"}
)
IDS = [f"app-{number:05}" for number in range(HITS)]
FOLDED = re.compile(r"The first (?P<shown>[\d,]+) of (?P<all>[\d,]+)\.")


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[graphsms.Graph]:
    """A firewall that all applications need, and a few services on them."""
    folder: Path = tmp_path_factory.mktemp("large")
    with graphsms.open(folder / "estate.db") as graph:
        entities = [REQUEST, Entity("firewall", "Firewall"), *(Entity(id, "Application") for id in IDS)]
        relations = [Relation("touches", "rfc-1", "firewall", {"mode": "outage"})]
        relations += [Relation("dependsOn", id, "firewall") for id in IDS]
        for number in range(20):
            entities.append(Entity(f"service-{number}", "Service"))
            relations.append(Relation("dependsOn", f"service-{number}", IDS[number * 100]))
        graph.apply(ChangeSet(entities=entities, relations=relations))
        yield graph


@pytest.fixture(scope="module")
def pack(graph: graphsms.Graph) -> Pack:
    return graph.change.pack("rfc-1")


def test_the_page_folds_the_table_and_says_how_many_there_are_and_where(pack: Pack) -> None:
    page = pack.to_bytes("html").decode()
    shown = page.partition("<script")[0]
    counts = {int(found["all"].replace(",", "")) for found in FOLDED.finditer(page)}
    assert HITS + 1 in counts  # the applications and the firewall itself
    assert "All of them stand in the XLSX and JSON forms of this." in page
    assert sum(id in shown for id in IDS) < HITS
    assert len(page) < 10 << 20


def test_the_workbook_has_every_hit_in_a_row_of_its_own(pack: Pack) -> None:
    book = load_workbook(io.BytesIO(pack.to_bytes("xlsx")), read_only=True)
    lists = []
    for sheet in book.worksheets:
        heading, *rows = sheet.iter_rows(values_only=True)
        if "id" in heading:
            lists.append({str(row[heading.index("id")]) for row in rows})
            assert len(rows) == len(lists[-1]), f"{sheet.title} has something twice"
    assert any(found >= {*IDS, "firewall"} for found in lists)


def test_the_json_has_every_hit(pack: Pack) -> None:
    (change,) = json.loads(pack.to_bytes("json"))["changes"]
    assert {one["id"] for one in change["hits"]} >= {*IDS, "firewall", *(f"service-{number}" for number in range(20))}
    assert {one["id"] for one in change["impact"]["hits"]} >= {*IDS}


def test_what_is_printed_is_bounded(pack: Pack) -> None:
    printed = pack.to_bytes("pdf")
    assert printed.startswith(b"%PDF-")
    assert len(printed) < 1 << 20


@pytest.mark.parametrize("form", FORMS)
def test_made_again_from_the_same_revision_it_is_the_same_byte_for_byte(
    graph: graphsms.Graph, pack: Pack, form: str
) -> None:
    graph.apply(ChangeSet(entities=[Entity(f"later-{form}", "Service")]))
    assert graph.change.pack("rfc-1", at=1).to_bytes(form) == pack.to_bytes(form)
