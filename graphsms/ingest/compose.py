"""Docker Compose: the services of a project, what they wait for, and their replicas.

The files of one folder are one project, merged as ``docker compose -f a -f b`` merges them: in the order given,
the file of the default name first. Ids are ``compose:project/service``. How fields become relations, and why
they are hard or soft, stands in ``mappings/compose.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import LocatedDict, LocatedList, Tagged, content_of, line_of
from graphsms.ingest.foreign import Documents, at, deep_link, mapping, text
from graphsms.ingest.interpolation import MissingVariableError, env_file, interpolated
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["ComposeReader"]

MAX_REPLICAS: Final = 10_000

_NAME: Final = re.compile(r"(docker-)?compose([.-][\w.-]+)?\.ya?ml", re.IGNORECASE)
_SERVICES: Final = re.compile(rb"(?m)^services\s*:")
_CONTAINER: Final = re.compile(rb"(?m)^\s+(image|build)\s*:")
_DEFAULT_NAMES: Final = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_TAGS: Final = frozenset({"!reset", "!override"})

Take = Callable[[Fault], None]


class ComposeReader:
    """Reads the files of Docker Compose."""

    name: Final = "compose"
    foreign: Final = True

    def recognizes(self, path: Path, head: bytes) -> bool:
        """YAML with top-level ``services``, called like a Compose file or with images."""
        if path.suffix.lower() not in (".yaml", ".yml") or _SERVICES.search(head) is None:
            return False
        return _NAME.fullmatch(path.name) is not None or _CONTAINER.search(head) is not None

    def read(self, paths: Sequence[Path], vocabulary: Vocabulary, fault: Take, warn: Take) -> Iterator[RawStatement]:
        """The services of every project, each with what it needs."""
        folders: dict[Path, list[Path]] = {}
        for path in paths:
            folders.setdefault(path.parent, []).append(path)
        for folder, files in folders.items():
            files.sort(key=lambda path: path.name not in _DEFAULT_NAMES)  # stable: otherwise as given
            project = _Project(folder, fault, warn)
            for document, origin in Documents(files, fault, _TAGS):
                project.take(document, origin.file)
            yield from project.statements(vocabulary)


@dataclass(slots=True)
class _Need:
    """That a service needs another, by which field and how."""

    field: str
    condition: str
    required: bool
    origin: Origin


@dataclass(slots=True)
class _Service:
    """A service as the files so far have it."""

    name: str
    origin: Origin
    depends_on: dict[str, _Need] = field(default_factory=dict)
    leads_to: dict[str, dict[str, _Need]] = field(default_factory=dict)
    replicas: tuple[str, Origin] | None = None


class _Project:
    """The services of one project, file by file."""

    def __init__(self, folder: Path, fault: Take, warn: Take) -> None:
        self.rules: Any = mapping(ComposeReader.name)
        self.fault = fault
        self.warn = warn
        self.variables = self._env(folder / ".env")
        self.unset: dict[str, Origin] = {}
        self.name = self.variables.get("COMPOSE_PROJECT_NAME") or folder.resolve().name
        self.services: dict[str, _Service] = {}

    def _env(self, path: Path) -> dict[str, str]:
        if not path.is_file():
            return {}
        try:
            return env_file(content_of(path).decode())
        except RejectedError as error:
            if error.faults[0].rule != "empty-file":
                self.fault(error.faults[0])
            return {}

    def said(self, value: object, origin: Origin) -> str:
        """A scalar as text, its variables put in."""
        unset: set[str] = set()
        try:
            return interpolated(text(value), self.variables, unset)
        except MissingVariableError as error:
            self.fault(Fault(origin, "", "", "missing-variable", f"{error}; set it in a .env file beside this one."))
            return ""
        finally:
            for name in unset:
                self.unset.setdefault(name, origin)

    # ------------------------------------------------------------------------------------ reading

    def take(self, document: LocatedDict, file: str) -> None:
        """Merge one document over those before it."""
        start = Origin(file, document.line)
        if "name" in document:
            self.name = self.said(document["name"], Origin(file, document.lines["name"])) or self.name
        if "include" in document:
            where = Origin(file, document.lines["include"])
            self.warn(
                Fault(where, "", "include", "not-followed", "What it includes is not read: name those files too.")
            )
        services = document.get("services")
        if not isinstance(services, LocatedDict):
            if services is not None or "services" in document:
                self.fault(Fault(start, "", "services", "wrong-form", "The services must be a mapping."))
            return
        for name, body in services.items():
            origin = Origin(file, services.lines[name])
            if isinstance(body, Tagged):
                self.services.pop(name, None)
                body = body.value if body.tag == "!override" else None
                if body is None:
                    continue
            if isinstance(body, LocatedDict):
                self.merge(self.services.setdefault(name, _Service(name, origin)), body, file, services)
            elif body is not None:
                self.fault(Fault(origin, name, "", "wrong-form", "A service must be a mapping."))

    def merge(self, service: _Service, body: LocatedDict, file: str, services: LocatedDict, depth: int = 0) -> None:
        """A service's body over what is known of it; what it extends in the same file goes first."""
        base = body.get("extends")
        if base is not None:
            origin = Origin(file, body.lines["extends"])
            name = text(base) or text(at(base, "service"))
            other = services.get(name)
            if text(at(base, "file")) or not isinstance(other, LocatedDict) or depth > len(services):
                message = "The service that it extends is not read here: state what that one needs itself."
                self.warn(Fault(origin, service.name, "extends", "not-followed", message))
            else:
                self.merge(service, other, file, services, depth + 1)
        for name in ("depends_on", *self.rules["fields"]):
            if name in body:
                self.needs(service, name, body[name], Origin(file, body.lines[name]))
        for path in ("scale", "deploy.replicas"):
            number = at(body, path)
            if number is not None:
                holder = body if path == "scale" else body["deploy"]
                service.replicas = (text(number), Origin(file, line_of(holder, path.rpartition(".")[2])))

    def needs(self, service: _Service, name: str, value: object, origin: Origin) -> None:
        """The services that a field leads to, merged with those known: by name, the later statement holds."""
        known = service.depends_on if name == "depends_on" else service.leads_to.setdefault(name, {})
        if isinstance(value, Tagged):
            known.clear()
            value = None if value.tag == "!reset" else value.value
        if isinstance(value, LocatedDict):
            for target, how in value.items():
                where = Origin(origin.file, value.lines[target])
                condition = self.said(at(how, "condition"), where) or "service_started"
                required = self.said(at(how, "required"), where).lower() != "false"
                known[target] = _Need(name, condition, required, where)
            return
        for number, one in enumerate(value if isinstance(value, list) else [value]):
            where = Origin(origin.file, line_of(value, number)) if isinstance(value, LocatedList) else origin
            target = self.target(name, self.said(one, where))
            if target:
                known[target] = _Need(name, "service_started", True, where)

    def target(self, field: str, said: str) -> str:
        """The service that an entry of a field names, or "" where it names none."""
        prefix = self.rules["fields"].get(field, {}).get("prefix", "")
        if not said.startswith(prefix) or said.startswith("container:"):
            return ""
        said = said.removeprefix(prefix)
        return said if field == "depends_on" or prefix else said.partition(":")[0]

    # --------------------------------------------------------------------------------- statements

    def statements(self, vocabulary: Vocabulary) -> Iterator[RawStatement]:
        """Entities and relations of the project as merged."""
        for service in self.services.values():
            properties = self.properties(service.name, service.name, service.origin)
            yield RawEntity(self.id(service.name), self.rules["service"]["type"], properties, service.origin)
            yield from self.redundancy(service, vocabulary)
            yield from self.relations(service)
        for name, origin in sorted(self.unset.items()):
            message = f"The variable {name} has no value in .env and no default; it is taken to be empty."
            self.warn(Fault(origin, "", name, "unset-variable", message))

    def id(self, service: str) -> str:
        project = re.sub(r"[^a-z0-9_-]", "", self.name.lower()).lstrip("_-") or "project"
        return f"compose:{project}/{service}"

    def properties(self, name: str, key: str, origin: Origin) -> dict[str, object]:
        word = {role: one["property"] for role, one in self.rules["properties"].items()}
        return {word["name"]: name, word["source_key"]: key, word["link"]: deep_link(origin)}

    def relations(self, service: _Service) -> Iterator[RawRelation]:
        """What the service needs; where several fields lead to the same, a hard need outweighs a soft one."""
        found: dict[str, tuple[Any, _Need]] = {}
        for fields in (service.depends_on, *service.leads_to.values()):
            for target, need in fields.items():
                rule = self.rule(need, service.name)
                if target not in found or not rule.get("properties"):
                    found[target] = (rule, need)
        for target, (rule, need) in found.items():
            yield RawRelation(
                rule["relation"], self.id(service.name), self.id(target), need.origin, rule.get("properties", {}),
                object_type=self.rules["service"]["type"],
            )  # fmt: skip

    def rule(self, need: _Need, service: str) -> Any:
        if need.field != "depends_on":
            return self.rules["fields"][need.field]
        conditions = self.rules["conditions"]
        if need.condition not in conditions:
            message = f"The condition {need.condition!r} is none of {', '.join(conditions)}; taken as the first."
            self.warn(Fault(need.origin, self.id(service), need.field, "unknown-condition", message))
        if not need.required:
            return self.rules["optional"]
        return conditions.get(need.condition, next(iter(conditions.values())))

    def redundancy(self, service: _Service, vocabulary: Vocabulary) -> Iterator[RawStatement]:
        """The replicas of a service as a group that it needs."""
        if service.replicas is None:
            return
        number, origin = self.said(*service.replicas) or "1", service.replicas[1]
        if not re.fullmatch(r"\d{1,9}", number) or int(number) > MAX_REPLICAS:
            message = f"There are {number} replicas; it must be a number up to {MAX_REPLICAS:,}."
            self.fault(Fault(origin, self.id(service.name), "replicas", "wrong-value", message))
            return
        if int(number) < 2:
            return
        quorum = vocabulary.types[self.rules["group"]["type"]].quorum
        assert quorum is not None, "the mapping's group is none of the ontology"
        id, group = self.id(service.name), f"{self.id(service.name)}#replicas"
        said = f"{number} replicas of the service {service.name}; 1 is taken to be enough, since nothing says more."
        properties = self.properties(f"Replicas of {service.name}", service.name, origin)
        properties[self.rules["properties"]["description"]["property"]] = said
        properties[self.rules["group"]["inferred"]["property"]] = True
        yield RawEntity(group, self.rules["group"]["type"], {**properties, quorum.property: 1}, origin)
        yield RawRelation(self.rules["needs"]["relation"], id, group, origin)
        for index in range(1, int(number) + 1):
            its = self.properties(f"{service.name}-{index}", f"{service.name}, replica {index}", origin)
            yield RawEntity(f"{id}#{index}", self.rules["replica"]["type"], its, origin)
            yield RawRelation(quorum.relation, group, f"{id}#{index}", origin)
