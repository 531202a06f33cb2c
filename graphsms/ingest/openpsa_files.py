"""Which files make one model of the Open-PSA Model Exchange Format.

A file with fault trees is a model. To it belong the files that it includes, those beside it that hold data alone
(basic events, parameters, event trees), and other models beside it of whose gates its own speak: the format allows a
model as many files as one likes, and says nowhere which. Each keeps its name in the ids of what it defines.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import content_of
from graphsms.ingest.foreign import Take
from graphsms.ingest.openpsa_model import Definition, Model, define
from graphsms.ingest.xmltext import Element, xml_document
from graphsms.model import Fault, Origin

__all__ = ["included", "models"]

_TREE: Final = "define-fault-tree"
_INCLUDE: Final = "include"
_MAX_FILES: Final = 10_000


def included(paths: Sequence[Path]) -> list[Path]:
    """The files that others include, and those in turn, that are not among these."""
    found: dict[Path, None] = {}
    todo = [*paths]
    seen = {_real(path) for path in paths}
    while todo and len(found) < _MAX_FILES:
        try:
            content = content_of(todo[0])
            root = xml_document(content, str(todo[0])) if b"<include" in content else None
        except RejectedError:
            root = None  # what is wrong with it is said when it is read
        path = todo.pop(0)
        for element in _includes(root):
            other = _beside(path, element)
            if other is not None and _real(other) not in seen:
                seen.add(_real(other))
                found[other] = None
                todo.append(other)
    return [*found]


def models(paths: Sequence[Path], rules: Any, fault: Take, warn: Take) -> list[Model]:
    """The models of files."""
    roots = {path: root for path in paths if (root := _root(path, fault)) is not None}
    return _joined([*_Files(roots, rules, fault).models()], fault, warn)


def _root(path: Path, fault: Take) -> Element | None:
    try:
        root = xml_document(content_of(path), str(path))
    except RejectedError as error:
        for one in error.faults:
            fault(one)
        return None
    if root.name != "opsa-mef":
        message = f"A model is an opsa-mef; this is {root.name!r}."
        fault(Fault(Origin(str(path), root.line), "", "", "wrong-form", message))
        return None
    return root


class _Files:
    """The files of an import, and which of them are parts of others."""

    def __init__(self, roots: dict[Path, Element], rules: Any, fault: Take) -> None:
        self.roots = roots
        self.rules = rules
        self.fault = fault
        self.by_real = {_real(path): path for path in roots}
        self.parts = {
            part for path, root in roots.items() for one in _includes(root) if (part := self.part(path, one)) != path
        }

    def part(self, path: Path, include: Element) -> Path | None:
        """The file that is included, where it is read."""
        other = _beside(path, include)
        return None if other is None else self.by_real.get(_real(other))

    def models(self) -> Iterator[Model]:
        names: dict[str, Path] = {}
        alone = [path for path in self.roots if path not in self.parts]
        met: set[Path] = set()
        # What only includes each other is nobody's part: the first of them is read as the model.
        for path in (*alone, *self.roots):
            if path in met:
                continue
            whole = [*self.whole(path)]
            met.update(whole)
            tree = next((found for one in whole if (found := self.roots[one].child(_TREE)) is not None), None)
            if tree is None:
                continue
            root = self.roots[path]
            name = root.attributes.get("name") or tree.attributes.get("name") or path.stem
            if name in names:  # two models of one name would be one
                message = f"{names[name]} holds a model of the name {name!r} too: name one of them (opsa-mef name=...)."
                self.fault(Fault(Origin(str(path), root.line), "", "name", "same-model", message))
                continue
            names[name] = path
            model = Model(name)
            folders = {one.parent for one in whole}
            data = [one for one in alone if one not in whole and one.parent in folders and not self.is_tree(one)]
            for one in (*whole, *data):
                define(model, self.roots[one], str(one), self.rules, self.fault)
            self.tell_of_includes(model, (*whole, *data))
            yield model
        self.tell_of_data(alone)

    def whole(self, path: Path) -> Iterator[Path]:
        """A file and what it includes, each once."""
        seen = {path}
        todo = [path]
        while todo:
            one = todo.pop()
            yield one
            for element in _includes(self.roots[one]):
                part = self.part(one, element)
                if part is not None and part not in seen:
                    seen.add(part)
                    todo.append(part)

    def is_tree(self, path: Path) -> bool:
        """Whether a file, with what it includes, has a fault tree."""
        return any(self.roots[one].child(_TREE) is not None for one in self.whole(path))

    def tell_of_includes(self, model: Model, files: Sequence[Path]) -> None:
        for path in files:
            for element in _includes(self.roots[path]):
                if self.part(path, element) is None:
                    model.includes.append((element.attributes.get("file", ""), Origin(str(path), element.line)))

    def tell_of_data(self, alone: Sequence[Path]) -> None:
        folders = {one.parent for path in alone if self.is_tree(path) for one in self.whole(path)}
        for path in alone:
            if path.parent not in folders and not self.is_tree(path):
                message = "It holds no fault tree, and no file beside it that is read does: name that file too."
                self.fault(Fault(Origin(str(path), self.roots[path].line), "", "", "no-fault-tree", message))


def _joined(several: list[Model], fault: Take, warn: Take) -> list[Model]:
    """Models of which one speaks of a gate that just one other beside it defines, as one."""
    leads: dict[int, int] = {}

    def first(at: int) -> int:
        while at in leads:
            at = leads[at]
        return at

    gates = _gates(several)
    for at, model in enumerate(several):
        for gate, name in model.undefined():
            found = {
                other
                for other in gates.get((_folder(gate), name.rpartition(".")[2]), ())
                if other != at and several[other].event(name, ()) is not None
            }
            if len(found) == 1 and first(at) != first(*found):
                whole, part = sorted((first(at), first(*found)))
                leads[part] = whole
                (defined,) = (several[other].event(name, ()) for other in found)
                where = defined.origin if defined is not None else ""
                message = f"It speaks of {name}, which {where} defines: both are read as one model."
                warn(Fault(gate.origin, gate.known_as, "", "joined-models", message))
    for part in sorted(leads):
        _add(several[first(part)], several[part], fault)
    return [model for at, model in enumerate(several) if at not in leads]


def _gates(several: Sequence[Model]) -> dict[tuple[str, str], set[int]]:
    """The models that define a gate of a name in a folder."""
    found: dict[tuple[str, str], set[int]] = {}
    for at, model in enumerate(several):
        for one in model.events.values():
            if one.kind == "define-gate":
                found.setdefault((_folder(one), one.name), set()).add(at)
    return found


def _folder(one: Definition) -> str:
    return os.path.dirname(one.origin.file)  # noqa: PTH120  # for each gate of a model


def _add(model: Model, other: Model, fault: Take) -> None:
    """Take what another model defines into one."""
    for ours, theirs in ((model.events, other.events), (model.parameters, other.parameters)):
        for name, one in theirs.items():
            before = ours.setdefault(name, one)
            if before.origin != one.origin:  # data beside both is in both
                message = f"It is defined in {before.origin} already: a model defines each name once."
                fault(Fault(one.origin, name, "name", "defined-twice", message))
    known = {one.origin for one in (*model.common_causes, *model.event_trees)}
    model.common_causes += [one for one in other.common_causes if one.origin not in known]
    model.event_trees += [one for one in other.event_trees if one.origin not in known]
    model.trees += other.trees
    model.skipped += [one for one in other.skipped if one not in model.skipped]
    model.includes += [one for one in other.includes if one not in model.includes]


def _includes(root: Element | None) -> Iterator[Element]:
    """The files that a model includes; those that a fault tree does stand in its scope, and are not followed."""
    if root is not None:
        for one in (root, *root.all("model-data")):
            yield from one.all(_INCLUDE)


def _beside(path: Path, include: Element) -> Path | None:
    """The file that is included, if it lies in the folder of the one that includes it, or below."""
    said = include.attributes.get("file", "").strip()
    if not said or "\0" in said or Path(said).is_absolute():
        return None
    other = path.parent / said
    try:
        return other if _real(other).is_relative_to(_real(path.parent)) and other.is_file() else None
    except OSError:  # a name that no file can have
        return None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
