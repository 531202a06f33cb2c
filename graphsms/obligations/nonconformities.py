"""From nonconformity to cause, corrective action and whether it was effective (10.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.estate import Deficiency, Estate, Examined
from graphsms.model import Entity
from graphsms.report.tables import Table
from graphsms.snapshot.validity import microseconds

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLUMNS",
    "Corrective",
    "Nonconforming",
    "Nonconformities",
    "actions_overdue",
    "corrective",
    "is_open",
    "nonconformities",
    "today",
    "without_effect",
]

COLUMNS = (
    "id", "name", "status", "conformity", "recorded", "due", "overdue", "from", "fails_to_meet", "cause", "actions",
    "effectiveness", "owner", "lacks",
)  # fmt: skip
_CANCELLED: Final = "cancelled"
_OVER: Final = ("closed", _CANCELLED)
_DONE: Final = (*_OVER, "resolved")
CAUSE: Final = "cause"
ACTION: Final = "action"
EFFECT: Final = "effectiveness"


def is_open(read: Estate, case: Entity) -> bool:
    """Whether a case was not over at the moment that is read: by when it was closed, else by its status."""
    closed = str(case.properties.get("closedAt", ""))
    if closed:
        return microseconds(closed) > microseconds(read.as_of)
    return case.properties.get("caseStatus") not in _OVER


@dataclass(frozen=True, slots=True)
class Corrective:
    """A corrective action.

    Parameters
    ----------
    id, name, status, due, effectiveness : str
    assigned_to : tuple of str
    done, overdue : bool
    """

    id: str
    name: str
    status: str
    due: str
    effectiveness: str
    assigned_to: tuple[str, ...]
    done: bool
    overdue: bool

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {**found, "assigned_to": list(self.assigned_to)}


@dataclass(frozen=True, slots=True)
class Nonconforming:
    """A nonconformity, and what was done about it.

    Parameters
    ----------
    id, name, status, conformity, recorded, due : str
    open, overdue : bool
        Overdue is what is past its day, itself or with one of its actions.
    arises_from, fails_to_meet, caused_by, owner : tuple of str
        Ids.
    root_cause : str
        In words.
    actions : tuple of Corrective
    reviewed : tuple of str
        Reviews of it or of its actions, that say whether it was effective.
    effectiveness : str
        The worst that was said, or "".
    lacks : tuple of str
        What is still to come: cause, action, and, once it is closed or its actions are done, effectiveness.
    """

    id: str
    name: str
    status: str
    conformity: str
    recorded: str
    due: str
    open: bool
    overdue: bool
    arises_from: tuple[str, ...]
    fails_to_meet: tuple[str, ...]
    caused_by: tuple[str, ...]
    owner: tuple[str, ...]
    root_cause: str
    actions: tuple[Corrective, ...]
    reviewed: tuple[str, ...]
    effectiveness: str
    lacks: tuple[str, ...]

    def row(self) -> tuple[Any, ...]:
        """By `COLUMNS`."""
        cause = self.root_cause or self.caused_by
        return (
            self.id, self.name, self.status, self.conformity, self.recorded, self.due, self.overdue, self.arises_from,
            self.fails_to_meet, cause, tuple(one.id for one in self.actions), self.effectiveness, self.owner,
            self.lacks,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
        return {**plain, "actions": [one.to_json() for one in self.actions]}


@dataclass(frozen=True)
class Nonconformities:
    """All of them, those that are open and overdue first."""

    revision: int
    at: str
    as_of: str
    found: tuple[Nonconforming, ...]

    def __iter__(self) -> Iterator[Nonconforming]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def lacking(self, what: str) -> tuple[Nonconforming, ...]:
        """Those that lack something: cause, action or effectiveness."""
        return tuple(one for one in self.found if what in one.lacks)

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.found:
            return "No nonconformity is recorded."
        late, open_ = sum(one.overdue for one in self.found), sum(one.open for one in self.found)
        counts = [(CAUSE, "without a cause"), (ACTION, "without an action"), (EFFECT, "without proof of effect")]
        said = [f"{len(some)} {words}" for what, words in counts if (some := self.lacking(what))]
        count = "1 nonconformity" if len(self.found) == 1 else f"{len(self.found)} nonconformities"
        return f"{count}: {', '.join([f'{open_} open', f'{late} overdue', *said])}."

    def table(self) -> Table:
        """A row for each."""
        return Table(COLUMNS, tuple(one.row() for one in self.found))

    def to_frame(self) -> pd.DataFrame:
        """A row for each."""
        import pandas as pd

        return pd.DataFrame([one.row() for one in self.found], columns=list(COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "nonconformities": [one.to_json() for one in self.found],
        }


def nonconformities(read: Estate) -> Nonconformities:
    """The nonconformities that were recorded by the moment, each with its way to an effective action.

    ``(:Nonconformity)-[:CAUSED_BY]->()``, ``(:CorrectiveAction)-[:ADDRESSES]->(:Nonconformity)``,
    ``(:Review)-[:REVIEWS]->(:CorrectiveAction)``

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     made = g.apply(graphsms.ChangeSet([graphsms.Entity("nc-1", "Nonconformity")]))
    ...     [one.lacks for one in g.obligations.audits.nonconformities()]
    [('cause', 'action')]
    """
    now = microseconds(read.as_of)
    every = read.of_type(read.vocabulary.known_as("nonconformity"))
    known = [one for one in every if not (at := _said(one, "recordedAt")) or microseconds(at) <= now]
    found = [_nonconforming(read, one) for one in known]
    found.sort(key=lambda one: (not one.open, not one.overdue, one.due or "9", one.id))
    return Nonconformities(read.revision.number, read.revision.time, read.as_of, tuple(found))


def without_effect(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Nonconformities that are over, or all of whose actions are, and nobody says whether they were effective."""
    over = [
        one
        for one in nonconformities(read)
        if one.status != _CANCELLED and (not one.open or (one.actions and all(each.done for each in one.actions)))
    ]
    lacking = tuple(
        Deficiency(
            (one.id,),
            f"{one.name} is {'still open, its actions are done' if one.open else 'closed'}, "
            "and whether they were effective is not recorded.",
            concerning=tuple(each.id for each in one.actions),
        )
        for one in over
        if EFFECT in one.lacks
    )
    return Examined(len(over), lacking, "" if over else "no nonconformity is closed, nor its actions done")


