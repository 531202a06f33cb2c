"""A project of Docker Compose as its files have it, merged as Compose merges them.

Source: Compose Specification, "Merge", "Include" and "Extends". What becomes of its services here is said in
`graphsms.ingest.compose`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from graphsms.errors import RejectedError
from graphsms.ingest.compose_files import (
    MAX_DEPTH,
    ComposeFiles,
    NotFollowedError,
    is_base,
    is_env_file,
    rank,
    real,
)
from graphsms.ingest.documents import LocatedDict, LocatedList, Tagged, content_of, line_of
from graphsms.ingest.foreign import Take, at, mapping, text, texts
from graphsms.ingest.interpolation import MissingVariableError, env_file, interpolated
from graphsms.model import Fault, Origin

__all__ = ["FORMAT", "Need", "Project", "Service"]

FORMAT: Final = "compose"


@dataclass(slots=True)
class Need:
    """That a service needs another, by which field and how."""

    field: str
    condition: str
    required: bool
    origin: Origin


@dataclass(slots=True)
class Service:
    """A service as the files so far have it."""

    name: str
    origin: Origin
    depends_on: dict[str, Need] = field(default_factory=dict)
    leads_to: dict[str, dict[str, Need]] = field(default_factory=dict)
    replicas: tuple[str, Origin] | None = None


@dataclass(slots=True)
class _Include:
    """Files that are included together as one model, where that is said."""

    paths: list[Path]
    folder: Path
    variables: dict[str, str]
    origin: Origin


class Project:
    """The services of one project, file by file; ``outer`` is the one that includes it."""

    def __init__(
        self,
        folder: Path,
        files: ComposeFiles,
        fault: Take,
        warn: Take,
        outer: Project | None = None,
        variables: dict[str, str] | None = None,
    ) -> None:
        self.rules: Any = mapping(FORMAT)
        self.folder = folder
        self.files = files
        self.fault = fault
        self.warn = warn
        self.outer = outer
        self.variables = self._env(folder / ".env") if variables is None else variables
        self.unset: dict[str, Origin] = {}
        self.name = self.variables.get("COMPOSE_PROJECT_NAME") or folder.resolve().name
        self.services: dict[str, Service] = {}
        self.includes: list[_Include] = []
        self.extended: set[Path] = set()
        self.own: set[Path] = set()
        self.met: set[Path] = set() if outer is None else outer.met
        self.any_order: set[str] = set()  # the files that nothing but how they were given puts in order

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

    def take_all(self, paths: Sequence[Path]) -> None:
        """Merge files in order."""
        bases = [path for path in paths if is_base(path)]
        for path in bases[1:]:
            message = f"Compose by itself reads {bases[0].name} and not this one; both are merged."
            self.warn(Fault(Origin(str(path)), "", "", "several-bases", message))
        self.any_order = {str(path) for path in paths if rank(path) == 2}
        for path in paths:
            self.own.add(real(path))
            self.met.add(real(path))
            for document, origin in self.files.documents(path):
                self.take(document, origin.file)

    def take(self, document: LocatedDict, file: str) -> None:
        """Merge one document over those before it."""
        start = Origin(file, document.line)
        if "name" in document and self.outer is None:
            self.name = self.said(document["name"], Origin(file, document.lines["name"])) or self.name
        if "include" in document:
            self.note_includes(document["include"], Origin(file, document.lines["include"]))
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
                its = self.services.setdefault(name, Service(name, origin))
                self.merge(its, body, file, services, [(real(file), name)])
            elif body is not None:
                self.fault(Fault(origin, name, "", "wrong-form", "A service must be a mapping."))

    def note_includes(self, said: object, origin: Origin) -> None:
        """What is to be included once all files of the project are merged."""
        if len([*self.outwards()]) > MAX_DEPTH:
            message = f"It is itself included through more than {MAX_DEPTH} others: take out some of them."
            self.fault(Fault(origin, "", "include", "too-deep", message))
            return
        for number, one in enumerate(said if isinstance(said, list) else [said]):
            where = Origin(origin.file, line_of(said, number)) if isinstance(said, LocatedList) else origin
            named = at(one, "path") if isinstance(one, LocatedDict) else one
            try:
                paths = [
                    self.files.named(self.said(path, where), self.folder)
                    for path in (named if isinstance(named, list) else [named])
                ]
            except NotFollowedError as error:
                self.warn(Fault(where, "", "include", "not-followed", f"What it includes is not read: {error}."))
                continue
            own = self.said(at(one, "project_directory"), where)
            folder = Path(os.path.normpath(self.folder / own)) if own else paths[0].parent
            variables: dict[str, str] = {}
            for path in texts(at(one, "env_file")) or [str((folder / ".env").absolute())]:
                file = self.folder / self.said(path, where)
                if is_env_file(file):
                    variables |= self._env(file)
                else:
                    message = f"Its variables are not read: {path} is not called .env."
                    self.warn(Fault(where, "", "include", "not-followed", message))
            self.includes.append(_Include(paths, folder, variables | self.variables, where))

    def include(self) -> None:
        """Add the services of what is included, each file once; what the project says itself of a service holds."""
        chain = [project.own for project in self.outwards()]
        for one in self.includes:
            reals = {real(path) for path in one.paths}
            if any(reals & own for own in chain):
                message = "It includes itself, also not through others: take this away."
                self.fault(Fault(one.origin, "", "include", "includes-itself", message))
            elif not reals <= self.met:
                inner = Project(one.folder, self.files, self.fault, self.warn, self, one.variables)
                inner.take_all(one.paths)
                inner.include()
                for name, service in inner.services.items():
                    if name in self.services:
                        message = f"The service is stated in {self.services[name].origin} too, and that one holds."
                        self.warn(Fault(service.origin, name, "", "stated-twice", message))
                    self.services.setdefault(name, service)
                self.unset = inner.unset | self.unset

    def outwards(self) -> Iterator[Project]:
        """This one, the one that includes it, and so on."""
        one: Project | None = self
        while one is not None:
            yield one
            one = one.outer

    def merge(
        self, service: Service, body: LocatedDict, file: str, services: LocatedDict, chain: list[tuple[Path, str]]
    ) -> None:
        """A service's body over what is known of it; what it extends goes first."""
        if body.get("extends") is not None:
            self.extend(service, body["extends"], Origin(file, body.lines["extends"]), services, chain)
        for name in ("depends_on", *self.rules["fields"]):
            if name in body:
                self.needs(service, name, body[name], Origin(file, body.lines[name]))
        for path in ("scale", "deploy.replicas"):
            if at(body, path) is not None:
                holder = body if path == "scale" else body["deploy"]
                where = Origin(file, line_of(holder, path.rpartition(".")[2]))
                number = self.said(at(body, path), where)
                if service.replicas is not None and service.replicas[0] != number:
                    self.tell_order(service, path, service.replicas[1], where)
                service.replicas = (number, where)

    def extend(
        self, service: Service, base: object, origin: Origin, services: LocatedDict, chain: list[tuple[Path, str]]
    ) -> None:
        """The body that a service extends, of its own file or another, over what is known of the service."""
        name, said = text(base) or text(at(base, "service")), self.said(at(base, "file"), origin)
        file = origin.file
        try:
            if said:
                path = self.files.named(said, Path(file).parent)
                self.extended.add(real(path))
                file, services = str(path), self.files.services(path, name)
            body = services.get(name)
            if not isinstance(body, LocatedDict):
                raise NotFollowedError(f"there is no service {name!r}" + (f" in {said}" if said else ""))
        except NotFollowedError as error:
            message = f"The service that it extends is not read: {error}. State what that one needs itself."
            self.warn(Fault(origin, service.name, "extends", "not-followed", message))
            return
        link = (real(file), name)
        if link in chain or len(chain) > MAX_DEPTH:
            message = f"It extends itself, or another through more than {MAX_DEPTH}: take this away."
            self.fault(Fault(origin, service.name, "extends", "extends-itself", message))
            return
        self.merge(service, body, file, services, [*chain, link])

    def tell_order(self, service: Service, field: str, before: Origin, now: Origin) -> None:
        """Of two files that Compose does not put in order by itself, the one that was given later holds."""
        if before.file != now.file and {before.file, now.file} <= self.any_order:
            message = f"It is stated in {before} too, and differently; this one holds, as files are merged as given."
            self.warn(Fault(now, service.name, field, "order-decides", message))

    def needs(self, service: Service, name: str, value: object, origin: Origin) -> None:
        """The services that a field leads to, merged with those known: by name, the later statement holds."""
        known = service.depends_on if name == "depends_on" else service.leads_to.setdefault(name, {})
        if isinstance(value, Tagged):
            known.clear()
            value = None if value.tag == "!reset" else value.value
        found: dict[str, Need] = {}
        if isinstance(value, LocatedDict):
            for target, how in value.items():
                where = Origin(origin.file, value.lines[target])
                condition = self.said(at(how, "condition"), where) or "service_started"
                required = self.said(at(how, "required"), where).lower() != "false"
                found[target] = Need(name, condition, required, where)
        else:
            for number, one in enumerate(value if isinstance(value, list) else [value]):
                where = Origin(origin.file, line_of(value, number)) if isinstance(value, LocatedList) else origin
                target = self.target(name, self.said(one, where))
                if target:
                    found[target] = Need(name, "service_started", True, where)
        for target, need in found.items():
            before = known.get(target)
            if before is not None and (before.condition, before.required) != (need.condition, need.required):
                self.tell_order(service, name, before.origin, need.origin)
        known |= found

    def target(self, field: str, said: str) -> str:
        """The service that an entry of a field names, or "" where it names none."""
        prefix = self.rules["fields"].get(field, {}).get("prefix", "")
        if not said.startswith(prefix) or said.startswith("container:"):
            return ""
        said = said.removeprefix(prefix)
        return said if field == "depends_on" or prefix else said.partition(":")[0]
