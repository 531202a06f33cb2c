"""The form of a gap assessment worksheet, which is written for people to fill in and comes back in (9.2).

What was in the cells when it was written stands in each row as a fingerprint: so only what people have changed is
taken, and a worksheet that nobody has touched changes nothing, whatever has happened in the graph since.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Final

__all__ = [
    "COLUMNS",
    "EXPORTED",
    "FILLED",
    "HIDDEN",
    "MARKER",
    "NOT_JUDGED",
    "SOURCE",
    "VERSION",
    "Exported",
    "Finding",
    "exclusion_id",
    "finding_id",
    "heading",
    "ids_in",
    "is_own",
    "judgement_id",
    "plain_text",
]

MARKER: Final = "graphsms worksheet"  # the name of the sheet, and what its JSON says that it is
VERSION: Final = 1
SOURCE: Final = "gap assessment worksheet"
EXPORTED: Final = "exported"
NOT_JUDGED: Final = "not assessed"

FILLED: Final = ("conformity", "finding", "owner", "due", "assessed_by", "assessed_on", "note", "add_evidence")
HIDDEN: Final = ("id", EXPORTED)
COLUMNS: Final = (
    "edition", "clause", "item", "anchor", "title", "paraphrase", "kind", "state", "reason", "evidence", "on_record",
    *FILLED, *HIDDEN,
)  # fmt: skip

_PREFIX: Final = "worksheet"
_CELL: Final = 30_000  # characters that surely fit into a cell of a workbook
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BETWEEN: Final = re.compile(r"[;,\n]")
_FINGER: Final = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """The finding that a row shows, where a worksheet has stated it.

    Parameters
    ----------
    id : str
    graded : bool
        Whether it is a nonconformity; otherwise it is an improvement.
    on, by, judgement : str
        The day on which it was found, by whom, and the judgement that it arises from.
    """

    id: str
    graded: bool
    on: str
    by: str
    judgement: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What a row was when it was written.

    Parameters
    ----------
    id, anchor, state : str
        Of the requirement.
    judgement : str
        Id of the judgement that it shows, or "".
    finding : Finding or None
    number : int
        How many findings worksheets have stated of the requirement.
    was : mapping of str to str
        By column that people fill in, the fingerprint of what stood in it; nothing for what was empty.
    """

    id: str
    anchor: str
    state: str
    judgement: str = ""
    finding: Finding | None = None
    number: int = 0
    was: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cells: Mapping[str, str], **said: Any) -> Exported:
        """What a row with these cells is."""
        return cls(**said, was={name: _fingerprint(cells[name]) for name in FILLED if plain_text(cells.get(name, ""))})

    def kept(self, column: str, text: str) -> bool:
        """Whether a cell still holds what was written."""
        now = plain_text(text)
        return self.was.get(column, "") == (_fingerprint(now) if now else "")

    def to_text(self) -> str:
        """As it stands in its column."""
        said = {**asdict(self), "was": dict(self.was)}
        return json.dumps({k: v for k, v in said.items() if v}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> Exported:
        """Of what stands in its column.

        Raises
        ------
        ValueError
            It is not what was written.

        Examples
        --------
        >>> made = Exported.of({"owner": "p-anna"}, id="r-1", anchor="8.2.6 (1)", state="missing")
        >>> Exported.of_text(made.to_text()) == made, made.kept("owner", " p-anna "), made.kept("owner", "p-ben")
        (True, True, False)
        """
        try:
            said = json.loads(text)
            finding = said.pop("finding", None)
            made = cls(**said, finding=None if finding is None else Finding(**finding))
            texts = [made.id, made.anchor, made.state, made.judgement, *made.was.keys(), *made.was.values()]
            if made.finding is not None:
                texts += [made.finding.id, made.finding.on, made.finding.by, made.finding.judgement]
            whole = all(isinstance(one, str) for one in texts) and isinstance(made.number, int)
        except (TypeError, ValueError, AttributeError, RecursionError):
            whole = False
        if not whole:
            raise ValueError("it is not what was written")
        return made


def plain_text(text: str) -> str:
    """A text as it comes through a cell of any form: what none can hold is replaced, and what is too long is cut.

    Examples
    --------
    >>> plain_text(" two\\r\\nlines ")
    'two\\nlines'
    """
    return _FORBIDDEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n")).strip()[:_CELL].strip()


def heading(column: str) -> str:
    """A column as people see it.

    Examples
    --------
    >>> heading("assessed_by")
    'assessed by'
    """
    return column.replace("_", " ")


def ids_in(text: str) -> tuple[str, ...]:
    r"""The ids in a cell: one a line, or between semicolons or commas.

    Examples
    --------
    >>> ids_in("doc-1; doc-2\ndoc-1")
    ('doc-1', 'doc-2')
    """
    return tuple(dict.fromkeys(one for one in map(str.strip, _BETWEEN.split(text)) if one))


def judgement_id(requirement: str, day: str, by: str) -> str:
    """The id of what somebody judged of a requirement on a day."""
    return f"{_PREFIX}/judgement/{requirement}/{day}/{'+'.join(ids_in(by))}"


def exclusion_id(requirement: str, day: str, by: str) -> str:
    """The id of somebody's saying, on a day, that a requirement does not apply; what was judged stands beside it."""
    return f"{_PREFIX}/exclusion/{requirement}/{day}/{'+'.join(ids_in(by))}"


def finding_id(requirement: str, graded: bool, day: str, by: str, number: int) -> str:
    """The id of a finding; ``number`` is how many there were of the requirement before."""
    kind = "nonconformity" if graded else "improvement"
    return f"{_PREFIX}/{kind}/{requirement}/{day}/{'+'.join(ids_in(by))}{f'/{number + 1}' if number else ''}"


def is_own(id: str) -> bool:
    """Whether a worksheet has given an id."""
    return id.startswith(f"{_PREFIX}/")


def _fingerprint(text: str) -> str:
    return sha256(plain_text(text).encode()).hexdigest()[:_FINGER]
