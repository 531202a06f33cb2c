"""Compiled kernel: how failure spreads over the arrays of a snapshot.

Imported only where a graph is large. Every index is unsigned, since numba checks signed ones for
wrap-around; every signature is explicit, so that what is compiled is cached and nothing else is compiled.

One byte a node holds all that the spread asks about it: bit 7 says settled, with the state in the low
bits (0: not live, never hit); else bit 5 says that something down is already softly needed by it, and
bits 0-4 are the members that a group can still spare; what it can spare beyond 31 stands in a side table.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit, types

from graphsms.snapshot.carriage import AT_RISK, DEGRADED, DOWN, HARD, MEMBER, SOFT

__all__ = ["HELD", "SETTLED", "SPARE", "spread"]

_TWO_COUNTS = types.UniTuple(types.uint64, 2)  # type: ignore[no-untyped-call]
_THREE_COUNTS = types.UniTuple(types.uint64, 3)  # type: ignore[no-untyped-call]
_U1 = types.Array(types.uint8, 1, "C")
_U4 = types.Array(types.uint32, 1, "C")
_U1_READ = types.Array(types.uint8, 1, "C", readonly=True)
_U4_READ = types.Array(types.uint32, 1, "C", readonly=True)

SETTLED: Final = np.uint8(0x80)
HELD: Final = np.uint8(0xC0)  # settled for whatever reaches it, until it is seeded itself
SOFTLY: Final = np.uint8(0x20)
SPARE: Final = np.uint8(0x1F)

_HARD: Final = np.uint32(HARD)
_SOFT: Final = np.uint32(SOFT)
_KIND: Final = np.uint32(3)
_BIT: Final = np.uint32(1)
_TWO: Final = np.uint32(2)
_ONE: Final = np.uint64(1)
_SPARSE: Final = np.uint64(7)  # beyond one in 2**7 nodes hit, copying all bytes is cheaper than resetting each

# What an edge does to the byte of its receiver, by ``byte << 2 | kind``: the new byte in the low bits, and
_SETTLES: Final = 0x100  # the receiver is hit
_NOTES: Final = 0x200  # another level will have to know
_LARGE: Final = np.uint32(0x400)  # one less to spare, of more than fit in the byte


def _moves(level: int) -> Any:
    moves = np.zeros(1024, np.uint32)
    for byte in range(256):
        spare = byte & int(SPARE)
        for kind in (HARD, SOFT, MEMBER):
            move = byte
            if byte < SETTLED:
                if kind == SOFT and level == DOWN:
                    move = byte if byte & SOFTLY else byte | int(SOFTLY) | _NOTES
                elif kind != MEMBER or spare == 0:
                    move = int(SETTLED) | level | _SETTLES
                else:
                    move = (byte | int(_LARGE) if spare == SPARE else byte - 1) | _NOTES
            moves[byte << 2 | kind] = move
    return moves


_WHEN_DOWN: Final = _moves(DOWN)
_WHEN_DEGRADED: Final = _moves(DEGRADED)
_WHEN_AT_RISK: Final = _moves(AT_RISK)


@njit(types.uint64(_U4_READ, types.uint32), cache=True)
def _find(ascending: Any, value: Any) -> Any:
    """Position of a value that is there."""
    low, high = np.uint64(0), np.uint64(len(ascending))
    while low < high:
        middle = (low + high) >> _ONE
        if ascending[middle] < value:
            low = middle + _ONE
        else:
            high = middle
    return low


@njit(types.void(_U1, _U4_READ, _U4, types.uint32), cache=True)
def _lose(state: Any, large: Any, left: Any, group: Any) -> None:
    """One member less to spare, of a group that has one."""
    if state[group] & SPARE == SPARE:
        place = _find(large, group)
        if left[place] > 0:
            left[place] -= _BIT
            return
    state[group] -= np.uint8(1)


@njit(types.void(_U1_READ, _U1, _U4_READ, _U4_READ, _U4, types.uint32), cache=True)
def _restore(template: Any, state: Any, large: Any, extra: Any, left: Any, node: Any) -> None:
    state[node] = template[node]
    if template[node] & SETTLED == 0 and template[node] & SPARE == SPARE:
        place = _find(large, node)
        left[place] = extra[place]


@njit(types.uint64(_U4_READ, _U1_READ, types.uint8, _U1, _U4, types.uint64), cache=True)
def _seed(seeds: Any, levels: Any, level: Any, state: Any, queue: Any, tail: Any) -> Any:
    for i in range(np.uint64(len(seeds))):
        if levels[i] == level and (state[seeds[i]] < SETTLED or state[seeds[i]] == HELD):
            state[seeds[i]] = SETTLED | level
            queue[tail] = seeds[i]
            tail += _ONE
    return tail


@njit(
    types.uint64(
        _U1_READ, _U1, _U4_READ, _U4_READ, _U4, _U4, _U4, types.uint64, types.uint64, types.uint64
    ),
    cache=True,
)  # fmt: skip
def _still_open(
    template: Any,
    state: Any,
    large: Any,
    extra: Any,
    left: Any,
    later: Any,
    later_height: Any,
    begin: Any,
    end: Any,
    kept: Any,
) -> Any:
    """Keep of what was noted, from ``kept`` on, what is not settled; it can spare again all that it could."""
    for i in range(begin, end):
        node = later[i] >> _BIT
        is_open = state[node] < SETTLED
        state[node] = template[node] if is_open else state[node]
        later[kept] = later[i]
        later_height[kept] = later_height[i]
        kept += np.uint64(is_open)
        if is_open and template[node] & SPARE == SPARE:
            place = _find(large, node)
            left[place] = extra[place]
    return kept


@njit(types.uint64(types.uint32, _U1, _U4, types.uint64), cache=True)
def _touch(noted: Any, state: Any, queue: Any, tail: Any) -> Any:
    """A group that lost a member to what is worse is at risk."""
    node = noted >> _BIT
    if state[node] < SETTLED:
        state[node] = SETTLED | np.uint8(AT_RISK)
        queue[tail] = node
        tail += _ONE
    return tail


@njit(
    _TWO_COUNTS(
        _U4_READ, _U4_READ, _U1, types.uint8, types.uint32, _U4_READ, _U4_READ, _U4, _U4, _U4,
        types.uint64, types.uint64, types.uint64, types.uint64,
    ),
    cache=True,
)  # fmt: skip
def _round(
    start: Any,
    receivers: Any,
    state: Any,
    settled: Any,
    fully: Any,
    moves: Any,
    large: Any,
    left: Any,
    queue: Any,
    later: Any,
    head: Any,
    end: Any,
    tail: Any,
    noted: Any,
) -> Any:
    """Pass on the state of those in the queue from ``head`` to ``end``.

    Rows begin with the edges that pass the state fully, so that most take the short way, which asks nothing but
    whether the receiver is settled. What is right does not hang on it. Neither way branches on what it finds,
    but for groups that can spare many.
    """
    for position in range(head, end):
        sender = queue[position]
        edge, last = np.uint64(start[sender]), np.uint64(start[sender + _BIT])
        while edge < last:
            packed = receivers[edge]
            if packed & _KIND > fully:
                break
            receiver = packed >> _TWO
            byte = state[receiver]
            queue[tail] = receiver
            tail += np.uint64(byte < SETTLED)
            state[receiver] = settled if byte < SETTLED else byte
            edge += _ONE
        while edge < last:
            packed = receivers[edge]
            receiver = packed >> _TWO
            kind = packed & _KIND
            move = moves[np.uint32(state[receiver]) << _TWO | kind]
            if move & _LARGE:
                _lose(state, large, left, receiver)
            else:
                state[receiver] = np.uint8(move & np.uint32(0xFF))
            queue[tail] = receiver
            tail += np.uint64(move >> np.uint32(8) & _BIT)
            later[noted] = receiver << _BIT | kind >> _BIT
            noted += np.uint64(move >> np.uint32(9) & _BIT)
            edge += _ONE
    return tail, noted


@njit(
    _THREE_COUNTS(_U4_READ, _U4_READ, _U1_READ, _U1, _U4_READ, _U4_READ, _U4, _U4_READ, _U1_READ, _U4, _U4, _U4, _U4),
    cache=True,
)
def spread(
    start: Any,
    receivers: Any,
    template: Any,
    state: Any,
    large: Any,
    extra: Any,
    left: Any,
    seeds: Any,
    levels: Any,
    queue: Any,
    heights: Any,
    later: Any,
    later_height: Any,
) -> Any:
    """The least fixed point of four states, each node settled once, in rounds.

    Parameters
    ----------
    start, receivers : uint32[n + 1], uint32[m]
        Who receives from a node: ``receiver << 2 | kind``. A receiver may be n: nobody.
    template, state : uint8[n + 1]
        The byte of each node before the spread; ``state`` equals it, and does again at the end.
    large, extra, left : uint32
        Groups that can spare 31 or more, ascending; what beyond 31; a copy of it.
    seeds, levels : uint32, uint8
        Nodes and their states from 1 to 3.
    queue, heights : uint32[n + 1], out
        The nodes hit: first those down, then degraded, then at risk; in each part by height.
    later, later_height : uint32, scratch
        What one level adds to the next (``node << 1 | member``), with the height of what adds it.

    Returns
    -------
    tuple of uint64
        How many of ``queue`` are down, at least degraded, hit at all.
    """
    head = np.uint64(0)
    noted = np.uint64(0)
    height = np.uint32(0)
    settled = SETTLED | np.uint8(DOWN)
    tail = _seed(seeds, levels, np.uint8(DOWN), state, queue, head)
    heights[:tail] = height
    while head < tail:
        end, before = tail, noted
        tail, noted = _round(
            start, receivers, state, settled, _HARD, _WHEN_DOWN, large, left, queue, later, head, end, tail, noted
        )
        later_height[before:noted] = height
        height += _BIT
        heights[end:tail] = height
        head = end
    down = tail

    # Degraded: what is down is lost to groups, and what softly needs it feels it, at the height it has.
    first = _still_open(template, state, large, extra, left, later, later_height, np.uint64(0), noted, np.uint64(0))
    noted = first
    settled = SETTLED | np.uint8(DEGRADED)
    tail = _seed(seeds, levels, np.uint8(DEGRADED), state, queue, tail)
    height = np.uint32(0)
    heights[down:tail] = height
    at = np.uint64(0)
    while head < tail or at < first:
        if head == tail:
            height = later_height[at]
        end, before = tail, noted
        while at < first and later_height[at] == height:
            node = later[at] >> _BIT
            if state[node] < SETTLED:
                if later[at] & _BIT == 0 or state[node] & SPARE == 0:
                    state[node] = settled
                    queue[tail] = node
                    tail += _ONE
                else:
                    _lose(state, large, left, node)
            at += _ONE
        tail, noted = _round(
            start, receivers, state, settled, _SOFT, _WHEN_DEGRADED, large, left, queue, later, head, end, tail, noted
        )
        later_height[before:noted] = height
        height += _BIT
        heights[end:tail] = height
        head = end
    degraded = tail

    # At risk: of a group, one member that is degraded or down is enough, at the height it has.
    middle = _still_open(template, state, large, extra, left, later, later_height, np.uint64(0), first, np.uint64(0))
    second = _still_open(template, state, large, extra, left, later, later_height, first, noted, middle)
    first, noted = middle, second
    settled = SETTLED | np.uint8(AT_RISK)
    tail = _seed(seeds, levels, np.uint8(AT_RISK), state, queue, tail)
    height = np.uint32(0)
    heights[degraded:tail] = height
    at, also_at = np.uint64(0), first
    while head < tail or at < first or also_at < second:
        if head == tail:
            height = later_height[at] if at < first else later_height[also_at]
            if also_at < second and later_height[also_at] < height:
                height = later_height[also_at]
        end = tail
        while at < first and later_height[at] == height:
            tail = _touch(later[at], state, queue, tail)
            at += _ONE
        while also_at < second and later_height[also_at] == height:
            tail = _touch(later[also_at], state, queue, tail)
            also_at += _ONE
        tail, noted = _round(
            start, receivers, state, settled, _SOFT, _WHEN_AT_RISK, large, left, queue, later, head, end, tail, noted
        )
        height += _BIT
        heights[end:tail] = height
        head = end

    if tail << _SPARSE > np.uint64(len(template)):
        # Loops, since numba compiles the assignment of whole arrays to something ten times slower.
        for i in range(np.uint64(len(template))):
            state[i] = template[i]
        for i in range(np.uint64(len(left))):
            left[i] = extra[i]
    else:
        for i in range(tail):
            _restore(template, state, large, extra, left, queue[i])
        for i in range(noted):
            _restore(template, state, large, extra, left, later[i] >> _BIT)
    return down, degraded, tail
