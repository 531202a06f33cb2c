"""Two packs beside each other: what is new, what is gone, what is worse."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphsms.change.pack import canonical
from graphsms.errors import InputError
from graphsms.report.html import data_of
from graphsms.report.tables import Table
from graphsms.snapshot.carriage import STATES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Comparison", "Difference", "compare", "is_altered", "read_pack"]

MAX_BYTES: Final = 512 << 20
COLUMNS: Final = ("difference", "what", "id", "name", "before", "after", "request")
NEW, GONE, WORSE, BETTER, CHANGED = "new", "gone", "worse", "better", "changed"
_ORDER: Final = (NEW, WORSE, GONE, BETTER, CHANGED)
_NEEDED: Final = ("kind", "inputs", "hash")
_CONCLUSIONS: Final = ("major_impact", "category", "route", "risk")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two packs differ.

    Parameters
    ----------
    kind : str
        ``new``, ``gone``, ``worse``, ``better`` or ``changed``.
    what : str
        What it is, such as ``hit`` or the title of a table.
    id, name : str
    before, after : str
        What the first and the second pack say; "" where one says nothing.
    request : str
        Of which changes it is told.
    """

    kind: str
    what: str
    id: str
    name: str
    before: str
    after: str
    request: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return dict(zip(COLUMNS, self.row(), strict=True))

    def row(self) -> tuple[str, ...]:
        """As a row of `COLUMNS`."""
        return (self.kind, self.what, self.id, self.name, self.before, self.after, self.request)


