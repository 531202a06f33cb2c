"""Compiled kernels: for everything hit, the direct needs that explain its state."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit, types

from graphsms.snapshot.carriage import AT_RISK, DEGRADED, DOWN, MEMBER, SOFT

__all__ = ["count_reasons", "fill_reasons"]

_U4 = types.Array(types.uint32, 1, "C")
_U4_READ = types.Array(types.uint32, 1, "C", readonly=True)

_KIND: Final = np.uint32(3)
_STATE: Final = np.uint32(3)
_BIT: Final = np.uint32(1)
_TWO: Final = np.uint32(2)
_ONE: Final = np.uint64(1)

_MEMBER: Final = np.uint32(MEMBER)
_SOFT: Final = np.uint32(SOFT)
_DEGRADED: Final = np.uint32(DEGRADED)
_AT_RISK: Final = np.uint32(AT_RISK)
_NO_STATE: Final = np.uint32(DOWN + 1)


@njit(types.boolean(types.uint32, types.uint32, types.uint32), cache=True)
def _explains(sender: Any, receiver: Any, kind: Any) -> Any:
    """Whether one, hit, is part of what explains another: both as ``height << 2 | state``, 0 for what is not hit."""
    state = sender & _STATE
    passed = min(state, _DEGRADED) if kind == _SOFT else state
    return receiver >> _TWO > sender >> _TWO and passed >= receiver & _STATE


@njit(types.uint64(_U4_READ, _U4_READ, _U4_READ, _U4_READ, _U4_READ, _U4_READ, _U4, _U4), cache=True)
def count_reasons(
    start: Any,
    receivers: Any,
    nodes: Any,
    senders: Any,
    spare: Any,
    hit: Any,
    counts: Any,
    begins: Any,
) -> Any:
    """Make room for the needs that explain each state.

    Parameters
    ----------
    start, receivers : uint32
        As `graphsms.snapshot.kernels.spread` has them.
    nodes, senders : uint32[h], uint32[h]
        What is hit, in the order wanted and in the order in which to look at their rows.
    spare : uint32[h]
        How many members each of ``nodes`` can spare.
    hit : uint32[n + 1]
        By node ``height << 2 | state``, 0 for what is not hit.
    counts : uint32[2 * (n + 1)], in zero, out
        By node where its needs begin, and the least state with which a member is one of them.
    begins : uint32[h], out
        Where the needs of each begin.

    Returns
    -------
    uint64
        How many needs there can be at most.
    """
    for i in range(np.uint64(len(senders))):
        sender = senders[i]
        own = hit[sender]
        for edge in range(np.uint64(start[sender]), np.uint64(start[sender + _BIT])):
            packed = receivers[edge]
            receiver = np.uint64(packed >> _TWO)
            kind = packed & _KIND
            if hit[receiver] and _explains(own, hit[receiver], kind):
                counts[receiver << _ONE] += _BIT
                counts[receiver << _ONE | _ONE] += np.uint32(kind == _MEMBER)
    total = np.uint64(0)
    for i in range(np.uint64(len(nodes))):
        at = np.uint64(nodes[i]) << _ONE
        begins[i] = np.uint32(total)
        state = hit[nodes[i]] & _STATE
        room = np.uint64(counts[at])
        counts[at] = np.uint32(total)
        # So few members lost explain nothing, but that redundancy is being used up.
        if counts[at | _ONE] > spare[i]:
            counts[at | _ONE] = state
        else:
            counts[at | _ONE] = _DEGRADED if state == _AT_RISK else _NO_STATE
        total += room
    return total


@njit(types.void(_U4_READ, _U4_READ, _U4_READ, _U4_READ, _U4, _U4, _U4, _U4, _U4), cache=True)
def fill_reasons(
    start: Any,
    receivers: Any,
    nodes: Any,
    senders: Any,
    hit: Any,
    counts: Any,
    ends: Any,
    needs: Any,
    edges: Any,
) -> None:
    """Write down the needs that `count_reasons` made room for, and leave its arrays in zero.

    Parameters
    ----------
    ends : uint32[h], out
        Where the needs of each end.
    needs, edges : uint32, out
        The node of each need, and the position of the edge from it in ``receivers``.
    """
    for i in range(np.uint64(len(senders))):
        sender = senders[i]
        own = hit[sender]
        for edge in range(np.uint64(start[sender]), np.uint64(start[sender + _BIT])):
            packed = receivers[edge]
            receiver = np.uint64(packed >> _TWO)
            kind = packed & _KIND
            if hit[receiver] and _explains(own, hit[receiver], kind):
                at = receiver << _ONE
                if kind != _MEMBER or own & _STATE >= counts[at | _ONE]:
                    needs[counts[at]] = sender
                    edges[counts[at]] = np.uint32(edge)
                    counts[at] += _BIT
    for i in range(np.uint64(len(nodes))):
        at = np.uint64(nodes[i]) << _ONE
        ends[i] = counts[at]
        counts[at] = np.uint32(0)
        counts[at | _ONE] = np.uint32(0)
        hit[nodes[i]] = np.uint32(0)
