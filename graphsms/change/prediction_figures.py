"""How good predictions of impact were: what was told and what happened, each against the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphsms.change.telling import plural

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLUMNS", "FALSE_ALARM", "MISSED", "PREDICTED", "Compared", "Prediction", "Predictions", "Score", "score_of",
]  # fmt: skip

PREDICTED, MISSED, FALSE_ALARM = "predicted", "missed", "false alarm"
COLUMNS: Final = ("request", "made", "revision", "id", "name", "told", "happened", "verdict", "incidents")


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing, what was told of it, and what happened to it.

    Parameters
    ----------
    id, name : str
    told : str
        The state that the assessment gives; "ok" where it names the thing not.
    happened : str
        The worst state that incidents put it into; "" where none is recorded.
    touched : bool
        Whether the change acted on it itself.
    service : bool
    verdict : str
        ``predicted``, ``missed`` or ``false alarm``.
    alarm : bool
        Whether it was told of a service that the change does not touch that it would be degraded or down.
    milder : bool
        Whether it came worse than told.
    incidents : tuple of str
        Ids.
    """

    id: str
    name: str
    told: str
    happened: str
    touched: bool
    service: bool
    verdict: str
    alarm: bool
    milder: bool
    incidents: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "name": self.name,
            "told": self.told,
            "happened": self.happened or None,
            "touched": self.touched,
            "service": self.service,
            "verdict": self.verdict,
            "milder": self.milder,
            "incidents": list(self.incidents),
        }


@dataclass(frozen=True, slots=True)
class Score:
    """How often it was right.

    Parameters
    ----------
    changes : int
        How many changes were compared.
    predicted : int
        Things that incidents disturbed, and of which it had been told.
    missed : int
        Things that incidents disturbed, and of which it had not been told.
    milder : int
        Of those predicted, how many came worse than told.
    alarms : int
        Services, not touched themselves, of which it was told that they would be degraded or down.
    held : int
        Of these, how many an incident disturbed.
    """

    changes: int
    predicted: int
    missed: int
    milder: int
    alarms: int
    held: int

    @property
    def disturbed(self) -> int:
        """Things that incidents disturbed: the denominator of `recall`."""
        return self.predicted + self.missed

    @property
    def false_alarms(self) -> int:
        """Alarms after which no incident is recorded."""
        return self.alarms - self.held

    @property
    def recall(self) -> float | None:
        """The share of what was disturbed that had been told; None where nothing was."""
        return self.predicted / self.disturbed if self.disturbed else None

    @property
    def precision(self) -> float | None:
        """The share of alarms that held; None where there was none."""
        return self.held / self.alarms if self.alarms else None

    def to_json(self) -> dict[str, Any]:
        """As plain values, with the shares."""
        return {
            "changes": self.changes,
            "predicted": self.predicted,
            "missed": self.missed,
            "disturbed": self.disturbed,
            "milder": self.milder,
            "alarms": self.alarms,
            "held": self.held,
            "false_alarms": self.false_alarms,
            "recall": self.recall,
            "precision": self.precision,
        }


@dataclass(frozen=True, slots=True)
class Prediction:
    """A change, and how its prediction compares with what happened.

    Parameters
    ----------
    request, name : str
    made : str
        When it was over.
    revision : int
        The one before it began, which the prediction is computed from.
    before : bool
        Whether there is one; otherwise the first is taken, which may know what was recorded afterwards.
    told : int
        How many things the prediction names.
    observing : bool
        Whether the time within which incidents count is not over: it is shown and not counted.
    compared : tuple of Compared
        What was disturbed, and the alarms; the missed first.
    unrecorded : tuple of str
        Ids of what it touched and that was not recorded at that revision.
    """

    request: str
    name: str
    made: str
    revision: int
    before: bool
    told: int
    observing: bool
    compared: tuple[Compared, ...]
    unrecorded: tuple[str, ...]

    @property
    def score(self) -> Score:
        """How often it was right."""
        return score_of([self])

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """By `COLUMNS`."""
        for one in self.compared:
            verdict = "still observed" if self.observing else one.verdict
            change = (self.request, self.made, self.revision)
            yield *change, one.id, one.name, one.told, one.happened, verdict, one.incidents

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "request": self.request,
            "name": self.name,
            "made": self.made,
            "revision": self.revision,
            "revision_is_before": self.before,
            "told": self.told,
            "observing": self.observing,
            "score": self.score.to_json(),
            "compared": [one.to_json() for one in self.compared],
            "unrecorded": list(self.unrecorded),
        }