@dataclass(frozen=True, slots=True)
class Comparison:
    """In what two packs differ.

    Parameters
    ----------
    first, second : str
        Names of the files.
    inputs : tuple of Difference
        In what they were made of.
    differences : tuple of Difference
        By the changes asked about: what is new first, then what is worse, gone, better, or otherwise changed.
    notes : tuple of str
    """

    first: str
    second: str
    inputs: tuple[Difference, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The answer."""
        if not self.differences:
            made = ", ".join(one.id.replace("_", " ") for one in self.inputs)
            return f"Both say the same{f', though made of another {made}' if made else ''}."
        counts = Counter(one.kind for one in self.differences)
        said = [f"{counts[kind]:,} {kind}" for kind in _ORDER if counts[kind]]
        return f"Against {self.first}, in {self.second} {', '.join(said)}."

    def table(self) -> Table:
        """One row for each difference."""
        return Table(COLUMNS, tuple(one.row() for one in self.differences))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "first": self.first,
            "second": self.second,
            "sentence": self.sentence(),
            "inputs": [one.to_json() for one in self.inputs],
            "differences": [one.to_json() for one in self.differences],
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row for each difference."""
        import pandas as pd

        return pd.DataFrame([one.row() for one in self.differences], columns=list(COLUMNS))


def read_pack(path: str | Path) -> dict[str, Any]:
    """What a pack says, from its JSON or its HTML; of one that is too large for a page, what it was made of.

    Raises
    ------
    InputError
        It cannot be read, or is no pack.
    """
    place = Path(path)
    try:
        if place.stat().st_size > MAX_BYTES:
            raise InputError(f"{place} is larger than a pack is: at most {MAX_BYTES >> 20} MB.")
        text = place.read_text("utf-8")
    except OSError as error:
        raise InputError(f"The pack {place} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{place} is no JSON and no HTML: packs are compared in one of these forms.") from None
    try:
        stated = json.loads(text) if text.lstrip().startswith("{") else data_of(text)
    except (ValueError, RecursionError, InputError):
        stated = None
    if not isinstance(stated, dict) or any(key not in stated for key in _NEEDED):
        raise InputError(f"{place} is no pack: give JSON or HTML that `graphsms change pack` wrote.")
    return stated


def compare(first: str | Path, second: str | Path) -> Comparison:
    """What is new, gone or worse in one pack against an earlier one.

    Raises
    ------
    InputError
        One of them cannot be read, or is no pack.

    Notes
    -----
    Proportional to what they say.
    """
    before, after = read_pack(first), read_pack(second)
    for path, pack in ((first, before), (second, after)):
        if "changes" not in pack:
            raise InputError(f"{path} is too large a pack for its page to hold all of it: give its JSON form.")
    notes = tuple(
        f"{path} does not say what its hash stands for: it was altered after it was made."
        for path, pack in ((first, before), (second, after))
        if is_altered(pack)
    )
    try:
        inputs = tuple(_inputs(before["inputs"], after["inputs"]))
        found = tuple(sorted(_differences(before, after), key=_order))
    except (KeyError, TypeError, AttributeError, ValueError):
        raise InputError(
            f"{first} and {second} cannot be compared: one of them is not as a pack is written, or was altered."
        ) from None
    return Comparison(str(first), str(second), inputs, found, notes)


def _order(one: Difference) -> tuple[str, int, bool, str, str, str]:
    """By request; what is new first, of that what is hit."""
    return (one.request, _ORDER.index(one.kind), one.what != "hit", one.what, one.id, one.name)


def is_altered(pack: Mapping[str, Any]) -> bool:
    """Whether its hash is not that of what it says; of a page without all of its data that cannot be told."""
    said = {key: value for key, value in pack.items() if key != "hash"}
    return "changes" in pack and sha256(canonical(said)).hexdigest() != pack["hash"]


def _inputs(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for key in dict.fromkeys((*before, *after)):
        one, other = before.get(key), after.get(key)
        if one != other:
            yield Difference(CHANGED, "input", key, "", _text(one), _text(other))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    earlier, later = _by_requests(before["changes"]), _by_requests(after["changes"])
    if len(earlier) == len(later) == 1 and earlier.keys() != later.keys():
        # One question each: they are compared, and it is told which changes were asked about.
        (one,), (other,) = earlier.values(), later.values()
        yield from _keyed("request", _ids(one["requests"]), _ids(other["requests"]), "")
        yield from _change(one, other, ", ".join(next(iter(later))))
    else:
        for key in dict.fromkeys((*earlier, *later)):
            asked = ", ".join(key)
            if key not in later:
                yield Difference(GONE, "request", asked, "", "", "", asked)
            elif key not in earlier:
                yield Difference(NEW, "request", asked, "", "", later[key]["sentence"], asked)
            else:
                yield from _change(earlier[key], later[key], asked)
    yield from _keyed("conflict", _conflicts(before), _conflicts(after), "")


def _by_requests(changes: Sequence[Any]) -> dict[tuple[str, ...], Any]:
    return {tuple(sorted(one["id"] for one in each["requests"])): each for each in changes}


def _change(before: Mapping[str, Any], after: Mapping[str, Any], asked: str) -> Iterator[Difference]:
    yield from _hits(before["hits"], after["hits"], asked)
    moved = {one["id"] for one in (*before["hits"], *after["hits"])}
    requests = _ids(before["requests"]), _ids(after["requests"])
    both = requests[0].keys() & requests[1].keys()
    for id in sorted(both):
        one, other = requests[0][id], requests[1][id]
        for key in ("name", "status", "start", "end", "touched", "properties"):
            yield from _changed("request", id, key, one.get(key), other.get(key), asked)
    for what, key in (("judgement", "judgements"), ("told", "notify")):
        yield from _keyed(what, _ids(before[key], what == "told"), _ids(after[key], what == "told"), asked)
    said = [{(one["request"], one["matter"]): one["text"] for one in each["ahead"]} for each in (before, after)]
    for matter in sorted(key for key in said[0].keys() | said[1].keys() if key[0] in both):
        yield from _changed("statement", matter[0], matter[1], said[0].get(matter), said[1].get(matter), asked)
    rules = [{one["id"]: one for one in each["classification"]} for each in (before, after)]
    for id in sorted(rules[0].keys() & rules[1].keys()):
        for key in _CONCLUSIONS:
            yield from _changed("rule", id, key, rules[0][id][key]["says"], rules[1][id][key]["says"], asked)
    context = [
        {f"{one['id']} by {one['because']}": one for one in each["context"]["disturbed"]} for each in (before, after)
    ]
    yield from _keyed("context", context[0], context[1], asked)
    parts = [_parts(before), _parts(after)]
    for title in dict.fromkeys((*parts[0], *parts[1])):
        yield from _rows(title, parts[0].get(title, []), parts[1].get(title, []), moved, asked)


def _hits(before: Sequence[Any], after: Sequence[Any], asked: str) -> Iterator[Difference]:
    earlier, later = {one["id"]: one for one in before}, {one["id"]: one for one in after}
    for id in sorted(earlier.keys() | later.keys()):
        one, other = earlier.get(id), later.get(id)
        if one is None or other is None:
            there = one or other
            assert there is not None
            kind = NEW if one is None else GONE
            yield Difference(kind, "hit", id, there["name"], _state(one), _state(other), asked)
        elif one["state"] != other["state"]:
            worse = STATES.index(other["state"]) > STATES.index(one["state"])
            yield Difference(WORSE if worse else BETTER, "hit", id, other["name"], _state(one), _state(other), asked)


def _state(hit: Mapping[str, Any] | None) -> str:
    return "" if hit is None else str(hit["state"])


def _parts(change: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    found: dict[str, Sequence[Any]] = {}
    for section in change["sections"]:
        for part in section["parts"]:
            found[f"{section['letter']}) {part['title']}"] = part["rows"]
    for part in (*change["beside"], *change["unknown"]):
        found[part["title"]] = part["rows"]
    return found


def _rows(title: str, before: Sequence[Any], after: Sequence[Any], moved: set[str], asked: str) -> Iterator[Difference]:
    """Rows of one table; what is hit is told as such, and not once more where it comes or goes."""
    earlier, later = _by_row(before), _by_row(after)
    for key in sorted(earlier.keys() | later.keys()):
        one, other = earlier.get(key), later.get(key)
        row = other or one
        assert row is not None
        if one is None or other is None:
            if key not in moved:
                kind = NEW if one is None else GONE
                yield Difference(
                    kind, title, str(row.get("id", "")), str(row.get("name", "")), _brief(one), _brief(other), asked
                )
            continue
        apart = ("state", "id", "name", "through", "why", "how", "without_the_change")
        keys = [name for name in row if name not in apart and one.get(name) != other.get(name)]
        for name in keys:
            yield from _changed(title, key, name, one.get(name), other.get(name), asked)


def _by_row(rows: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows:
        key = str(row["id"]) if row.get("id") else json.dumps(row, sort_keys=True, ensure_ascii=False)
        while key in found:
            key += " again"
        found[key] = row
    return found


def _keyed(what: str, before: Mapping[str, Any], after: Mapping[str, Any], asked: str) -> Iterator[Difference]:
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        there = other or one
        if one is None or other is None:
            kind = NEW if one is None else GONE
            yield Difference(kind, what, key, str((there or {}).get("name", "")), _brief(one), _brief(other), asked)
        elif what != "request":
            for name in sorted(one.keys() | other.keys()):
                yield from _changed(what, key, name, one.get(name), other.get(name), asked)


def _changed(what: str, id: str, key: str, before: Any, after: Any, asked: str) -> Iterator[Difference]:
    if before != after:
        yield Difference(CHANGED, what, id, key.replace("_", " "), _text(before), _text(after), asked)


def _ids(some: Sequence[Any], by_role: bool = False) -> dict[str, Any]:
    return {f"{one['id']} as {one['role']}" if by_role else str(one["id"]): one for one in some}


def _conflicts(pack: Mapping[str, Any]) -> dict[str, Any]:
    stated = pack.get("conflicts") or {"conflicts": ()}
    found: dict[str, Any] = {}
    for one in stated["conflicts"]:
        ids = [each["id"] for each in one["changes"]]
        because = [each["because"] for each in one["because"]]
        found[" and ".join(dict.fromkeys((*ids, *because)))] = {
            "kind": one["kind"],
            "services": [each["id"] for each in one["services"]],
        }
    return found


def _brief(value: Any) -> str:
    if not isinstance(value, Mapping):
        return _text(value)
    told = ("state", "status", "services", "why", "text")
    said = [_text(value[key]) for key in told if value.get(key) not in (None, "", [])]
    if "impacted" in value:
        said.insert(0, "impacted" if value["impacted"] else "not impacted")
    if value.get("withdrawn"):
        said.append(f"withdrawn on {_text(value['withdrawn'])[:10]}")
    return "; ".join(said)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else str(value)
