"""CycloneDX: software and what it is built from (SBOM), services and what they stand on (SaaSBOM).

::

    (application)-[built from]->(library)-[built from]->(library)
    (application)-[depends on]->(service)-[depends on]->(service)<-[forwards to]-(endpoint)

JSON and XML are read (`graphsms.ingest.cyclonedx_xml`). A library is known by its package URL, so that one release of
it in the bills of several applications is one entity, and its loss shows all that it is built into. What a bill is of,
and services, are known by their names. The marks inside of a bill (``bom-ref``, ``serialNumber``) are made anew with
each export, and are in no id. What becomes what stands in ``mappings/cyclonedx.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from graphsms.errors import RejectedError
from graphsms.ingest.cyclonedx_bill import Bill, Entry, entries, listed
from graphsms.ingest.cyclonedx_xml import as_json
from graphsms.ingest.documents import LocatedList, content_of
from graphsms.ingest.foreign import Take, at, deep_link, mapping, passed_over, text
from graphsms.ingest.jsontext import json_items
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.ingest.xmltext import xml_document
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["CycloneDxReader"]

_JSON: Final = re.compile(rb'"bomFormat"\s*:\s*"CycloneDX"')
_NAMESPACE: Final = "http://cyclonedx.org/schema/bom/"


class CycloneDxReader:
    """Reads bills of materials of CycloneDX."""

    name: Final = "cyclonedx"
    foreign: Final = True

    def recognizes(self, path: Path, head: bytes) -> bool:
        """JSON with its ``bomFormat``, or XML in its namespace."""
        if path.suffix.lower() == ".json":
            return _JSON.search(head) is not None
        return path.suffix.lower() == ".xml" and f'"{_NAMESPACE}'.encode() in head.replace(b"'", b'"')

    def read(self, paths: Sequence[Path], vocabulary: Vocabulary, fault: Take, warn: Take) -> Iterator[RawStatement]:
        """The bills, each by itself; what stands in several is put together by its id."""
        rules: Any = mapping(self.name)
        skipped: list[tuple[str, Origin]] = []

        def skip(what: str, origin: Origin) -> None:
            skipped.append((what, origin))

        for path in paths:
            try:
                document = _document(path, rules, fault, warn)
                bill = entries(document, str(path), rules, fault, skip)
            except RejectedError as error:
                for one in error.faults:
                    fault(one)
                continue
            found = len(listed(document.get("vulnerabilities")))
            skipped += [("vulnerability", bill.origin)] * found
            yield from _Statements(bill, rules, vocabulary, warn)
        passed_over(skipped, warn)


def _document(path: Path, rules: Any, fault: Take, warn: Take) -> Mapping[str, object]:
    """A bill in the form of JSON."""
    content, origin = content_of(path), Origin(str(path), 1)
    if content.lstrip()[:1] == b"<":
        root = xml_document(content, str(path))
        known = root.name == "bom" and root.namespace.startswith(_NAMESPACE)
        document = as_json(root, rules["needs_key"]) if known else {}
    else:
        document = _object(content, str(path))
    if document.get("bomFormat") != "CycloneDX":
        fault(Fault(origin, "", "bomFormat", "wrong-form", "This is no bill of materials of CycloneDX."))
        return {}
    version = text(document.get("specVersion"))
    if version not in rules["versions"]:
        message = f"It is of version {version or 'unknown'} of CycloneDX; read as {rules['versions'][-1]}."
        warn(Fault(origin, "", "specVersion", "unknown-version", message))
    return document


def _object(content: bytes, file: str) -> dict[str, object]:
    """An object of JSON, of which the components have their lines."""
    found: dict[str, object] = {}
    for name, value, line in json_items(content, file, "components"):
        held = found.get(name)
        if isinstance(held, LocatedList):
            held.append(value)
            held.lines.append(line)
        else:
            found[name] = value
    return found


class _Statements:
    """What a bill says, as entities and relations."""

    def __init__(self, bill: Bill, rules: Any, vocabulary: Vocabulary, warn: Take) -> None:
        self.bill = bill
        self.rules = rules
        self.vocabulary = vocabulary
        self.warn = warn
        self.word = {role: one["property"] for role, one in rules["properties"].items()}
        # Machines write bills, and a line would change with every export.
        self.link = deep_link(Origin(bill.origin.file))
        self.reached: dict[str, Entry] = {}  # addresses of services
        self.needed: set[str] = set()
        self.parties: set[str] = set()

    def __iter__(self) -> Iterator[RawStatement]:
        for one in self.bill.entries:
            yield RawEntity(one.id, one.type, self.properties(one), one.origin)
            yield from self.supplied(one)
            yield from self.endpoints(one)
        stated = list(self.dependencies())
        yield from stated
        # What is concluded does not weaken what is stated.
        known = {(one.subject, one.type, one.object) for one in stated}
        for relation in self.concluded():
            key = (relation.subject, relation.type, relation.object)
            if key not in known and relation.subject != relation.object:
                known.add(key)
                yield relation
        if self.bill.root is None and self.bill.entries:
            message = "It does not say what it is a bill of (metadata.component): its entries hang on nothing."
            self.warn(Fault(self.bill.origin, "", "metadata", "no-root", message))

    # ---------------------------------------------------------------------------------- entities

    def properties(self, one: Entry) -> dict[str, object]:
        said = one.said
        found: dict[str, object] = {
            self.word["name"]: text(said.get("name")).strip(),
            self.word["description"]: text(said.get("description")).strip() or None,
            self.word["version"]: text(said.get("version")) or None,
            self.word["source_key"]: one.key,
            self.word["link"]: self.link,
        }
        if one.service:
            found.update(self.data(said))
            return found
        makers = ("manufacturer.name", "manufacture.name", "supplier.name", "publisher", "author")
        found[self.word["vendor"]] = next((name for path in makers if (name := text(at(said, path)).strip())), None)
        if self.vocabulary.is_a(one.type, self.vocabulary.properties[self.word["purl"]].domain[0]):
            purl = text(said.get("purl")).strip()
            found[self.word["purl"]] = purl if purl.startswith("pkg:") else None
            found[self.word["licence"]] = [*_licences(said)]
        hashes = {text(at(each, "alg")): text(at(each, "content")) for each in listed(said.get("hashes"))}
        strongest = next((name for name in self.rules["hashes"] if hashes.get(name)), None)
        if strongest:
            found[self.word["hash"]] = f"{strongest}:{hashes[strongest]}"
        return found

    def data(self, said: Mapping[str, object]) -> dict[str, object]:
        """What a service says of the data that goes through it."""
        flows = [each for each in listed(said.get("data")) if isinstance(each, Mapping)]
        words = [text(each.get("classification")) for each in flows]
        if not words:
            return {}
        told = [
            " ".join(
                part for part in (text(each.get("name")), word, f"({text(each.get('flow')) or 'unknown'})") if part
            )
            for each, word in zip(flows, words, strict=True)
        ]
        found: dict[str, object] = {self.word["data"]: f"Data: {', '.join(told)}."}
        if any(re.search(self.rules["personal"], word) for word in words):
            found[self.word["personal"]] = True
        for code, pattern in self.rules["confidentialities"].items():
            if any(re.search(pattern, word) for word in words):
                found[self.word["confidentiality"]] = code
                break
        return found

    def endpoints(self, one: Entry) -> Iterator[RawStatement]:
        """The addresses that a service is reached under."""
        for address in dict.fromkeys(map(text, listed(one.said.get("endpoints")) if one.service else [])):
            if not address.strip():
                continue
            self.reached[address] = one
            id = f"{one.id}#{address.strip()}"
            host, port = _host(address)
            properties = {
                self.word["name"]: address.strip(), self.word["domain"]: host, self.word["port"]: port,
                self.word["source_key"]: address.strip(), self.word["link"]: self.link,
            }  # fmt: skip
            yield RawEntity(id, self.rules["endpoint"]["type"], properties, one.origin)
            yield RawRelation(self.rules["reached"]["relation"], id, one.id, one.origin)

    def supplied(self, one: Entry) -> Iterator[RawStatement]:
        """Who provides a service or has supplied a component, in a supply relationship."""
        party = one.said.get("provider" if one.service else "supplier")
        name = text(at(party, "name")).strip()
        if not name:
            return
        rule, id = self.rules["supply"], f"cyclonedx:organization/{name}"
        supply = f"{id}#supply"
        if id not in self.parties:
            self.parties.add(id)
            urls = [text(each) for each in listed(at(party, "url")) if text(each)]
            its = {self.word["name"]: name, self.word["source_key"]: name, self.word["link"]: (urls or [self.link])[0]}
            yield RawEntity(id, self.rules["party"]["type"], its, one.origin)
            named = {self.word["name"]: f"Supply by {name}", rule["inferred"]["property"]: True}
            yield RawEntity(supply, rule["type"], named, one.origin)
            yield RawRelation(rule["supplier"]["relation"], supply, id, one.origin)
        how = rule["of_service" if one.service else "of_component"]
        yield RawRelation(how["relation"], one.id, supply, one.origin, how.get("properties", {}))

    # --------------------------------------------------------------------------------- relations

    def dependencies(self) -> Iterator[RawRelation]:
        """What the graph of dependencies states."""
        for ref, other, origin in self.bill.dependencies:
            ends = self.bill.find(ref), self.bill.find(other)
            if ends[0] is None or ends[1] is None:
                missing = ref if ends[0] is None else other
                message = f"No component or service that is read here has the bom-ref {missing!r}: left out."
                self.warn(Fault(origin, "", "dependencies", "unknown-ref", message))
            elif ends[0].id != ends[1].id:
                self.needed.add(ends[1].id)
                yield self.led(self.rules["depends"], ends[0], ends[1], origin)

    def concluded(self) -> Iterator[RawRelation]:
        """What follows from where an entry stands, and from the data that flows."""
        root, behind = self.bill.root, self.rules["behind"]
        for one in self.bill.entries:
            if one.within is not None and one.service:
                part, need = behind["part"], behind["need"]
                yield RawRelation(part["relation"], one.id, one.within.id, one.origin, part.get("properties", {}))
                yield RawRelation(need["relation"], one.within.id, one.id, one.origin, need["properties"])
            elif one.within is not None:
                yield self.led(self.rules["contains"], one.within, one, one.origin)
            elif root is not None and one.id not in self.needed:
                rule = [self.rules["calls"]] if one.service else self.rules["contains"]
                yield self.led(rule, root, one, one.origin)
            for flow in listed(one.said.get("data")) if one.service else []:
                for field in ("source", "destination"):
                    for address in listed(at(flow, field)):
                        other = self.bill.find(text(address)) or self.reached.get(text(address))
                        if other is not None:
                            yield self.led([self.rules["flows"]], one, other, one.origin)

    def led(self, alternatives: Sequence[Any], one: Entry, other: Entry, origin: Origin) -> RawRelation:
        """The first relation that leads between the types of both ends; the last where none does."""
        for rule in alternatives:
            relation = self.vocabulary.relations[rule["relation"]]
            if any(self.vocabulary.is_a(other.type, type) for type in relation.range):
                break
        return RawRelation(rule["relation"], one.id, other.id, origin, rule.get("properties", {}))


def _licences(said: Mapping[str, object]) -> Iterator[str]:
    """Licences as SPDX has them, and others by name."""
    for one in listed(said.get("licenses")):
        licence = at(one, "license")
        name = text(at(one, "expression")) or text(at(licence, "id")) or text(at(licence, "name"))
        if name.strip():
            yield name.strip()


def _host(address: str) -> tuple[str | None, int | None]:
    """The host and the port that an address names."""
    try:
        parts = urlsplit(address.strip())
        return parts.hostname, parts.port
    except ValueError:
        return None, None
