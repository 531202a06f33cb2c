"""What is told of releases: contents, acceptance, deployment, and the incidents related to them (8.5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphsms.change.incidents import Following
from graphsms.change.telling import plural
from graphsms.model import Entity

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Acceptance", "Deployed", "ReleaseState", "Releases"]

COLUMNS: Final = (
    "id", "name", "type", "status", "requests", "contents", "accepted", "baselines", "deployed", "outcome",
    "observed_for", "observed_until", "incidents", "caused",
)  # fmt: skip
_CAUSED: Final = "caused"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A decision on whether a release goes live.

    Parameters
    ----------
    id, outcome, at : str
    by, based_on : tuple of str
        Ids.
    """

    id: str
    outcome: str
    at: str
    by: tuple[str, ...]
    based_on: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "outcome": self.outcome or None,
            "at": self.at or None,
            "by": list(self.by),
            "based_on": list(self.based_on),
        }


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployment of a release.

    Parameters
    ----------
    id, start, end, outcome : str
        When it began and was over, or is planned to; "" where it is not recorded.
    planned : bool
        Whether that is what was planned, since nobody recorded when it was over.
    """

    id: str
    start: str
    end: str
    outcome: str
    planned: bool

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "start": self.start or None,
            "end": self.end or None,
            "outcome": self.outcome or None,
            "planned": self.planned,
        }


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """A release: contents, acceptance, deployment, and what followed.

    Parameters
    ----------
    entity : Entity
    implements, delivers, baselines : tuple of str
        Ids of requests, configuration items and baselines.
    acceptances : tuple of Acceptance
        The latest first.
    deployments : tuple of Deployed
        The latest first.
    deployed : str
        When it was deployed: the end of the latest deployment, else of the latest of its changes; "" before that.
    observed_for : str
        The period of observation, and ``stated``, whether the release states it; otherwise it is that of the policy.
    observed_until : str
        The end of it; "" where it is not deployed.
    watching : bool
        Whether it is not over yet.
    incidents : tuple of Following
    """

    entity: Entity
    implements: tuple[str, ...]
    delivers: tuple[str, ...]
    baselines: tuple[str, ...]
    acceptances: tuple[Acceptance, ...]
    deployments: tuple[Deployed, ...]
    deployed: str
    observed_for: str
    stated: bool
    observed_until: str
    watching: bool
    incidents: tuple[Following, ...]

    @property
    def id(self) -> str:
        """Of the release."""
        return self.entity.id

    def says(self, property: str) -> str:
        """What it says for a property, as text; "" where it says nothing."""
        return str(self.entity.properties.get(property, ""))

    @property
    def accepted(self) -> str:
        """The outcome of the latest decision on its acceptance; "" where there is none."""
        return self.acceptances[0].outcome if self.acceptances else ""

    def row(self) -> tuple[Any, ...]:
        """By `COLUMNS`."""
        return (
            self.id, self.entity.name, self.says("releaseType"), self.says("releaseStatus"), self.implements,
            self.delivers, self.accepted, self.baselines, self.deployed, self.says("outcome"), self.observed_for,
            self.observed_until, tuple(one.id for one in self.incidents),
            tuple(one.id for one in self.incidents if one.how == _CAUSED),
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        tested = self.entity.properties.get("testedSuccessfully")
        return {
            "id": self.id,
            "name": self.entity.name,
            "type": self.says("releaseType") or None,
            "status": self.says("releaseStatus") or None,
            "outcome": self.says("outcome") or None,
            "requests": list(self.implements),
            "contents": list(self.delivers),
            "tested": tested,
            "baselines": list(self.baselines),
            "acceptances": [one.to_json() for one in self.acceptances],
            "deployments": [one.to_json() for one in self.deployments],
            "deployed": self.deployed or None,
            "observed_for": self.observed_for,
            "stated": self.stated,
            "observed_until": self.observed_until or None,
            "watching": self.watching,
            "incidents": [one.to_json() for one in self.incidents],
        }


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases of a graph.

    Parameters
    ----------
    revision : int
    at, as_of : str
    releases : tuple of ReleaseState
        Those deployed last first, then those that are not deployed, by id.
    """

    revision: int
    at: str
    as_of: str
    releases: tuple[ReleaseState, ...]

    def sentence(self) -> str:
        """The answer in a sentence."""
        deployed = [one for one in self.releases if one.deployed]
        if not self.releases:
            return "No release is recorded."
        incidents = {following.id for one in deployed for following in one.incidents}
        watching = sum(one.watching for one in deployed)
        many = f"{plural(len(self.releases), 'release')}, {len(deployed):,} deployed"
        if not deployed:
            return f"{many}."
        return (
            f"{many}: {plural(len(incidents), 'incident')} related to them; "
            f"{watching:,} still in the period of observation."
        )

    def to_frame(self) -> pd.DataFrame:
        """One row for each release."""
        import pandas as pd

        return pd.DataFrame([one.row() for one in self.releases], columns=list(COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "releases": [one.to_json() for one in self.releases],
        }
