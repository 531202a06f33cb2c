"""Docker Compose: the services of a project, what they wait for, and their replicas.

The files of one folder are one project, merged as ``docker compose -f a -f b`` merges them: the file that Compose
finds by itself first, then the override that it finds, then others in the order given. What they include, and
what their services extend in other files, is read with them (`graphsms.ingest.compose_project`). Ids are
``compose:project/service``. How fields become relations, and why they are hard or soft, stands in
``mappings/compose.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from graphsms.ingest.compose_files import ComposeFiles, in_order, is_base, real
from graphsms.ingest.compose_project import FORMAT, Need, Project, Service
from graphsms.ingest.foreign import Take, deep_link, mapping
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["ComposeReader"]

MAX_REPLICAS: Final = 10_000

_NAME: Final = re.compile(r"(docker-)?compose([.-][\w.-]+)?\.ya?ml", re.IGNORECASE)
_SERVICES: Final = re.compile(rb"(?m)^services\s*:")
_PARTS: Final = re.compile(rb"(?m)^(services|include)\s*:")
_CONTAINER: Final = re.compile(rb"(?m)^\s+(image|build)\s*:")
# What a file that only changes services of another may hold.
_FRAGMENT: Final = re.compile(
    rb"(?m)^\s+(depends_on|deploy|environment|extends|links|network_mode|ports|scale|volumes)\s*:"
)


def _ignore(_: Fault) -> None:
    """Takes what is told again when the files are read."""


class ComposeReader:
    """Reads the files of Docker Compose."""

    name: Final = FORMAT
    foreign: Final = True

    def __init__(self) -> None:
        self._followed: set[Path] = set()

    def recognizes(self, path: Path, head: bytes) -> bool:
        """YAML with top-level ``services``, called like a Compose file, with images, or beside a Compose file."""
        if path.suffix.lower() not in (".yaml", ".yml"):
            return False
        if _NAME.fullmatch(path.name) is not None:
            return _PARTS.search(head) is not None
        if _SERVICES.search(head) is None:
            return False
        if _CONTAINER.search(head) is not None:
            return True
        return _FRAGMENT.search(head) is not None and any(is_base(one) for one in path.parent.glob("*compose.y*ml"))

    def follow(self, paths: Sequence[Path]) -> Sequence[Path]:
        """The other files that these include or extend from: no projects of their own."""
        files = ComposeFiles(_ignore, None, paths)
        for _ in self._projects(paths, files, _ignore, _ignore):
            pass
        given = {real(path) for path in paths}
        found = [path for path in files.read if real(path) not in given]
        self._followed |= {real(path) for path in found}
        return found

    def read(self, paths: Sequence[Path], vocabulary: Vocabulary, fault: Take, warn: Take) -> Iterator[RawStatement]:
        """The services of every project, each with what it needs."""
        files = ComposeFiles(fault, {real(path) for path in paths}, paths)
        for project in self._projects(paths, files, fault, warn):
            yield from _Statements(project, vocabulary, fault, warn)

    def _projects(self, paths: Sequence[Path], files: ComposeFiles, fault: Take, warn: Take) -> Iterator[Project]:
        """The projects of some files: those of one folder, without those that are parts of others."""
        included, extended = self._parts(paths, files)
        alone = [path for path in paths if real(path) not in self._followed | included | extended]
        for path in paths:
            if real(path) in extended - included - self._followed:
                message = "Others extend services of it: it is read as their base, and not as a part of the project."
                warn(Fault(Origin(str(path)), "", "", "read-as-base", message))
        met: set[Path] = set()
        # What only includes each other is nobody's part: it is read after all, to say so.
        for group in (alone, [path for path in paths if real(path) in included - self._followed]):
            folders: dict[Path, list[Path]] = {}
            for path in group:
                if real(path) not in met:
                    folders.setdefault(path.parent, []).append(path)
            for folder, its in folders.items():
                project = Project(folder, files, fault, warn)
                project.take_all(in_order(its))
                project.include()
                met |= project.met
                yield project

    def _parts(self, paths: Sequence[Path], files: ComposeFiles) -> tuple[set[Path], set[Path]]:
        """The files that others include; and those that others extend from, unless Compose finds them by itself."""
        included: set[Path] = set()
        extended: set[Path] = set()
        for path in paths:
            project = Project(path.parent, files, _ignore, _ignore)
            project.take_all([path])
            included |= {real(one) for named in project.includes for one in named.paths}
            extended |= {one for one in project.extended if not is_base(one)} - {real(path)}
        return included, extended


class _Statements:
    """The services of a project as entities and relations."""

    def __init__(self, project: Project, vocabulary: Vocabulary, fault: Take, warn: Take) -> None:
        self.rules: Any = mapping(FORMAT)
        self.project = project
        self.vocabulary = vocabulary
        self.fault = fault
        self.warn = warn

    def __iter__(self) -> Iterator[RawStatement]:
        for service in self.project.services.values():
            properties = self.properties(service.name, service.name, service.origin)
            yield RawEntity(self.id(service.name), self.rules["service"]["type"], properties, service.origin)
            yield from self.redundancy(service)
            yield from self.relations(service)
        for name, origin in sorted(self.project.unset.items()):
            message = f"The variable {name} has no value in .env and no default; it is taken to be empty."
            self.warn(Fault(origin, "", name, "unset-variable", message))

    def id(self, service: str) -> str:
        project = re.sub(r"[^a-z0-9_-]", "", self.project.name.lower()).lstrip("_-") or "project"
        return f"compose:{project}/{service}"

    def properties(self, name: str, key: str, origin: Origin) -> dict[str, object]:
        word = {role: one["property"] for role, one in self.rules["properties"].items()}
        return {word["name"]: name, word["source_key"]: key, word["link"]: deep_link(origin)}

    def relations(self, service: Service) -> Iterator[RawRelation]:
        """What the service needs; where several fields lead to the same, a hard need outweighs a soft one."""
        found: dict[str, tuple[Any, Need]] = {}
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

    def rule(self, need: Need, service: str) -> Any:
        if need.field != "depends_on":
            return self.rules["fields"][need.field]
        conditions = self.rules["conditions"]
        if need.condition not in conditions:
            message = f"The condition {need.condition!r} is none of {', '.join(conditions)}; taken as the first."
            self.warn(Fault(need.origin, self.id(service), need.field, "unknown-condition", message))
        if not need.required:
            return self.rules["optional"]
        return conditions.get(need.condition, next(iter(conditions.values())))

    def redundancy(self, service: Service) -> Iterator[RawStatement]:
        """The replicas of a service as a group that it needs."""
        if service.replicas is None:
            return
        number, origin = service.replicas[0] or "1", service.replicas[1]
        if not re.fullmatch(r"\d{1,9}", number) or int(number) > MAX_REPLICAS:
            message = f"There are {number} replicas; it must be a number up to {MAX_REPLICAS:,}."
            self.fault(Fault(origin, self.id(service.name), "replicas", "wrong-value", message))
            return
        if int(number) < 2:
            return
        quorum = self.vocabulary.types[self.rules["group"]["type"]].quorum
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
