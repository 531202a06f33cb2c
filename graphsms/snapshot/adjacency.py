"""Compiled kernels: rows of an adjacency from a list of edges."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit, types

from graphsms.snapshot.carriage import DROPPED
from graphsms.store import MARK_DATED, MARK_NOT_LIVE

__all__ = ["CONDITIONAL", "KEPT", "classified", "compressed", "row_starts"]

_U1_READ = types.Array(types.uint8, 1, "C", readonly=True)
_U2_READ = types.Array(types.uint16, 1, "C", readonly=True)
_U4_READ = types.Array(types.uint32, 1, "C", readonly=True)
_U1 = types.Array(types.uint8, 1, "C")
_U2 = types.Array(types.uint16, 1, "C")
_U4 = types.Array(types.uint32, 1, "C")
_I8 = types.Array(types.int64, 1, "C")
_I8_READ = types.Array(types.int64, 1, "C", readonly=True)

_U8 = types.Array(types.uint64, 1, "C")
_U8_READ = types.Array(types.uint64, 1, "C", readonly=True)

# What became of an edge.
KEPT: Final = np.uint8(1)  # a state may travel along it: it goes into the adjacency
CONDITIONAL: Final = np.uint8(2)  # what it is counted for hangs on a date

_DATED: Final = np.uint8(MARK_DATED)
_NOT_LIVE: Final = np.uint8(MARK_NOT_LIVE)
_DROPPED: Final = np.uint8(DROPPED)
_NONE: Final = np.uint8(0)
_LOW: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)
_BYTE: Final = np.uint64(8)
_BIT: Final = np.uint32(1)
_ONE: Final = np.uint64(1)


@njit(
    types.uint64(
        _U8_READ, _U1_READ, _U4_READ, _U2_READ, _U1_READ, _U1_READ, _U1_READ, _U1_READ,
        types.boolean, types.boolean, types.uint64, _U8, _U4, _U4, _U4, _U1,
    ),
    cache=True,
)  # fmt: skip
def classified(
    ends: Any,
    marks: Any,
    node_of: Any,
    node_types: Any,
    node_marks: Any,
    received: Any,
    can_fail: Any,
    is_group: Any,
    carries: Any,
    object_sends: Any,
    bit: Any,
    missing: Any,
    members: Any,
    senders: Any,
    packed: Any,
    became: Any,
) -> Any:
    """Say of each edge of a relation what it is, and count it where that is certain.

    Parameters
    ----------
    ends, marks : uint64[e], uint8[e]
        ``subject key << 32 | object key``, and the marks of the edge.
    node_of : uint32
        From keys to nodes.
    node_types, node_marks : uint16[n], uint8[n]
    received, can_fail, is_group : uint8
        By ``type << 8 | marks of the edge`` what an edge is to a receiver; by type, whether it can fail, and
        whether this is the relation to its members.
    carries, object_sends : bool
        Whether a state travels along the relation, and which way.
    bit : uint64
        Of the relation among those expected; 0 where it is not.
    missing, members : uint64[n], uint32[n], in and out
        What is expected and not there; how many members.
    senders, packed : uint32[e], out
        Of those kept: from whom, and ``receiver << 2 | kind``.
    became : uint8[e], out

    Returns
    -------
    uint64
        How many were kept.
    """
    kept = np.uint64(0)
    for i in range(np.uint64(len(ends))):
        subject, object = node_of[ends[i] >> _HALF], node_of[ends[i] & _LOW]
        dated = marks[i] & _DATED
        became[i] = CONDITIONAL if dated else _NONE
        if bit:
            if (dated | node_marks[object]) & _DATED:
                became[i] |= CONDITIONAL
            elif node_marks[object] & _NOT_LIVE == 0:
                missing[subject] &= ~bit
        if carries:
            sender, receiver = (object, subject) if object_sends else (subject, object)
            of = np.uint64(node_types[receiver])
            if is_group[of]:
                if (dated | node_marks[sender]) & _DATED:
                    became[i] |= CONDITIONAL
                elif node_marks[sender] & _NOT_LIVE == 0:
                    members[receiver] += _BIT
            kind = received[of << _BYTE | np.uint64(marks[i])]
            if can_fail[np.uint64(node_types[sender])] and kind != _DROPPED:
                senders[kept] = sender
                packed[kept] = receiver << np.uint32(2) | np.uint32(kind)
                kept += _ONE
                became[i] |= KEPT
    return kept


@njit(types.void(_U4_READ, _U4), cache=True)
def _count(senders: Any, start: Any) -> None:
    for i in range(np.uint64(len(senders))):
        start[senders[i] + _BIT] += _BIT


def row_starts(senders: list[Any], nodes: int) -> Any:
    """Where the row of each node begins, ``uint32[nodes + 1]``, from the senders of edges in several parts."""
    start = np.zeros(nodes + 1, np.uint32)
    for part in senders:
        _count(part, start)
    return np.cumsum(start, dtype=np.uint32)


@njit(
    [
        types.uint64(_U4_READ, _U4_READ, narrow, types.uint32, _U4, _U4, narrow_out, _I8_READ, _I8, types.uint64)
        for narrow, narrow_out in ((types.uint8, _U1), (types.uint16, _U2))
    ],
    cache=True,
)
def compressed(
    senders: Any,
    packed: Any,
    relation: Any,
    kind: Any,
    cursor: Any,
    receivers: Any,
    relations: Any,
    tracked: Any,
    positions: Any,
    already: Any,
) -> Any:
    """Put the edges of one relation that are of one kind into their rows.

    Parameters
    ----------
    senders, packed : uint32[e]
        From whom, and ``receiver << 2 | kind``.
    relation : unsigned
        Its code.
    kind : uint32
    cursor : uint32[n]
        Where the next edge of each row goes.
    receivers, relations : uint32[m], unsigned[m], out
        The rows.
    tracked, positions : int64[t], int64[t], out
        Ascending numbers of edges of which to say where they went: counted over all relations, of which
        ``already`` came before.

    Returns
    -------
    uint64
        How many have come now.
    """
    at = np.uint64(0)
    while at < np.uint64(len(tracked)) and np.uint64(tracked[at]) < already:
        at += _ONE
    for i in range(np.uint64(len(senders))):
        if packed[i] & np.uint32(3) != kind:
            at += np.uint64(at < np.uint64(len(tracked)) and np.uint64(tracked[at]) == already + i)
            continue
        place = np.uint64(cursor[senders[i]])
        cursor[senders[i]] += _BIT
        receivers[place] = packed[i]
        relations[place] = relation
        if at < np.uint64(len(tracked)) and np.uint64(tracked[at]) == already + i:
            positions[at] = np.int64(place)
            at += _ONE
    return already + np.uint64(len(senders))