def actions_overdue(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Corrective actions that are past their day and not done."""
    kind = read.vocabulary.known_as("corrective action")
    every = [corrective(read, one) for one in read.of_type(kind)]
    lacking = tuple(
        Deficiency((one.id,), f"{one.name} was due on {one.due}, and is {one.status or 'not done'}.")
        for one in every
        if one.overdue
    )
    return Examined(len(every), lacking, "" if every else "no corrective action is recorded")


def today(read: Estate) -> str:
    """The day of the moment, in the organization's zone."""
    return datetime.fromisoformat(read.as_of).astimezone(read.zone).date().isoformat()


def _nonconforming(read: Estate, one: Entity) -> Nonconforming:
    words = read.vocabulary

    def to(word: str) -> tuple[str, ...]:
        type = words.known_as(word)
        return tuple(each.object for each in read.leading_from.get(one.id, ()) if each.type == type)

    addresses = words.known_as("addressed by")
    action = words.known_as("action")
    addressing = [each.subject for each in read.leading_to.get(one.id, ()) if each.type == addresses]
    actions = tuple(
        corrective(read, read.entities[id]) for id in addressing if words.is_a(read.entities[id].type, action)
    )
    reviewed = _reviews(read, [one.id, *(each.id for each in actions)])
    effects = [_said(one, "effectiveness"), *(each.effectiveness for each in actions)]
    effects += [_said(read.entities[id], "effectiveness") for id in reviewed]
    effect = max(filter(None, effects), key=lambda said: _rank(read, said), default="")
    cause = _said(one, "rootCause")
    open_ = is_open(read, one)
    done = not open_ or (bool(actions) and all(each.done for each in actions))
    lacks = (
        *([] if cause or to("caused by") else [CAUSE]),
        *([] if actions else [ACTION]),
        *([EFFECT] if done and not effect else []),
    )
    due = _said(one, "dueOn")
    return Nonconforming(
        id=one.id,
        name=one.name,
        status=_said(one, "caseStatus"),
        conformity=_said(one, "conformity"),
        recorded=_said(one, "recordedAt"),
        due=due or min((each.due for each in actions if each.due and not each.done), default=""),
        open=open_,
        overdue=(open_ and bool(due) and due < today(read)) or any(each.overdue for each in actions),
        arises_from=to("arises from"),
        fails_to_meet=to("fails to meet"),
        caused_by=to("caused by"),
        owner=(*to("owned by"), *to("assigned to")),
        root_cause=cause,
        actions=actions,
        reviewed=tuple(reviewed),
        effectiveness=effect,
        lacks=lacks,
    )


def corrective(read: Estate, one: Entity) -> Corrective:
    """An action, and whether it is done or past its day at the moment."""
    to = read.vocabulary.known_as("assigned to")
    due = _said(one, "dueOn")
    ended = _said(one, "closedAt") or _said(one, "resolvedAt")
    done = microseconds(ended) <= microseconds(read.as_of) if ended else _said(one, "caseStatus") in _DONE
    return Corrective(
        id=one.id,
        name=one.name,
        status=_said(one, "caseStatus"),
        due=due,
        effectiveness=_said(one, "effectiveness"),
        assigned_to=tuple(each.object for each in read.leading_from.get(one.id, ()) if each.type == to),
        done=done,
        overdue=bool(due) and due < today(read) and not done,
    )


def _reviews(read: Estate, ids: list[str]) -> list[str]:
    """Reviews of them that are over and say whether they were effective."""
    reviews = read.vocabulary.known_as("reviewed in")
    found = {one.subject for id in ids for one in read.leading_to.get(id, ()) if one.type == reviews}
    return sorted(id for id in found if _said(read.entities[id], "effectiveness"))


def _rank(read: Estate, said: str) -> int:
    code_list = read.vocabulary.properties["effectiveness"].code_list
    codes = read.vocabulary.code_lists[code_list].codes if code_list else ()
    return next((code.rank or 0 for code in codes if code.notation == said), 0)


def _said(one: Entity, property: str) -> str:
    return str(one.properties.get(property, ""))
