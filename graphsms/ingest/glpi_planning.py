"""When changes of GLPI are planned: GLPI plans their tasks, and has no window of the change itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphsms.ingest.record_tables import Tally
from graphsms.ingest.record_values import READ, Cell
from graphsms.ingest.records import Record

__all__ = ["planned"]


def planned(items: Mapping[str, Sequence[Record]], rule: Any, tally: Tally) -> dict[str, dict[str, Cell]]:
    """By the key of a change, from the first beginning to the last end of its tasks, as fields of the change.

    Tasks that state either end alone are not planned, and count for nothing. Where nothing is planned for some time
    between two tasks, that is told: all of it is taken for the window.

    Examples
    --------
    >>> from graphsms.model import Origin
    >>> rule = {"table": "ChangeTask", "of": "Change", "by": "changes_id", "begin": "begin", "end": "end",
    ...         "starts": "planned_start", "ends": "planned_end"}
    >>> days = ["2026-11-28 21:00:00", "2026-11-28 23:00:00"]
    >>> cells = {"changes_id": Cell("2"), "begin": Cell(days[0]), "end": Cell(days[1])}
    >>> found = planned({"ChangeTask": [Record("ChangeTask", "1", cells, Origin("a"))]}, rule, Tally())
    >>> found["2"]["planned_end"].value
    '2026-11-28 23:00:00'
    """
    names = Counter(one.said("name") for one in items.get(rule["of"], ()))
    keys = {one.said("name"): one.key for one in items.get(rule["of"], ()) if names[one.said("name")] == 1}
    spans: dict[str, list[tuple[str, str, Record]]] = {}
    for task in items.get(rule["table"], ()):
        of = task.cell(rule["by"]).value
        begin, end = (_read(task, rule[name], tally) for name in ("begin", "end"))
        change = of if of.isdigit() else keys.get(of, "")
        if begin and end and begin < end and change:
            spans.setdefault(change, []).append((begin, end, task))
        elif begin and end:
            message = (
                f"{{n}} of {task.table} left out: it ends before it begins, or it is not said of which change it is."
            )
            tally.add(task.origin, rule["end"], "no-window", message)
    found = {}
    for change, tasks in spans.items():
        begins, ends = min(one[0] for one in tasks), max(one[1] for one in tasks)
        _tell_gaps(sorted(tasks, key=lambda one: one[:2]), rule, tally)
        found[change] = {rule["starts"]: Cell(begins), rule["ends"]: Cell(ends)}
    return found


def _read(task: Record, field: str, tally: Tally) -> str:
    said = task.cell(field).value
    if said and READ["moment"](said) is None:
        message = f"{{n}} of {task.table}: what stands there is no date and time such as 2026-11-20 09:15:00."
        tally.add(task.origin, field, "unreadable-value", message)
        return ""
    return said


def _tell_gaps(tasks: Iterable[tuple[str, str, Record]], rule: Any, tally: Tally) -> None:
    until = ""
    for begin, end, task in tasks:
        if until and begin > until:
            message = (
                f"{{n}} of {task.table}: nothing is planned for some time before it; the window of the {rule['of']} is"
                " from the first to the last."
            )
            tally.add(task.origin, rule["begin"], "planned-apart", message)
        until = max(until, end)
