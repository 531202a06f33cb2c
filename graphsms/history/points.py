"""Which revision is meant by what a person gives: a number, a date, a moment, or the name of a baseline.

A bare date is the whole day in the organization's zone and means what was recorded by its end. A day that is
not over yet so means the present. Before the first revision there is revision 0, the empty graph.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from graphsms.errors import InputError
from graphsms.history.baseline import baseline, is_a_date, is_a_point, recorded_at
from graphsms.moments import canonical_moment, moment, window
from graphsms.store import Store

__all__ = ["revision_meant", "since_meant"]


def revision_meant(store: Store, given: int | str | None, zone: tzinfo = UTC) -> int | None:
    """The number of the revision that is meant, None for the present one where nothing is given.

    Raises
    ------
    InputError
        There is no such revision or baseline, or it is no date.
    """
    if given is None:
        return None
    if isinstance(given, str) and not is_a_point(given):
        found = baseline(store, given)
        if found is None:
            raise InputError(
                f"{given!r} is no revision, no date and no baseline: give a number such as 12, a date such as"
                " 2026-11-21 or 2026-11-21T09:30, or a name that `graphsms baseline list` shows."
            )
        return recorded_at(found)
    if not isinstance(given, int) and not (isinstance(given, str) and given.strip().isdecimal()):
        return store.revision_at(moment(given, zone)).number
    number, present = int(given), store.revision().number
    if not 0 <= number <= present:
        raise InputError(f"There is no revision {number}; the present one is {present}.")
    return number


def since_meant(store: Store, given: int | str | None, zone: tzinfo = UTC) -> int:
    """The first revision from what is meant on: a bare date counts from the beginning of its day.

    Raises
    ------
    InputError
        There is no such revision or baseline, or it is no date.
    """
    if given is None:
        return 1
    if isinstance(given, str) and is_a_date(given):
        begins, _ = window(given, None, zone)
        assert begins is not None, "a beginning was given"
        # What was recorded at that very moment is from then on.
        before = canonical_moment(datetime.fromisoformat(begins) - timedelta(microseconds=1))
        return store.revision_at(before).number + 1
    return max(revision_meant(store, given, zone) or 0, 1)
