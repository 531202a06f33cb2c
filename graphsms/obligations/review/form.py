"""The form on which a management review says what it decided, and how it is read.

::

    name: Management review of November 2026
    date: 2026-11-25                     # or with a time; not one that is still to come
    participants: [p-carrow]             # ids of people, teams or roles; they decided
    of: [sms]
    inputs:                              # what was considered, by input; ids may be left out
      earlier actions: [act-review-3]
      context: []
    result: The system stays suitable
    decisions:
      - {what: A second person is trained, decision: approved, on: [risk-ledger-person], why: One is too few}
    actions:
      - {what: Train a second person, owner: p-okafor, due: 2027-01-31, on: [risk-ledger-person]}
    minutes: {location: docs/minutes.pdf, version: "1"}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from graphsms.errors import InputError, RejectedError
from graphsms.ingest.documents import LocatedDict, LocatedList, content_of, line_of, yaml_documents
from graphsms.model import Fault, Origin
from graphsms.obligations.review import ReviewPack

__all__ = ["HERE", "KEYS", "form_for", "read_form"]

MAX_BYTES: Final = 1 << 20
HERE: Final = "review"
KEYS: Final = (
    "id", "name", "date", "participants", "of", "inputs", "result", "decisions", "actions", "minutes", "pack",
)  # fmt: skip
_MOST_NAMED: Final = 12


def form_for(pack: ReviewPack) -> str:
    """The form for a pack, with what it shows under each input; what has no data stands there empty."""
    day = pack.inputs.as_of[:10]
    lines = [
        "# What the management review on this pack decided. Fill it in, and take it back:",
        "#   graphsms review record FILE",
        "# Take away the inputs that were not considered, and the ids that were not looked at.",
        f"pack: {pack.hash}",
        f"name: Management review of {day}",
        "date:                # the day on which it was held",
        "participants: []     # ids of people, teams or roles",
        "result:              # what it comes to, in words",
        "inputs:",
    ]
    for one in pack.sections:
        ids = ", ".join(map(_plain, one.entities[:_MOST_NAMED]))
        more = len(one.entities) - _MOST_NAMED
        said = f"   # and {more:,} more in the pack" if more > 0 else ""
        lines.append(f"  {one.code}: [{ids}]{said or f'   # {one.letter} no data' * (not ids)}")
    lines += [
        "decisions: []",
        "# - {what: , decision: approved, on: [], why: }",
        "actions: []",
        "# - {what: , owner: , due: , on: []}",
        "# minutes: {location: , version: }",
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """An id as it stands in YAML: in quotes, since it may hold anything."""
    return json.dumps(text, ensure_ascii=False)


def read_form(stated: str | Path | Mapping[str, object]) -> tuple[Mapping[str, object], str]:
    """What a file, or a mapping, states, and the name of the file.

    Raises
    ------
    RejectedError
        It is no mapping, too large, or states nothing.
    InputError
        It is neither a file nor a mapping.
    """
    if isinstance(stated, Mapping):
        return stated, HERE
    if not isinstance(stated, str | Path):
        raise InputError(f"A review is stated by a file or a mapping, and {stated!r} is neither.")
    path = Path(stated)
    file = str(path)
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        raise refused([Fault(Origin(file), "", "", "too-large", f"A review has at most {MAX_BYTES:,} bytes.")])
    try:
        documents = list(yaml_documents(content_of(path), file))
    except RejectedError as error:
        raise refused([*error.faults]) from None
    found = documents[0] if len(documents) == 1 else None
    if not isinstance(found, LocatedDict) or not found:
        message = f"It must state one review, as a mapping of {', '.join(KEYS)}."
        raise refused([Fault(Origin(file, line_of(found) or 1), "", "", "wrong-form", message)])
    return found, file


def refused(faults: list[Fault]) -> RejectedError:
    """The error for faults of a form; nothing is recorded."""
    return RejectedError(f"The review is not recorded: {len(faults)} wrong, the first being {faults[0]}", faults)


def where(file: str, holder: object, key: object = None) -> Origin:
    """Where something stands."""
    line = line_of(holder, key) if isinstance(holder, LocatedDict | LocatedList) else None
    return Origin(file, line)
