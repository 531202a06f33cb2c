"""Files of plans: JSON lines, a head, what is said beside the changes (`graphsms.ingest.plan_notes`), one line a
change, and an end by which a damaged file is known.

::

    {"graphsms plan": 2, "store": "…", "base": 4, "ontology": "…", "source": "cmdb", …}
    {"before": null, "after": {"id": "db-1", "type": "Database", …}}
    {"end": 1, "sha256": "…"}
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, NoReturn

from graphsms.errors import InputError, UnavailableError
from graphsms.ingest.check import id_problem
from graphsms.ingest.drafted import Counts
from graphsms.ingest.plan import ImportPlan, PlannedFile
from graphsms.ingest.plan_notes import Notes, lines_of_notes
from graphsms.ingest.planned import ListedChanges, PlannedChange, thing_from, thing_json
from graphsms.ingest.verdict import FileVerdict
from graphsms.model import Entity, Relation, Value
from graphsms.values import canonical_all
from graphsms.vocabulary import Vocabulary

__all__ = ["load_plan", "save_plan"]

_VERSION: Final = 2  # 1 had no notes, and they are empty where it is read
_MARK: Final = "graphsms plan"
_LONGEST: Final = 1 << 28  # characters of one line
_TEXTS: Final = ("store", "ontology", "source", "format", "made", "fresh_for", "actor", "reason", "request")
_LISTS: Final = ("placeholders", "became_placeholders", "passed_over")
_NUMBERS: Final = ("base", "overruled_count", "warning_count")


def save_plan(plan: ImportPlan, path: Path) -> None:
    """Write a plan to a file, whole or not at all.

    Raises
    ------
    UnavailableError
        The file cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as out:
            _write(plan, out)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UnavailableError(
            f"The plan cannot be written to {path}: {error.strerror}; nothing was changed."
        ) from None


def _write(plan: ImportPlan, out: IO[str]) -> None:
    digest = hashlib.sha256()

    def line(value: object) -> None:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
        digest.update(text.encode("utf-8", "surrogatepass"))
        out.write(text)

    line(
        {
            _MARK: _VERSION,
            **{name: getattr(plan, name) for name in (*_TEXTS, *_NUMBERS, *_LISTS)},
            "no_longer_stated": plan.no_longer_stated,
            "unchanged": [plan.unchanged.entities, plan.unchanged.relations],
            "files": [[one.file, one.sha256] for one in plan.files],
            "read": [[one.file, one.format, one.entities, one.relations] for one in plan.read],
            "merged_before": plan.merged_before,
        }
    )
    for note in lines_of_notes(plan):
        line(note)
    for change in plan.changes:
        line(
            {
                "before": None if change.before is None else thing_json(change.before),
                "after": None if change.after is None else thing_json(change.after),
            }
        )
    out.write(json.dumps({"end": len(plan.changes), "sha256": digest.hexdigest()}) + "\n")


def load_plan(path: Path, vocabulary: Vocabulary) -> ImportPlan:
    """Read a plan that `save_plan` wrote.

    Raises
    ------
    InputError
        The file is none, is damaged, or says what the ontology does not know.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            lines = _lines(file, path)
            _, head = next(lines)
            changes, notes, end = ListedChanges(), Notes(), None
            for number, said in lines:
                if "end" in said:
                    end = said
                elif end is None and not _noted(notes, said, path, number):
                    changes.append(_change(said, vocabulary, path, number))
            if end is None or end["end"] != len(changes):
                _damaged(path, "it ends too soon")
            return _plan(head, changes.few_held(), notes, path)
    except OSError as error:
        raise InputError(f"The plan {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        _damaged(path, "it is not UTF-8")
    except StopIteration:
        _damaged(path, "it is empty")


def _lines(file: IO[str], path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The lines as they were written; the digest at the end must be theirs."""
    digest = hashlib.sha256()
    number = 0
    while text := file.readline(_LONGEST):
        number += 1
        if len(text) == _LONGEST:
            _damaged(path, f"line {number} is too long")
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            _damaged(path, f"line {number} is no JSON")
        if not isinstance(said, dict) or (number == 1 and _MARK not in said):
            _damaged(path, f"line {number} is none of a plan")
        if "end" in said:
            if said.get("sha256") != digest.hexdigest():
                _damaged(path, "it has been edited since it was written")
            yield number, said
            return
        digest.update(text.encode("utf-8", "surrogatepass"))
        yield number, said


def _noted(notes: Notes, said: Mapping[str, Any], path: Path, number: int) -> bool:
    try:
        return notes.take(said)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        _damaged(path, f"line {number} is no note ({error})")


def _plan(head: Mapping[str, Any], changes: Sequence[PlannedChange], notes: Notes, path: Path) -> ImportPlan:
    if head[_MARK] not in range(1, _VERSION + 1):
        raise InputError(f"{path} was made by a newer graphsms (plan {head[_MARK]}; this one knows {_VERSION}).")
    try:
        said = {name: head[name] for name in (*_TEXTS, *_NUMBERS)}
        if any(type(said[name]) is not (int if name in _NUMBERS else str) for name in said):
            raise TypeError
        said |= {name: tuple(map(str, head[name])) for name in _LISTS}
        said["no_longer_stated"] = tuple((str(s), str(t), str(o)) for s, t, o in head["no_longer_stated"])
        unchanged = Counts(*map(int, head["unchanged"]))
        files = tuple(PlannedFile(str(file), str(sha)) for file, sha in head["files"])
        read = tuple(FileVerdict(str(file), str(form), int(e), int(r)) for file, form, e, r in head.get("read", ()))
        said["merged_before"] = tuple((str(id), str(into)) for id, into in head.get("merged_before", ()))
    except (KeyError, TypeError, ValueError):
        _damaged(path, "its head is none of a plan")
    return ImportPlan(
        changes=changes,
        unchanged=unchanged,
        files=files,
        read=read,
        warnings=tuple(notes.warnings),
        overruled=tuple(notes.overruled),
        rejected=tuple(notes.rejected),
        **said,
    )


def _change(said: Mapping[str, Any], words: Vocabulary, path: Path, number: int) -> PlannedChange:
    try:
        before, after = (None if said[one] is None else thing_from(said[one]) for one in ("before", "after"))
        if before is None and after is None:
            raise ValueError("it says nothing")
        if after is not None:
            _require_known(after, words)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        _damaged(path, f"line {number} is no change ({error})")
    return PlannedChange(before, after)


def _require_known(one: Entity | Relation, words: Vocabulary) -> None:
    known = words.types if isinstance(one, Entity) else words.relations
    if one.type not in known:
        raise ValueError(f"the ontology has no {one.type!r}")
    for id in (one.id,) if isinstance(one, Entity) else (one.subject, one.object):
        if problem := id_problem(id):
            raise ValueError(f"the id {id[:60]!r} {problem}")
    parts: list[Mapping[str, Value]] = [one.properties, *(said.properties for said in one.stated.values())]
    if any(canonical_all(part, words) != part for part in parts):
        raise ValueError("its values are not canonical")


def _damaged(path: Path, why: str) -> NoReturn:
    raise InputError(f"{path} is no plan that can be applied: {why}. Make it anew with --dry-run --save.")