def score_of(predictions: Iterable[Prediction]) -> Score:
    """The score of several changes together; each thing counts once for each change."""
    some = list(predictions)
    compared = [one for each in some for one in each.compared]
    return Score(
        changes=len(some),
        predicted=sum(one.verdict == PREDICTED for one in compared),
        missed=sum(one.verdict == MISSED for one in compared),
        milder=sum(one.milder for one in compared if one.verdict == PREDICTED),
        alarms=sum(one.alarm for one in compared),
        held=sum(one.alarm and one.verdict == PREDICTED for one in compared),
    )


@dataclass(frozen=True, slots=True)
class Predictions:
    """How good the prediction of impact is.

    Parameters
    ----------
    revision : int
    at, as_of : str
    since, until : str
        The period that the changes ended in; "" is no limit.
    within : str
        How long after a change incidents counted.
    changes : tuple of Prediction
        In order of time.
    undated : tuple of str
        Ids of changes that were made, and nothing says when.
    """

    revision: int
    at: str
    as_of: str
    since: str
    until: str
    within: str
    changes: tuple[Prediction, ...]
    undated: tuple[str, ...]

    @property
    def counted(self) -> tuple[Prediction, ...]:
        """Those whose time of observation is over."""
        return tuple(one for one in self.changes if not one.observing)

    @property
    def score(self) -> Score:
        """Of all that are counted."""
        return score_of(self.counted)

    def months(self) -> Iterator[tuple[str, Score]]:
        """The score of each month (UTC) in which changes were made, in order."""
        names = sorted({one.made[:7] for one in self.counted})
        for name in names:
            yield name, score_of(one for one in self.counted if one.made[:7] == name)

    def sentence(self) -> str:
        """The answer in a sentence."""
        score = self.score
        if not score.changes:
            return "No change is made whose time of observation is over: nothing can be said of the prediction."
        seen = f"{score.predicted:,} of {plural(score.disturbed, 'thing')} disturbed had been told"
        alarms = f"{score.held:,} of {plural(score.alarms, 'alarm')} held"
        return (
            f"After {plural(score.changes, 'change')} "
            f"{seen if score.disturbed else 'nothing was disturbed'}; "
            f"{alarms if score.alarms else 'no alarm was given'}."
        )

    def notes(self) -> Iterator[str]:
        """What else has to be known to read the figures, in sentences."""
        observing = len(self.changes) - len(self.counted)
        if observing:
            yield f"{plural(observing, 'change')} still observed (within {self.within}): not counted."
        late = [one for one in self.counted if not one.before]
        if late:
            yield (
                f"Nothing was recorded before {plural(len(late), 'change')}: predicted from revision "
                f"{late[0].revision}, which may know what was learned since."
            )
        unrecorded = {id for one in self.counted for id in one.unrecorded}
        if unrecorded:
            yield f"Touched, and not recorded before the change: {', '.join(sorted(unrecorded)[:5])}."
        if self.undated:
            yield f"{plural(len(self.undated), 'change')} made of which nothing says when."

    def to_frame(self) -> pd.DataFrame:
        """One row for each thing compared."""
        import pandas as pd

        return pd.DataFrame([row for one in self.changes for row in one.rows()], columns=list(COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "since": self.since or None,
            "until": self.until or None,
            "within": self.within,
            "score": self.score.to_json(),
            "months": [{"month": name, **score.to_json()} for name, score in self.months()],
            "changes": [one.to_json() for one in self.changes],
            "undated": list(self.undated),
            "notes": list(self.notes()),
        }
