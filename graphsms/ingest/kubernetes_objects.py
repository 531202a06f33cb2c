"""The objects of Kubernetes manifests, found in files: documents, lists, and templates that are none yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import LocatedDict, content_of
from graphsms.ingest.foreign import Documents, at, text
from graphsms.model import Fault, Origin

__all__ = ["Cluster", "Manifest", "Take", "take_in"]

_TEMPLATE: Final = re.compile(r"\{\{-?\s*(?:[.$]|if\b|else\b|end\b|range\b|with\b|include\b|template\b|define\b|\w+ )")

Take = Callable[[Fault], None]


@dataclass(frozen=True, slots=True)
class Manifest:
    """An object of the cluster."""

    kind: str
    namespace: str
    name: str
    body: Mapping[str, object]
    origin: Origin

    @property
    def id(self) -> str:
        return f"{self.kind.lower()}:{self.namespace}/{self.name}"


@dataclass(slots=True)
class Cluster:
    """All objects that matter, by kind, namespace and name."""

    rules: Any
    objects: dict[tuple[str, str, str], Manifest] = field(default_factory=dict)
    skipped: list[tuple[str, Origin]] = field(default_factory=list)

    def of(self, kinds: object) -> Iterator[Manifest]:
        """The objects of some kinds, in order of the files."""
        assert isinstance(kinds, Mapping | list)
        return (one for key, one in self.objects.items() if key[0] in kinds)


def take_in(path: Path, cluster: Cluster, fault: Take, warn: Take) -> None:
    """Add the objects of a file to a cluster."""
    faults: list[Fault] = []
    for document, _ in Documents([path], faults.append):
        for body in _manifests(document):
            _take_object(body, Origin(str(path), body.line), cluster, faults.append, warn)
    if faults and _is_template(path):
        message = "This is a template of Helm, not a manifest: render it with `helm template`, and import the result."
        faults = [Fault(Origin(str(path), faults[0].origin.line), "", "", "helm-template", message)]
    for one in faults:
        fault(one)


def _is_template(path: Path) -> bool:
    try:
        return _TEMPLATE.search(content_of(path).decode()) is not None
    except RejectedError:
        return False


def _manifests(document: LocatedDict) -> Iterator[LocatedDict]:
    items = document.get("items")
    if text(document.get("kind")).endswith("List") and isinstance(items, list):
        for one in items:
            if isinstance(one, LocatedDict):
                yield from _manifests(one)
    else:
        yield document


def _take_object(body: LocatedDict, origin: Origin, cluster: Cluster, fault: Take, warn: Take) -> None:
    kind, rules = text(body.get("kind")), cluster.rules
    wanted = (*rules["workloads"], *rules["endpoints"], *rules["budgets"], *rules["scalers"], *rules["settings"])
    if kind not in wanted or not text(body.get("apiVersion")):
        cluster.skipped.append((kind, origin))
        return
    name = text(at(body, "metadata.name")) or text(at(body, "metadata.generateName")).rstrip("-")
    namespace = text(at(body, "metadata.namespace")) or "default"
    if not name or "{{" in name + namespace:
        fault(Fault(origin, "", "metadata.name", "missing-id", f"An object of kind {kind} has a name."))
        return
    one = Manifest(kind, namespace, name, body, origin)
    before = cluster.objects.pop((kind, namespace, name), None)
    if before is not None:
        warn(Fault(origin, one.id, "", "stated-twice", f"It stands in {before.origin} already; this one holds."))
    cluster.objects[kind, namespace, name] = one
