"""What the form of a management review states, checked: everything that is wrong is told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from graphsms.analysis.estate import Estate
from graphsms.errors import InputError
from graphsms.ingest.check import id_problem
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import Fault, Value
from graphsms.moments import come, moment
from graphsms.obligations.review.form import KEYS, where
from graphsms.obligations.review.making import letters
from graphsms.snapshot.validity import microseconds

__all__ = ["Agreed", "Decided", "Stated", "Wrong", "stated_review"]

MOST: Final = 1_000  # decisions, and actions
MOST_TEXT: Final = 4_000
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DECISION: Final = ("what", "decision", "on", "why")
_ACTION: Final = ("what", "owner", "due", "on")
_MINUTES: Final = {"location": "fileLocation", "version": "version", "sha256": "sha256"}


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision: what, which way, on what, why."""

    what: str
    decision: str
    on: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """An action: what, who, by which day, about what."""

    what: str
    owner: str
    due: str
    on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """A review as it was stated, with nothing wrong in it."""

    id: str
    name: str
    held: str
    participants: tuple[str, ...]
    of: tuple[str, ...]
    inputs: Mapping[str, tuple[str, ...]]
    result: str
    decisions: tuple[Decided, ...]
    actions: tuple[Agreed, ...]
    minutes: Mapping[str, Value]
    pack: str


@dataclass
class Wrong:
    """The faults of a form, with where they stand."""

    file: str
    faults: list[Fault] = field(default_factory=list)

    def add(self, holder: object, key: object, rule: str, message: str) -> None:
        """One more."""
        self.faults.append(Fault(where(self.file, holder, key), "", str(key), rule, message))


def stated_review(read: Estate, said: Mapping[str, object], wrong: Wrong) -> Stated | None:
    """A review by its form; None, and faults in ``wrong``, where something is not right."""
    return _Reading(read, wrong).review(said)


