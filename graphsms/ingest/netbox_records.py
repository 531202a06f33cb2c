"""The records of NetBox, from either form in which they leave it: a dump of its database, or lists of its REST API.

A dump (``manage.py dumpdata``) is a list of ``{"model": "dcim.device", "pk": 12, "fields": {"site": 3}}``. The REST
API gives ``{"count": 1, "next": null, "results": [{"id": 12, "url": ".../api/dcim/devices/12/", "site": {"id": 3}}]}``.
Here both are the same: a model, a number, and fields of which those that lead to another record hold its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import content_of
from graphsms.ingest.foreign import Take, deep_link, text
from graphsms.ingest.jsontext import json_elements, json_items
from graphsms.model import Fault, Origin

__all__ = ["Inventory", "Record", "take_in"]

_URL: Final = re.compile(r"(?P<before>.*)/api/(?P<endpoint>[\w-]+/[\w-]+)/(?P<id>\d+)/?")
_MODEL: Final = re.compile(r"[a-z_]\w*\.[a-z]\w*")


@dataclass(frozen=True, slots=True)
class Record:
    """An object of NetBox: its model, its number, its fields, what the API told of what they lead to, and its page."""

    model: str
    key: int
    fields: Mapping[str, object]
    told: Mapping[str, Mapping[str, object]]
    page: str
    origin: Origin

    @property
    def id(self) -> str:
        return f"netbox:{self.model}/{self.key}"

    @property
    def link(self) -> str:
        """Where a person finds it: its page in NetBox, or the file and line."""
        return self.page or deep_link(self.origin)

    def number(self, field: str) -> int | None:
        """The number of the record that a field leads to."""
        value = self.fields.get(field)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


class Inventory:
    """All records of an import, by model and number."""

    def __init__(self, rules: Any) -> None:
        self.rules = rules
        self.records: dict[str, dict[int, Record]] = {}
        self.skipped: list[tuple[str, Origin]] = []
        self._used = {*rules["kinds"], *rules["auxiliary"]}
        self._needless = re.compile("|".join(rules["needless"]))

    def add(self, record: Record) -> None:
        """Take in a record that is of use; of others, note what they are."""
        if self.uses(record.model):
            self.records.setdefault(record.model, {})[record.key] = record
        elif self._needless.fullmatch(record.model) is None:
            self.skipped.append((record.model, record.origin))

    def uses(self, model: str) -> bool:
        """Whether records of a model are of use."""
        return model in self._used

    def of(self, model: str) -> Iterator[Record]:
        """The records of a model, in the order of their numbers."""
        yield from (one for _, one in sorted(self.records.get(model, {}).items()))

    def get(self, model: str, key: int | None) -> Record | None:
        """One record, where it is here."""
        return None if key is None else self.records.get(model, {}).get(key)

    def target(self, record: Record, field: str) -> tuple[str, int] | None:
        """The model and number that a field leads to."""
        model = self.rules["fields_of"].get(f"{record.model}.{field}") or self.rules["fields"].get(field)
        key = record.number(field)
        return None if model is None or key is None else (model, key)

    def said(self, record: Record, path: str) -> str:
        """What stands at a path that may lead through other records, or "".

        What the API told beside a field goes before the record itself, which may not be here.
        """
        field, _, rest = path.partition(".")
        if not rest:
            return text(record.fields.get(field))
        told: object = record.told.get(field)
        for key in rest.split("."):
            told = told.get(key) if isinstance(told, Mapping) else None
        if text(told):
            return text(told)
        target = self.target(record, field)
        other = self.get(*target) if target else None
        return self.said(other, rest) if other else ""


def take_in(paths: Sequence[Path], rules: Any, fault: Take, warn: Take) -> Inventory:
    """The records of files of both forms; a file that is of neither is a fault."""
    inventory = Inventory(rules)
    pages: dict[str, _Page] = {}
    for path in paths:
        try:
            content = content_of(path)
            if content.lstrip()[:1] == b"[":
                for element, line in json_elements(content, str(path)):
                    _take(element, Origin(str(path), line), inventory, fault)
            else:
                _take_page(content, path, inventory, pages, fault)
        except RejectedError as error:
            for one in error.faults:
                fault(one)
    for endpoint, page in pages.items():
        if page.read < page.count:
            message = f"Of {page.count:,} entries of {endpoint}, {page.read:,} are here: get the other pages as well."
            warn(Fault(page.origin, "", "next", "missing-page", message))
    return inventory


@dataclass(slots=True)
class _Page:
    """How many entries a list of the API has, and how many of them were read, over all of its pages."""

    origin: Origin
    count: int = 0
    read: int = 0


def _take_page(content: bytes, path: Path, inventory: Inventory, pages: dict[str, _Page], fault: Take) -> None:
    """One page of a list of the API."""
    count, read, endpoint, listed = 0, 0, "", False
    for name, value, line in json_items(content, str(path), "results"):
        if name == "count" and isinstance(value, int):
            count = value
        elif name == "results" and isinstance(value, list):
            listed = True
        elif name == "results":
            found = _take(value, Origin(str(path), line), inventory, fault)
            endpoint, read = found or endpoint, read + 1
    if not listed:
        message = "This is no list of NetBox's REST API (it has no results), and no list of records either."
        fault(Fault(Origin(str(path), 1), "", "results", "wrong-form", message))
    elif endpoint:
        page = pages.setdefault(endpoint, _Page(Origin(str(path), 1)))
        page.count, page.read = max(page.count, count), page.read + read


def _take(said: object, origin: Origin, inventory: Inventory, fault: Take) -> str:
    """Take in one record of either form; of the API, the list that it is from."""
    if isinstance(said, dict):
        model, fields = said.get("model"), said.get("fields")
        if isinstance(model, str) and isinstance(fields, dict) and _MODEL.fullmatch(model):
            key = said.get("pk")
            if isinstance(key, int):
                inventory.add(_record(model, key, fields, "", origin, inventory.rules))
            elif inventory.uses(model):  # content types and the like are known by names, and of no use here
                message = "It has no pk: dump the database without --natural-primary."
                fault(Fault(origin, model, "pk", "missing-id", message))
            return ""
        url = _URL.fullmatch(text(said.get("url")))
        if url is not None:
            endpoint = url["endpoint"]
            model = inventory.rules["endpoints"].get(endpoint, endpoint)
            # The pages of NetBox stand where the API does, without "api".
            page = text(said.get("display_url")) or f"{url['before']}/{endpoint}/{url['id']}/"
            inventory.add(_record(model, int(url["id"]), said, page, origin, inventory.rules))
            return endpoint
    message = "A record has a model, a pk and fields, or the id and url of the REST API."
    fault(Fault(origin, "", "", "wrong-form", message))
    return ""


def _record(model: str, key: int, said: Mapping[str, object], page: str, origin: Origin, rules: Any) -> Record:
    """A record with its fields in one form: numbers of other records, and plain values of choices."""
    fields: dict[str, object] = {}
    told: dict[str, Mapping[str, object]] = {}
    for given, value in said.items():
        name = rules["renamed"].get(given, given)
        if isinstance(value, dict):
            told[name] = value
            value = value["id"] if "id" in value else value.get("value")
        if name not in fields or fields[name] is None:
            fields[name] = value
    for name in rules["generic"]:
        kind, number = _label(fields.get(f"{name}_type")), fields.get(f"{name}_id")
        if kind and isinstance(number, int):
            field = next((each for each, one in rules["fields"].items() if one == kind), None)
            if field is not None and fields.get(field) is None:
                fields[field] = number
                if isinstance(told.get(name), Mapping):
                    told[field] = told[name]
    return Record(model, key, fields, told, page, origin)


def _label(value: object) -> str:
    """A model as NetBox names it: ``["dcim", "site"]`` in a dump, ``dcim.site`` in the API."""
    if isinstance(value, list):
        return ".".join(map(text, value))
    return text(value)
