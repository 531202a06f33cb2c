"""Records that are dated in the future: what tells of something cannot tell of what is still to come (7.5.4, 9.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from graphsms.model import Value
from graphsms.moments import come
from graphsms.vocabulary import Vocabulary

__all__ = ["Ahead"]

_DAYS: Final = ("issuedOn",)
_MOMENTS: Final = ("collected",)
_STATUS: Final = "documentStatus"
_NOT_YET: Final = frozenset({"planned", "draft", "in review"})


class Ahead:
    """Tells what is dated after the moment at which it is imported.

    Parameters
    ----------
    vocabulary : Vocabulary
    zone : tzinfo
        The organization's: of the day that it is.
    moment : datetime, optional
        Now, without it.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graphsms.ontology import load
    >>> ahead = Ahead(load(), UTC, datetime(2026, 11, 21, tzinfo=UTC))
    >>> ahead.of_entity("MeetingMinutes", {"issuedOn": "2026-11-22"})[0]
    'issuedOn'
    >>> ahead.of_entity("MeetingMinutes", {"issuedOn": "2026-11-21"}) is None
    True
    """

    def __init__(self, vocabulary: Vocabulary, zone: tzinfo, moment: datetime | None = None) -> None:
        self._now = moment or datetime.fromisoformat(come())
        self._today = self._now.astimezone(zone).date().isoformat()
        record, computed = vocabulary.known.get("record", ""), vocabulary.known.get("computed record", "")
        # What is computed is about the moment that was asked for, which may be a later one.
        self.types = frozenset(vocabulary.subtypes.get(record, ())) - frozenset(vocabulary.subtypes.get(computed, ()))

    def of_entity(self, type: str, said: Mapping[str, Value]) -> tuple[str, str] | None:
        """The property of a record that is still to come, with what to do; None where there is none."""
        if type not in self.types or said.get(_STATUS) in _NOT_YET:
            return None
        for name in _DAYS:
            if name in said and str(said[name]) > self._today:
                return name, f"The record is dated {said[name]}, which is still to come. {_REMEDY}"
        return self.of_relation(said)

    def of_relation(self, said: Mapping[str, Value]) -> tuple[str, str] | None:
        """The same of what a relation says: evidence that was taken at a moment still to come."""
        for name in _MOMENTS:
            if name in said and datetime.fromisoformat(str(said[name])) > self._now:
                return name, f"It says that it was taken on {str(said[name])[:10]}, which is still to come. {_REMEDY}"
        return None


_REMEDY: Final = f"Correct the date, or state {_STATUS} planned until it is there."
