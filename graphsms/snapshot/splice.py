"""Cutting edges out of an adjacency and putting others in, without building it anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Spliced", "found", "spliced"]


@dataclass(frozen=True)
class Spliced:
    """Rows after the cut, and where what was put in has gone, in the order in which it was given."""

    start: npt.NDArray[np.uint32]
    receivers: npt.NDArray[np.uint32]
    relations: npt.NDArray[Any]
    placed: npt.NDArray[np.int64]
    _cuts: npt.NDArray[np.int64]
    _inserts: npt.NDArray[np.int64]

    def moved(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Where edges that were not cut out are now."""
        return (
            positions
            - np.searchsorted(self._cuts, positions, "left")
            + np.searchsorted(self._inserts, positions, "right")
        )


def found(
    start: npt.NDArray[np.uint32],
    receivers: npt.NDArray[np.uint32],
    relations: npt.NDArray[Any],
    sender: int,
    receiver: int,
    relation: int,
) -> int | None:
    """The position of an edge, if it is there."""
    row = slice(int(start[sender]), int(start[sender + 1]))
    here = np.flatnonzero((receivers[row] >> np.uint32(2) == receiver) & (relations[row] == relation))
    return row.start + int(here[0]) if len(here) else None


def spliced(
    start: npt.NDArray[np.uint32],
    receivers: npt.NDArray[np.uint32],
    relations: npt.NDArray[Any],
    cuts: Sequence[tuple[int, int]],
    inserts: Sequence[tuple[int, int, int]],
) -> Spliced:
    """Rows without some edges and with others.

    Parameters
    ----------
    start, receivers, relations : unsigned[n + 1], unsigned[m], unsigned[m]
    cuts : sequence of (position, sender)
        Each position at most once.
    inserts : sequence of (sender, packed, relation)
        Go to the end of their rows.
    """
    at = [int(start[sender + 1]) for sender, _, _ in inserts]
    # Rows without edges share their position: the order of the rows decides.
    order = sorted(range(len(inserts)), key=lambda number: (at[number], inserts[number][0]))
    # At one position what is put in belongs to a row before, what is cut out to the row after.
    events = sorted([(at[number], 0, rank) for rank, number in enumerate(order)] + [(cut, 1, 0) for cut, _ in cuts])
    packed = np.array([packed for _, packed, _ in inserts], receivers.dtype)
    codes = np.array([relation for _, _, relation in inserts], relations.dtype)
    kept: list[tuple[int, int]] = []  # slices of what was there, each followed by what is put in
    put: list[int] = []
    begin = 0
    for position, is_cut, rank in events:
        kept.append((begin, position))
        put.append(-1 if is_cut else order[rank])
        begin = position + is_cut
    kept.append((begin, len(receivers)))
    put.append(-1)
    both = []
    for old, new in ((receivers, packed), (relations, codes)):
        pieces = []
        for (first, last), number in zip(kept, put, strict=True):
            pieces.append(old[first:last])
            if number >= 0:
                pieces.append(new[number : number + 1])
        both.append(np.concatenate(pieces))
    change = np.zeros(len(start), np.int64)
    np.add.at(change, [sender + 1 for _, sender in cuts], -1)
    np.add.at(change, [sender + 1 for sender, _, _ in inserts], 1)
    cut_at = np.array(sorted(position for position, _ in cuts), np.int64)
    insert_at = np.array([at[number] for number in order], np.int64)
    placed = np.empty(len(inserts), np.int64)
    placed[order] = insert_at - np.searchsorted(cut_at, insert_at, "left") + np.arange(len(order))
    return Spliced(
        start=(start + np.cumsum(change)).astype(np.uint32),
        receivers=both[0],
        relations=both[1],
        placed=placed,
        _cuts=cut_at,
        _inserts=insert_at,
    )
