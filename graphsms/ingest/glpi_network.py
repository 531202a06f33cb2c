"""Who reaches others through whom in GLPI: ports of items, and the cables between them.

::

    (computer)-[connected to]->(group)-[has]->(switch)-[peers with]->(switch)

A port is of no use by itself: what counts is which items two ports join. Several switches of one item are there so that
one of them may fail, which GLPI does not say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphsms.ingest.records import Record, Records

__all__ = ["connect"]


def connect(records: Records, items: Mapping[str, Sequence[Record]], rule: Any) -> None:
    """Make relations of the cables between ports.

    Parameters
    ----------
    records : Records
        Of all items: what they are decides which end of a cable carries the other.
    items : mapping of str to sequence of Record
        The items by their types, ports and cables among them.
    rule : mapping
        The item types of ``ports`` and ``cables``, the fields of the ``ends`` of these, what says that a port is
        ``gone``, and ``one_of`` as for a reference.
    """
    ports = {one.key: one for one in items.get(rule["ports"], ()) if one.said("is_deleted") not in rule["gone"]}
    joined: set[tuple[str, str]] = set()
    for cable in items.get(rule["cables"], ()):
        ends = [_holder(records, ports.get(cable.said(name))) for name in rule["ends"]]
        if not all(id for id, _ in ends):
            message = f"{{n}} of {cable.table} left out: a port is not among the records, or of no known kind of item."
            records.tally.add(cable.origin, "", "no-ends", message)
            continue
        (one, one_table), (other, other_table) = sorted(ends)
        if one != other and (one, other) not in joined:
            joined.add((one, other))
            records.relate({**rule, "said": ""}, one, other, cable.origin, one_table, other_table)


def _holder(records: Records, port: Record | None) -> tuple[str, str]:
    """The id of the item that has a port, and its item type; both "" where that is not known."""
    if port is None:
        return "", ""
    table = port.said("itemtype")
    id = records.find(table, port.cell("items_id")) if records.tables.nearest(table) is not None else None
    return (id, table) if id is not None else ("", "")
