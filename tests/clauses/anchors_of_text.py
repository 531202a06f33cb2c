"""Where the text of an edition demands something: numbers only, so that none of the text is kept.

A mandatory sentence counts from 1 in its clause; items under it have their path of letters, numbers or dashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADING = re.compile(r"^((?:[4-9]|10)(?:\.\d+)*)\s+(\S.*)$")
_ITEM = re.compile(r"^(\s*)[-—]\s+(?:([a-z]|\d+)\)\s+)?(.*)$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)+")
_SHALL = re.compile(r"\bshall\b")
_FIRST = {"2018": "4 Context of the organization", "2011": "4 Service management system general requirements"}


@dataclass(frozen=True)
class Anchor:
    """A place where something is demanded, how often ``shall`` stands in it, and whether it only permits."""

    clause: str
    sentence: int
    item: str
    shalls: int
    permits: bool


@dataclass(frozen=True)
class Read:
    """The clauses of a text with their titles (None for a numbered paragraph), and the anchors, in order."""

    clauses: dict[str, str | None]
    anchors: list[Anchor]


def anchors_of(text: str, edition: str) -> Read:
    """Read the clauses that demand something: 4 to 10 of 2018, 4 to 9 of 2011."""
    clauses: dict[str, str | None] = {}
    anchors: list[Anchor] = []
    clause, sentence, head, noted = "", 0, None, False
    stack: list[tuple[int, str]] = []
    for line in _lines(text, edition):
        heading = _HEADING.match(line)
        if heading:
            clause, rest = heading.groups()
            sentence, head, noted = 0, None, False
            titled = " shall" not in rest and len(rest) < 100
            clauses[clause] = rest if titled else None
            if titled:
                continue
            line = rest
        item = _ITEM.match(line)
        if item:
            if head is not None and not noted:
                path = _path(item, stack, [one for one in anchors if (one.clause, one.sentence) == (clause, head)])
                anchors.append(Anchor(clause, head, path, max(1, len(_SHALL.findall(item[3]))), False))
            continue
        noted = line.startswith(("NOTE", "Figure"))
        if noted:
            continue
        for said in _SENTENCE.split(line):
            shalls = len(_SHALL.findall(said))
            permits = not shalls and " may " in said and said.endswith(":")
            if shalls or permits:
                sentence += 1
                anchors.append(Anchor(clause, sentence, "", max(1, shalls), permits))
                head, stack = (sentence if said.endswith(":") else None), []
            elif said.endswith(":"):
                head = None
    return Read(clauses, anchors)


def _lines(text: str, edition: str) -> Iterator[str]:
    lines = [line.rstrip() for line in text.splitlines()]
    begin = max(number for number, line in enumerate(lines) if line.strip() == _FIRST[edition])
    for line in lines[begin:]:
        if line.strip().startswith(("Bibliography", "Annex")):
            return
        if line.strip():
            yield _LINK.sub(r"\1", line).replace("\\)", ")")


def _path(item: re.Match[str], stack: list[tuple[int, str]], before: list[Anchor]) -> str:
    indent, mark, _ = item.groups()
    level = len(indent)
    if level == 0 and mark and mark.isdigit() and stack and stack[0][1][0].isalpha():
        level = 1  # a page break took its indent
    while stack and stack[-1][0] >= level:
        stack.pop()
    above = stack[-1][1] if stack else ""
    if mark is None:
        dashes = sum(one.item.removeprefix(above).strip().startswith("—") for one in before)
        mark = f"—{dashes + 1}"
    else:
        mark += ")"
    path = f"{above} {mark}".strip()
    stack.append((level, path))
    return path


SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
