"""A document with something of everything in it, and texts that mean no good."""

from __future__ import annotations

from graphsms.report.document import Chapter, Column, Document, Fact, Line, Listing, Row, Section
from graphsms.report.map import Spot, lay_out

HOSTILE = '<script src="https://evil.example/x.js">alert(1)</script>'
FORMULA = '=HYPERLINK("https://evil.example";"click")'
FOREIGN = "Příliš žluťoučký Ωμέγα 変更"


def listing(rows: int = 3, *, title: str = "Services", name: str = "Web shop") -> Listing:
    columns = (
        Column("state", "state"),
        Column("id", "id"),
        Column("name"),
        Column("people", "figure"),
        Column("through"),
    )
    return Listing(
        title,
        columns,
        tuple(
            Row(
                ("down", f"web-{number}", name, 1200, "db-1"),
                (Line(f"web-{number} is down: depends on db-1", "down"), Line("db-1 is down to begin with", "down")),
                f"web-{number}",
            )
            for number in range(rows)
        ),
        opens=4,
    )


def document(*listings: Listing, title: str = "rfc-1: New firmware", name: str = "Web shop") -> Document:
    made = lay_out(
        [
            Spot("db-1", name, "database", "down", (2, "Configuration items"), begins=True),
            Spot("web-0", name, "service", "down", (1, "Services"), ("db-1",)),
            Spot("acme", name, "customer", "at risk", (0, "Customers and other parties"), ("web-0",)),
        ]
    )
    chapter = Chapter(
        title,
        "Making rfc-1 stops 1 of 1 service.",
        (Fact("Window", "not stated"), Fact("Assigned to", name)),
        (
            Section("What is hit", "", listings or (listing(name=name),), "8.5.1.3 a"),
            Section("What is not known", "", (Listing("Stale", (Column("id", "id"),), (), empty="None is stale."),)),
        ),
        made,
        notes=("It has no window.",),
        about=("rfc-1",),
    )
    return Document(
        "CAB pack",
        title,
        (chapter,),
        (Fact("Revision", "1"),),
        "confidential",
        "Revision 1.",
        "2026-11-21T09:30:00Z",
        {"hash": "abc", "inputs": {"revision": 1}, "name": name},
    )