class _Reading:
    def __init__(self, read: Estate, wrong: Wrong) -> None:
        self._read = read
        self._wrong = wrong

    def review(self, said: Mapping[str, object]) -> Stated | None:
        self._known(said, KEYS)
        held = self._held(said)
        day = held[:10] or "undated"
        id = self._text(said, "id") or f"review:management:{day}"
        if problem := id_problem(id):
            self._wrong.add(said, "id", "bad-id", f"The id {id[:60]!r} {problem}.")
        elif id in self._read.entities:
            self._wrong.add(said, "id", "repeated-id", f"There is {id} already: give this review another id.")
        participants = self._ids(said, "participants", self._party)
        if not participants and not self._has(said, "participants"):
            self._wrong.add(said, "participants", "missing-key", "Say who took part, by ids of people, teams or roles.")
        pack = self._text(said, "pack")
        if pack and not _HASH.fullmatch(pack):
            self._wrong.add(said, "pack", "wrong-value", "It is the SHA-256 of the pack, 64 hexadecimal digits.")
        stated = Stated(
            id=id,
            name=self._text(said, "name") or f"Management review of {day}",
            held=held,
            participants=participants,
            of=self._ids(said, "of"),
            inputs=self._inputs(said),
            result=self._text(said, "result"),
            decisions=tuple(self._decisions(said)),
            actions=tuple(self._actions(said)),
            minutes=self._minutes(said, id),
            pack=pack,
        )
        if not self._wrong.faults and not (stated.inputs or stated.decisions or stated.actions):
            self._wrong.add(said, "inputs", "nothing-stated", "Say what was considered, decided or agreed.")
        return None if self._wrong.faults else stated

    # ---------------------------------------------------------------------------------- its parts

    def _held(self, said: Mapping[str, object]) -> str:
        text = self._date(said, "date")
        if not text:
            if not self._has(said, "date"):
                self._wrong.add(said, "date", "missing-key", "Say when the review was held, such as 2026-11-25.")
            return ""
        held = moment(f"{text}T00:00" if _DAY.fullmatch(text) else text, self._read.zone)
        if microseconds(held) > microseconds(come()):
            message = f"It cannot have been held yet: {text} is still to come. Record it when it was held."
            self._wrong.add(said, "date", "future-date", message)
        return held

    def _inputs(self, said: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
        stated, found = said.get("inputs"), {}
        if stated is None:
            return {}
        if not isinstance(stated, Mapping):
            self._wrong.add(said, "inputs", "wrong-form", "It is a mapping of each input to a list of ids.")
            return {}
        codes = letters(self._read)
        for code in stated:
            if code not in codes:
                hint = did_you_mean(str(code), list(codes)) or f" They are {', '.join(codes)}."
                self._wrong.add(stated, code, "unknown-input", f"9.3 has no input {str(code)[:60]!r}.{hint}")
            else:
                found[str(code)] = self._ids(stated, code)
        return found

    def _decisions(self, said: Mapping[str, object]) -> Iterator[Decided]:
        code_list = self._read.vocabulary.properties["decision"].code_list
        codes = [one.notation for one in self._read.vocabulary.code_lists[str(code_list)].codes]
        for one in self._list(said, "decisions", _DECISION):
            decision = self._text(one, "decision")
            if decision and decision not in codes:
                message = f"It is one of {', '.join(codes)}.{did_you_mean(decision, codes)}"
                self._wrong.add(one, "decision", "unknown-code", message)
            yield Decided(self._needed(one, "what"), decision, self._ids(one, "on"), self._text(one, "why"))

    def _actions(self, said: Mapping[str, object]) -> Iterator[Agreed]:
        for one in self._list(said, "actions", _ACTION):
            owners = self._ids(one, "owner", self._party)
            if len(owners) != 1 and (not self._has(one, "owner") or len(owners) > 1):
                self._wrong.add(one, "owner", "missing-key", "Say who does it: the id of one person, team or role.")
            due = self._date(one, "due")
            if not due and not self._has(one, "due"):
                self._wrong.add(one, "due", "missing-key", "Say by which day it is to be done.")
            what = self._needed(one, "what")
            yield Agreed(what, owners[0] if owners else "", due[:10], self._ids(one, "on"))

    def _minutes(self, said: Mapping[str, object], id: str) -> Mapping[str, Value]:
        stated = said.get("minutes")
        if stated is None:
            return {}
        if not isinstance(stated, Mapping) or not self._text(stated, "location"):
            self._wrong.add(said, "minutes", "wrong-form", "Say where the minutes are: {location: path or URL}.")
            return {}
        self._known(stated, tuple(_MINUTES))
        sha = self._text(stated, "sha256")
        if sha and not _HASH.fullmatch(sha):
            self._wrong.add(stated, "sha256", "wrong-value", "It is 64 hexadecimal digits.")
        found = {property: self._text(stated, key) for key, property in _MINUTES.items()}
        held = self._date(said, "date")
        found |= {"name": f"Minutes of {id}", "issuedOn": held[:10], "documentStatus": "approved"}
        return {name: found[name] for name in sorted(found) if found[name]}

    # ---------------------------------------------------------------------------------- its values

    def _known(self, said: Mapping[str, object], keys: Sequence[str]) -> None:
        for key in said:
            if key not in keys:
                hint = did_you_mean(str(key), keys) or f" They are {', '.join(keys)}."
                self._wrong.add(said, key, "unknown-key", f"There is no key {str(key)[:60]!r} here.{hint}")

    @staticmethod
    def _has(said: Mapping[str, object], key: str) -> bool:
        return said.get(key) not in (None, "", [], ())

    def _list(self, said: Mapping[str, object], key: str, keys: Sequence[str]) -> Iterator[Mapping[str, object]]:
        stated = said.get(key)
        if stated is None:
            return
        if not isinstance(stated, list | tuple) or len(stated) > MOST:
            self._wrong.add(said, key, "wrong-form", f"It is a list of at most {MOST:,}.")
            return
        for number, one in enumerate(stated):
            if isinstance(one, Mapping):
                self._known(one, keys)
                yield one
            else:
                message = f"Each of the {key} is a mapping of {', '.join(keys)}."
                self._wrong.add(stated, number, "wrong-form", message)

    def _text(self, said: Mapping[str, Any], key: str) -> str:
        value = said.get(key)
        if value is None:
            return ""
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            self._wrong.add(said, key, "wrong-form", "It is a text.")
            return ""
        text = str(value).strip()
        if len(text) > MOST_TEXT:
            self._wrong.add(said, key, "too-long", f"It has at most {MOST_TEXT:,} characters.")
            return ""
        return text

    def _needed(self, said: Mapping[str, object], key: str) -> str:
        text = self._text(said, key)
        if not text and not self._has(said, key):
            self._wrong.add(said, key, "missing-key", "Say what it is, in words.")
        return text

    def _date(self, said: Mapping[str, object], key: str) -> str:
        """A date as text, or ""; one that is none is a fault."""
        value = said.get(key)
        if value in (None, ""):
            return ""
        text = value.isoformat() if isinstance(value, date | datetime) else str(value).strip()
        try:
            moment(text, self._read.zone)
        except InputError as error:
            self._wrong.add(said, key, "no-date", str(error))
            return ""
        return text

    def _ids(self, said: Mapping[Any, object], key: str, fits: Callable[[str], str] = lambda _: "") -> tuple[str, ...]:
        """Ids of the graph; ``fits`` says what is wrong with one, or nothing."""
        value = said.get(key)
        stated = value if isinstance(value, list | tuple) else [] if value in (None, "") else [value]
        found: dict[str, None] = {}
        for one in stated:
            if not isinstance(one, str):
                self._wrong.add(said, key, "wrong-form", "It is the id of an entity, or a list of ids, as texts.")
            elif one not in self._read.entities:
                near = self._read.store.nearest_ids(one)
                hint = f" Did you mean {' or '.join(near)}?" if near else " `graphsms find` looks for it."
                self._wrong.add(said, key, "unknown-id", f"There is nothing with the id {one[:60]!r}.{hint}")
            elif problem := fits(one):
                self._wrong.add(said, key, "wrong-type", problem)
            else:
                found[one] = None
        return tuple(found)

    def _party(self, id: str) -> str:
        words = self._read.vocabulary
        kinds = words.relations[words.known_as("performed by")].range
        type = self._read.entities[id].type
        return "" if words.any_of(type, kinds) else f"{id} is of type {type}, and not one of {', '.join(kinds)}."
