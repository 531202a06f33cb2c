"""Whether anything of a kind occurred in the period before a moment, and when that nothing did is shown (1.2).

That there is nothing shows only something where such things are recorded at all: that no request for change was one to
remove a service, where requests for change are; that no incident was a major one, where incidents are; that nobody
supplies anything, where services are.
"""

from __future__ import annotations

from graphsms.analysis.estate import Estate
from graphsms.analysis.proofs import is_planned, when
from graphsms.clauses.runs import Runs, holds
from graphsms.snapshot.validity import after, microseconds

__all__ = ["nothing_occurred"]

_Where = tuple[tuple[str, str], ...]


def nothing_occurred(read: Estate, runs: Runs, period: str) -> bool:
    """Whether it is shown that nothing of the types of a check occurred in the period before the moment.

    Parameters
    ----------
    read : Estate
    runs : Runs
        Types, and the conditions under which one of them counts; what does not say may be one.
    period : str
        A duration of ISO 8601.

    Notes
    -----
    O(entities of the types), once for a reading.
    """
    if any(_occurred(read, type, period, runs.where) for type in runs.types):
        return False
    words = read.vocabulary
    kinds = [words.known_as(word) for word in ("activity", "case", "record")]
    if not any(_occurred(read, one, period) for one in kinds):
        return False
    deeds = {one for kind in kinds for one in words.subtypes[kind]} - {*kinds}
    if not deeds & {*runs.types}:  # what holds rather than happens, such as a supply: services are described
        return read.once("any service", lambda: any(map(read.is_service, read.entities.values())))
    wider = {one for type in runs.types for one in words.types[type].ancestors} & deeds - {*runs.types}
    among = [runs.types] if runs.where else []
    among += [(*wider, *runs.types)] if wider else []
    return all(any(_occurred(read, type, period) for type in one) for one in among)


def _occurred(read: Estate, type: str, period: str, where: _Where = ()) -> bool:
    return read.once(f"occurred {type} {period} {where}", lambda: _occurs(read, type, period, where))


def _occurs(read: Estate, type: str, period: str, where: _Where) -> bool:
    until, since = microseconds(read.as_of), after(read.as_of, f"-{period}")
    ours = read.vocabulary.known_as("computed record")
    for entity in read.of_type(type):
        # What graphsms keeps of its own shows nothing of the organization; what does not say it may be one.
        if entity.type == ours or not holds(where, entity.properties, unsaid=True):
            continue
        if is_planned(entity):  # a name in a list shows that nothing has happened
            continue
        date = when(read, entity, {})
        if (not date and read.live(entity)) or (date and since <= microseconds(date) <= until):
            return True
    return False
