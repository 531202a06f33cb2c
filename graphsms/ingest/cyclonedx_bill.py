"""A bill of materials as it is read: every component and service with its id, by the mark that the bill gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from graphsms.ingest.documents import line_of
from graphsms.ingest.foreign import Take, at, text
from graphsms.model import Fault, Origin

__all__ = ["Bill", "Entry", "entries", "listed"]

MAX_DEPTH: Final = 100

_LINK: Final = re.compile(r"urn:cdx:[^#]+#(?P<ref>.+)")


Skip: TypeAlias = Callable[[str, Origin], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A component or service of a bill, the entry that it stands in, and how it is known."""

    id: str
    type: str
    key: str
    said: Mapping[str, object]
    service: bool
    within: Entry | None
    origin: Origin


@dataclass(slots=True)
class Bill:
    """One bill: its entries, those among them that it is of, and how its dependencies name them."""

    origin: Origin
    entries: list[Entry]
    root: Entry | None
    by_ref: dict[str, Entry]
    dependencies: list[tuple[str, str, Origin]]

    def find(self, ref: str) -> Entry | None:
        """The entry of a mark, also as a link into a bill ("BOM-Link")."""
        found = self.by_ref.get(ref)
        link = _LINK.fullmatch(ref) if found is None else None
        return self.by_ref.get(link["ref"]) if link else found


def listed(value: object) -> list[Any]:
    """A list, or an empty one where there is none."""
    return value if isinstance(value, list) else []


def entries(document: Mapping[str, object], file: str, rules: Any, fault: Take, skip: Skip) -> Bill:
    """The entries of a bill.

    Parameters
    ----------
    document : mapping
        A bill in the form of JSON.
    file : str
    rules : mapping
        Of the format.
    fault, skip : callable
        Take what is wrong, and what is passed over: its kind, and where it stands.
    """
    bill = Bill(Origin(file, 1), [], None, {}, [])
    reader = _Entries(bill, rules, fault, skip)
    root = at(document, "metadata.component")
    if root is not None:
        reader.component(root, None, Origin(file, line_of(root)), root=True)
    for key, take in (("components", reader.component), ("services", reader.service)):
        said = document.get(key)
        if said is not None and not isinstance(said, list):
            fault(Fault(bill.origin, "", key, "wrong-form", f"The {key} must be a list."))
        for number, one in enumerate(listed(said)):
            take(one, None, Origin(file, line_of(one) or line_of(said, number)))
    for one in listed(document.get("dependencies")):
        origin = Origin(file, line_of(one))
        ref = text(one.get("ref")) if isinstance(one, Mapping) else ""
        if not ref:
            fault(Fault(origin, "", "dependencies", "wrong-form", "A dependency names a component by its ref."))
            continue
        bill.dependencies += [(ref, text(other), origin) for other in listed(one.get(rules["needs_key"]))]
    return bill


class _Entries:
    """Takes in components and services, those within others too."""

    def __init__(self, bill: Bill, rules: Any, fault: Take, skip: Skip) -> None:
        self.bill = bill
        self.rules = rules
        self.fault = fault
        self.skip = skip

    def component(
        self, said: object, within: Entry | None, origin: Origin, depth: int = 0, *, root: bool = False
    ) -> None:
        if not self.usable(said, "component", origin, depth):
            return
        assert isinstance(said, Mapping)
        kind = text(said.get("type"))
        rule = self.rules["components"].get(kind)
        if rule is None or text(said.get("scope")) == "excluded":
            # What is excluded is there for tests and the like, and not in what runs.
            what = f"component of type {kind}" if rule is None else "component that is excluded from what runs"
            self.skip(what, origin)
            return
        entry = self.bill.root if self.is_root(said) else None
        if entry is None:
            id, key = self.identity(said, kind, rule, root)
            entry = self.add(Entry(id, rule["type"], key, said, False, within, origin))
            if root:
                self.bill.root = entry
        for one in listed(said.get("components")):
            self.component(one, entry, Origin(origin.file, line_of(one) or origin.line), depth + 1)

    def is_root(self, said: Mapping[str, object]) -> bool:
        """Whether this is what the bill is of: some list that among its components as well."""
        root, ref = self.bill.root, text(said.get("bom-ref"))
        return root is not None and ref == text(root.said.get("bom-ref")) != "" and _names(said) == _names(root.said)

    def service(self, said: object, within: Entry | None, origin: Origin, depth: int = 0) -> None:
        if not self.usable(said, "service", origin, depth):
            return
        assert isinstance(said, Mapping)
        name = _names(said)
        type = self.rules["service"]["type"]
        entry = self.add(Entry(f"cyclonedx:service/{name}", type, name, said, True, within, origin))
        for one in listed(said.get("services")):
            self.service(one, entry, Origin(origin.file, line_of(one) or origin.line), depth + 1)

    def usable(self, said: object, what: str, origin: Origin, depth: int) -> bool:
        if depth > MAX_DEPTH:
            message = f"There are more than {MAX_DEPTH} levels of {what}s within each other."
            self.fault(Fault(origin, "", f"{what}s", "too-deep", message))
            return False
        if isinstance(said, Mapping) and text(said.get("name")):
            return True
        message = f"A {what} is an object with a name."
        self.fault(Fault(origin, text(at(said, "bom-ref")), "name", "wrong-form", message))
        return False

    def identity(self, said: Mapping[str, object], kind: str, rule: Any, root: bool) -> tuple[str, str]:
        """The id of a component, and what it is called in the bill: nothing that changes from export to export."""
        purl, names, version = text(said.get("purl")).strip(), _names(said), text(said.get("version")).strip()
        if root and kind in self.rules["continuing"]:
            return f"cyclonedx:{kind}/{names}", purl or names
        if purl.startswith("pkg:") and rule.get("known_by_purl"):
            return purl, purl
        full = f"{names}@{version}" if version else names
        return f"cyclonedx:{kind}/{full}", purl or full

    def add(self, entry: Entry) -> Entry:
        self.bill.entries.append(entry)
        ref = text(entry.said.get("bom-ref"))
        if ref:
            before = self.bill.by_ref.setdefault(ref, entry)
            if before.id != entry.id:
                message = f"Its bom-ref {ref!r} is that of {before.id!r} as well: a bill uses each for one thing."
                self.fault(Fault(entry.origin, entry.id, "bom-ref", "repeated-ref", message))
        return entry


def _names(said: Mapping[str, object]) -> str:
    group, name = text(said.get("group")).strip(), text(said.get("name")).strip()
    return f"{group}/{name}" if group else name
