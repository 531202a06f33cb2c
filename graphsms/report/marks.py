"""The marks of states: always a word, a shape and a colour, the same in every face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["MARKS", "UNKNOWN", "Mark", "mark"]


@dataclass(frozen=True, slots=True)
class Mark:
    """How a state is shown: ``word``, ``shape`` (one character), colour on ``light`` and ``dark``, ``terminal`` style.

    The colours keep a contrast of 4.5 : 1 on white and on near-black, and stay apart for colour-blind eyes
    together with the shapes.
    """

    word: str
    shape: str
    light: str
    dark: str
    terminal: str


UNKNOWN: Final = Mark("unknown", "○", "#5f6368", "#a3a8ae", "bright_black")

MARKS: Final = {
    mark.word: mark
    for mark in (
        Mark("ok", "●", "#1a7340", "#5ec48a", "green"),
        Mark("at risk", "◆", "#855800", "#e0b040", "yellow"),
        Mark("degraded", "▲", "#b3450b", "#ff9a57", "dark_orange"),
        Mark("down", "■", "#b3161f", "#ff8080", "red"),
        UNKNOWN,
        Mark("evidenced", "✓", "#1a7340", "#5ec48a", "green"),
        Mark("no occurrence", "–", "#5f6368", "#a3a8ae", "bright_black"),
        Mark("not assessed", "?", "#5f6368", "#a3a8ae", "bright_black"),
        Mark("partial", "◐", "#855800", "#e0b040", "yellow"),
        Mark("stale", "◷", "#b3450b", "#ff9a57", "dark_orange"),
        Mark("missing", "✗", "#b3161f", "#ff8080", "red"),
    )
}


def mark(state: str) -> str:
    """Shape and word of a state.

    Examples
    --------
    >>> mark("at risk")
    '◆ at risk'
    """
    found = MARKS.get(state, UNKNOWN)
    return f"{found.shape} {state}"
