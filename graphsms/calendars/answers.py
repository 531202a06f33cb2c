"""What is answered about targets of availability: what their spans still allow, and what an outage would use of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphsms.calendars.records import Missing, Outage

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ALLOWANCE_COLUMNS",
    "UNKNOWN_DOWNTIME",
    "UNKNOWN_EXCEPTION",
    "USE_COLUMNS",
    "Allowance",
    "Allowances",
    "Use",
    "Uses",
]

# Of what may be missing, that which makes the figures bounds: more may be used, or less of it may count.
UNKNOWN_DOWNTIME: Final = "downtime"
UNKNOWN_EXCEPTION: Final = "exception"

_SHARED: Final = ("agreement", "target", "promised", "period", "start", "end", "agreed", "allowed")
_BEFORE: Final = ("used", "left", "missed")
_USE: Final = ("state", "outage_start", "outage_end", "seconds", "share", "left", "missed", "causes_miss")
_SAID: Final = ("services", "missing", "assumptions", "notes")
ALLOWANCE_COLUMNS: Final = (*_SHARED, *_BEFORE, "share", *_SAID)
USE_COLUMNS: Final = (*_SHARED, *_USE, *(f"{name}_before" for name in _BEFORE), *_SAID)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a target of availability allows in a span, and what is left of it. All times are in seconds.

    What is not known is None, and ``missing`` says why; nothing is filled in by guess.

    Parameters
    ----------
    agreement, agreement_name : str
        "" where the target stands in none.
    target, target_name : str
    services : tuple of str
        Ids of what the target is for.
    promised : float or None
        In per cent of agreed service time.
    period, start, end, zone : str
        The span by its name (``2026-11``), its half-open ends, and the zone whose days it is made of; or "".
    agreed : float or None
        Agreed service time in the span. Exceptions are part of it: they are taken out of the downtime.
    allowed : float or None
        How much downtime still meets the target.
    used : float or None
        Downtime recorded until the moment that counts: within agreed time, each moment once, without exceptions.
    left : float or None
        Negative where the target is missed.
    share : float or None
        ``used`` over ``allowed``; None also where nothing is allowed.
    missed : bool or None
        None also where what is missing may turn it: downtime of which too little is recorded, an exception that
        cannot be read.
    hours : tuple of str
        Ids of the service calendars that count.
    outages : tuple of Outage
        The records that lie in the span, whether they count or not.
    missing : tuple of Missing
    assumptions : tuple of str
        What was taken to be so because nothing else is recorded, in sentences.
    notes : tuple of str
        What else has to be known to read the figures, in sentences.
    """

    agreement: str
    agreement_name: str
    target: str
    target_name: str
    services: tuple[str, ...]
    promised: float | None = None
    period: str = ""
    start: str = ""
    end: str = ""
    zone: str = ""
    agreed: float | None = None
    allowed: float | None = None
    used: float | None = None
    left: float | None = None
    share: float | None = None
    missed: bool | None = None
    hours: tuple[str, ...] = ()
    outages: tuple[Outage, ...] = ()
    missing: tuple[Missing, ...] = ()
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether it can be said what is left; ``bound`` says how exactly."""
        return self.left is not None

    @property
    def bound(self) -> str:
        """What ``used`` is: ``""`` exact, ``≥`` at least, ``≤`` at most, ``~`` about."""
        what = {one.what for one in self.missing}
        more, less = UNKNOWN_DOWNTIME in what, UNKNOWN_EXCEPTION in what
        return "~" if more and less else "≥" if more else "≤" if less else ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {
            **plain,
            "services": list(self.services),
            "hours": list(self.hours),
            "outages": [one.to_json() for one in self.outages],
            "missing": [one.to_json() for one in self.missing],
            "assumptions": list(self.assumptions),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Use:
    """What an outage would use of the allowance of a target in one span. Times are in seconds.

    Parameters
    ----------
    allowance : Allowance
        Before the outage.
    state : str
        What the outage makes of the service; only ``down`` uses availability.
    outage_start, outage_end : str
        The part of the outage in the span.
    seconds : float or None
        How much of the allowance it would use: agreed time that is not excused and not lost already.
    share : float or None
        That over the whole allowance of the span; None also where nothing is allowed.
    left : float or None
        What would be left, negative where the target is missed.
    missed : bool or None
        Whether the target is missed with it.
    """

    allowance: Allowance
    state: str
    outage_start: str
    outage_end: str
    seconds: float | None = None
    share: float | None = None
    left: float | None = None
    missed: bool | None = None

    @property
    def target(self) -> str:
        """The id of the target."""
        return self.allowance.target

    @property
    def agreement(self) -> str:
        """The id of the agreement that it stands in, or ""."""
        return self.allowance.agreement

    @property
    def causes_miss(self) -> bool | None:
        """Whether it is this outage that makes the target missed; None where that is not known."""
        before = self.allowance.missed
        return self.missed if not self.missed else None if before is None else not before

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "allowance"}
        return {**plain, "causes_miss": self.causes_miss, "allowance": self.allowance.to_json()}


@dataclass(frozen=True, slots=True)
class Allowances:
    """What targets of availability still allow.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment that was asked about.
    allowances : tuple of Allowance
        Those missed first, then those with the greatest share used; what is not known last.
    without : tuple of str
        Ids of agreements that have no target of availability.
    others : int
        How many targets are of something else, and so not counted.
    """

    revision: int
    at: str
    as_of: str
    allowances: tuple[Allowance, ...]
    without: tuple[str, ...] = ()
    others: int = 0

    @property
    def missed(self) -> tuple[Allowance, ...]:
        """Those whose downtime is more than what is allowed."""
        return tuple(one for one in self.allowances if one.missed)

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.allowances:
            return "No target of availability is recorded: nothing can be said about what is allowed."
        many, unknown = len(self.allowances), [one for one in self.allowances if one.missed is None]
        spent = [one for one in self.allowances if one.used and one.missed is False]
        said = f"{_of(len(self.missed), many)} missed"
        if spent:
            said += f", {len(spent)} {'has' if len(spent) == 1 else 'have'} used a part of what the period allows"
        if unknown:
            said += f", of {len(unknown)} it is not known"
        return f"{said}."

    def records(self) -> list[dict[str, Any]]:
        """One row for each target and agreement, by column."""
        return [_flat(one) for one in self.allowances]

    def to_frame(self) -> pd.DataFrame:
        """The rows of `records` as a data frame."""
        import pandas as pd

        return pd.DataFrame(self.records(), columns=list(ALLOWANCE_COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "allowances": [one.to_json() for one in self.allowances],
            "without": list(self.without),
            "others": self.others,
        }


@dataclass(frozen=True, slots=True)
class Uses:
    """What an outage would use of the allowances of targets.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and until when downtime counts as recorded.
    start, end : str
        Of the outage; ``end`` is "" where it has none, and then each span is used up to its end.
    uses : tuple of Use
        One for each target and span that the outage reaches into: what would be missed first, then the greater share.
    without : tuple of str
        Ids of agreements that have no target of availability.
    others : int
        How many targets are of something else, and so not counted.
    """

    revision: int
    at: str
    as_of: str
    start: str
    end: str
    uses: tuple[Use, ...]
    without: tuple[str, ...] = ()
    others: int = 0

    @property
    def missed(self) -> tuple[Use, ...]:
        """Those whose target is missed with the outage."""
        return tuple(one for one in self.uses if one.missed)

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.uses:
            return "The outage uses no allowance: no target of availability is recorded for what it takes down."
        targets = {(one.agreement, one.target) for one in self.uses}
        missed = {(one.agreement, one.target) for one in self.missed}
        before = {(one.agreement, one.target) for one in self.missed if one.allowance.missed}
        unknown = {(one.agreement, one.target) for one in self.uses if one.missed is None} - missed
        using = {(one.agreement, one.target) for one in self.uses if one.seconds} - missed - unknown
        said = f"With the outage {_of(len(missed), len(targets))} missed"
        if before:
            said += f" ({len(before)} without it too)"
        if using:
            said += f", {len(using)} {'loses' if len(using) == 1 else 'lose'} a part of what the period allows"
        if unknown:
            said += f", of {len(unknown)} it is not known"
        return f"{said}."

    def records(self) -> list[dict[str, Any]]:
        """One row for each target, agreement and span, by column."""
        return [
            {
                **{name: getattr(one.allowance, name) for name in _SHARED},
                **{name: getattr(one, name) for name in _USE},
                **{f"{name}_before": getattr(one.allowance, name) for name in _BEFORE},
                **_said(one.allowance),
            }
            for one in self.uses
        ]

    def to_frame(self) -> pd.DataFrame:
        """The rows of `records` as a data frame."""
        import pandas as pd

        return pd.DataFrame(self.records(), columns=list(USE_COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        plain = {name: getattr(self, name) for name in ("revision", "at", "as_of", "start", "end", "others")}
        return {**plain, "by_target": [one.to_json() for one in self.uses], "without": list(self.without)}


def _flat(one: Allowance) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in (*_SHARED, *_BEFORE, "share")}, **_said(one)}


def _said(one: Allowance) -> dict[str, Any]:
    return {
        "services": list(one.services),
        "missing": [missing.message for missing in one.missing],
        "assumptions": list(one.assumptions),
        "notes": list(one.notes),
    }


def _of(some: int, all: int) -> str:
    return f"{some} of {all} availability target{'' if all == 1 else 's'} {'is' if some == 1 or all == 1 else 'are'}"
