"""Kubernetes manifests: workloads, Services, who calls whom, and how many replicas are enough.

::

    (workload)-[needs]->(endpoint)-[forwards to]->(workload)-[needs]->(group)-[has]->(replica)

Who calls a workload names its Service, so the need runs through that endpoint. How kinds become types and
these edges relations stands in ``mappings/kubernetes.yaml``. Ids are ``deployment:default/web``: manifests do not
say of which cluster they are, so two clusters with the same names belong in stores of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from graphsms.ingest.foreign import at, deep_link, mapping, passed_over, text
from graphsms.ingest.kubernetes_calls import Calls
from graphsms.ingest.kubernetes_objects import Cluster, Manifest, Take, take_in
from graphsms.ingest.kubernetes_rules import desired_healthy, matches, service_of
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.model import Fault
from graphsms.vocabulary import Vocabulary

__all__ = ["KubernetesReader"]

MAX_REPLICAS: Final = 10_000

_KIND: Final = re.compile(rb"""(?m)(?:^|[{,])\s*["']?kind["']?\s*:\s*["']?[A-Z]""")
_API: Final = re.compile(rb"""(?m)(?:^|[{,])\s*["']?apiVersion["']?\s*:\s*["']?(?![\w.-]*backstage\.io/)[a-z]""")


class KubernetesReader:
    """Reads manifests of Kubernetes."""

    name: Final = "kubernetes"
    foreign: Final = True

    def recognizes(self, path: Path, head: bytes) -> bool:
        """YAML or JSON with ``apiVersion`` and ``kind``."""
        suffixes = (".yaml", ".yml", ".json")
        return path.suffix.lower() in suffixes and bool(_KIND.search(head)) and bool(_API.search(head))

    def read(
        self,
        paths: Sequence[Path],
        vocabulary: Vocabulary,
        fault: Take,
        warn: Take,
    ) -> Iterator[RawStatement]:
        """What the objects of all files say together."""
        rules: Any = mapping(self.name)
        cluster = Cluster(rules)
        for path in paths:
            take_in(path, cluster, fault, warn)
        yield from _Statements(cluster, rules, vocabulary, fault, warn)
        passed_over(cluster.skipped, warn)


class _Statements:
    """What a cluster's objects say, as entities and relations."""

    def __init__(self, cluster: Cluster, rules: Any, vocabulary: Vocabulary, fault: Take, warn: Take) -> None:
        self.cluster = cluster
        self.rules = rules
        self.fault = fault
        self.warn = warn
        self.word = {name: one["property"] for name, one in rules["properties"].items()}
        quorum = vocabulary.types[rules["group"]["type"]].quorum
        assert quorum is not None, "the mapping's group is none of the ontology"
        self.quorum = quorum
        self.workloads = [one for one in cluster.of(rules["workloads"]) if not self.owned(one)]
        self.labels = {one.id: self.labels_of(one) for one in self.workloads}
        self.replicas = {one.id: self.replicas_of(one) for one in self.workloads}
        self.endpoints = {(one.namespace, one.name): one for one in cluster.of(rules["endpoints"])}
        self.behind = {key: self.selected(one) for key, one in self.endpoints.items()}

    def __iter__(self) -> Iterator[RawStatement]:
        for one in self.workloads:
            yield self.entity(one, self.rules["workloads"][one.kind]["type"], {})
            yield from self.redundancy(one)
        for one in self.endpoints.values():
            yield from self.endpoint(one)
        yield from self.calls()

    def entity(self, one: Manifest, type: str, properties: Mapping[str, object]) -> RawEntity:
        own = {
            self.word["name"]: one.name,
            self.word["source_key"]: f"{one.kind} {one.namespace}/{one.name}",
            self.word["link"]: deep_link(one.origin),
        }
        return RawEntity(one.id, type, {**own, **properties}, one.origin)

    # ----------------------------------------------------------------------------------- workloads

    def owned(self, one: Manifest) -> bool:
        """Whether a controller that is here too has made it, such as a ReplicaSet of a Deployment."""
        owners = at(one.body, "metadata.ownerReferences")
        for owner in owners if isinstance(owners, list) else []:
            key = (text(at(owner, "kind")), one.namespace, text(at(owner, "name")))
            if text(at(owner, "controller")) == "true" and key in self.cluster.objects:
                self.cluster.skipped.append((f"{one.kind} made by a {key[0]}", one.origin))
                return True
        return False

    def pods(self, one: Manifest) -> object:
        path = self.rules["workloads"][one.kind].get("pods")
        return at(one.body, path) if path else one.body

    def labels_of(self, one: Manifest) -> dict[str, str]:
        labels = at(self.pods(one), "metadata.labels")
        return {key: text(value) for key, value in labels.items()} if isinstance(labels, Mapping) else {}

    def replicas_of(self, one: Manifest) -> int:
        path = self.rules["workloads"][one.kind].get("replicas")
        if path is None:
            return 1
        said = text(at(one.body, path)) or "1"
        for scaler in self.cluster.of(self.rules["scalers"]):
            target = at(scaler.body, "spec.scaleTargetRef")
            if (scaler.namespace, text(at(target, "kind")), text(at(target, "name"))) == (
                one.namespace,
                one.kind,
                one.name,
            ):
                said = text(at(scaler.body, "spec.minReplicas")) or "1"
        if not re.fullmatch(r"\d{1,9}", said) or int(said) > MAX_REPLICAS:
            message = f"There are {said} replicas; it must be a number up to {MAX_REPLICAS:,}."
            self.fault(Fault(one.origin, one.id, "replicas", "wrong-value", message))
            return 1
        return int(said)

    def redundancy(self, one: Manifest) -> Iterator[RawStatement]:
        """The replicas of a workload as a group that it needs."""
        number = self.replicas[one.id]
        if number < 2:
            return
        group = f"{one.id}#replicas"
        minimum, budget = self.minimum(one, number)
        why = f"by the {budget.kind} {budget.name}" if budget else "taken to be enough, since no budget says more"
        said = f"{number} replicas of the {one.kind} {one.name}; {minimum} {why}."
        yield self.group(one, group, f"Replicas of {one.name}", said, minimum, budget is None)
        yield RawRelation(self.rules["needs"]["relation"], one.id, group, one.origin)
        for index in range(number):
            # A StatefulSet's pods have these names; for others it is as good a name as any.
            replica = f"{one.id}#{index}"
            its = {self.word["name"]: f"{one.name}-{index}", self.word["link"]: deep_link(one.origin)}
            key = f"{one.kind} {one.namespace}/{one.name}, replica {index}"
            type = self.rules["replica"]["type"]
            yield RawEntity(replica, type, {**its, self.word["source_key"]: key}, one.origin)
            yield RawRelation(self.quorum.relation, group, replica, one.origin)

    def group(self, one: Manifest, id: str, name: str, description: str, minimum: int, inferred: bool) -> RawEntity:
        properties: dict[str, object] = {
            self.word["name"]: name,
            self.word["description"]: description,
            self.word["source_key"]: f"{one.kind} {one.namespace}/{one.name}",
            self.word["link"]: deep_link(one.origin),
            self.quorum.property: minimum,
        }
        if inferred:
            properties[self.rules["group"]["inferred"]["property"]] = True
        return RawEntity(id, self.rules["group"]["type"], properties, one.origin)

    def minimum(self, one: Manifest, number: int) -> tuple[int, Manifest | None]:
        """How many replicas are needed, and the budget that says so."""
        found: list[tuple[int, Manifest]] = []
        for budget in self.cluster.of(self.rules["budgets"]):
            selector = at(budget.body, "spec.selector")
            # Under policy/v1beta1 an empty selector selects nothing, under policy/v1 everything.
            if not selector and text(budget.body.get("apiVersion")).endswith("v1beta1"):
                continue
            if budget.namespace != one.namespace or not matches(selector, self.labels[one.id]):
                continue
            covered = sum(
                self.replicas[w.id]
                for w in self.workloads
                if w.namespace == budget.namespace and matches(selector, self.labels[w.id])
            )
            desired = desired_healthy(
                at(budget.body, "spec.minAvailable"), at(budget.body, "spec.maxUnavailable"), covered
            )
            if desired is None:
                self.fault(
                    Fault(budget.origin, budget.id, "spec", "wrong-value", "The budget is no number or percentage.")
                )
                continue
            # Of a budget over several workloads, this one must give what the others cannot.
            found.append((desired - (covered - number), budget))
        if not found:
            return 1, None
        if len(found) > 1:
            names = ", ".join(budget.name for _, budget in found)
            self.warn(Fault(one.origin, one.id, "", "several-budgets", f"Several budgets cover it: {names}."))
        desired, budget = max(found, key=lambda each: each[0])
        if desired > number:
            message = f"It wants {desired} of {number} replicas of {one.id}; all of them are taken to be needed."
            self.warn(Fault(budget.origin, budget.id, "", "budget-too-large", message))
        return min(max(desired, 1), number), budget

    # ----------------------------------------------------------------------------------- endpoints

    def endpoint(self, one: Manifest) -> Iterator[RawStatement]:
        """A Service, with what answers behind it: a workload, or a group of which one is enough."""
        ports = {self.word["port"]: sorted(_ports(one))} if _ports(one) else {}
        yield self.entity(one, self.rules["endpoints"][one.kind]["type"], ports)
        behind = self.behind[one.namespace, one.name]
        relation = self.rules["answers"]["relation"]
        alias = text(at(one.body, "spec.externalName")).lower().rstrip(".")
        if alias:
            # The name is absolute ("DNS for Services and Pods"): without `svc` it is none of this cluster.
            target = service_of(alias, one.namespace, {}) if "svc" in alias.split(".") else None
            if target is None:
                self.warn(_outside(one, alias))
            else:
                id, type = f"{one.kind.lower()}:{target[0]}/{target[1]}", self.rules["endpoints"][one.kind]["type"]
                yield RawRelation(relation, one.id, id, one.origin, object_type=type)
            return
        selector = at(one.body, "spec.selector")
        if len(behind) > 1:
            group = f"{one.id}#behind"
            said = f"{len(behind)} workloads answer behind the {one.kind} {one.name}; 1 is taken to be enough."
            yield self.group(one, group, f"Behind {one.name}", said, 1, True)
            yield RawRelation(relation, one.id, group, one.origin)
            for workload in behind:
                yield RawRelation(self.quorum.relation, group, workload.id, one.origin)
        elif behind:
            yield RawRelation(relation, one.id, behind[0].id, one.origin)
        elif isinstance(selector, Mapping) and selector:
            self.warn(
                Fault(one.origin, one.id, "spec.selector", "selects-nothing", "No workload here has these labels.")
            )

    def selected(self, one: Manifest) -> list[Manifest]:
        """The workloads whose pods a Service selects; one without a selector selects none."""
        selector = at(one.body, "spec.selector")
        if not isinstance(selector, Mapping) or not selector:
            return []
        wanted = {"matchLabels": selector}
        return [w for w in self.workloads if w.namespace == one.namespace and matches(wanted, self.labels[w.id])]

    # --------------------------------------------------------------------------------- who calls whom

    def calls(self) -> Iterator[RawRelation]:
        """The endpoints that workloads need, by what their variables point to."""
        calls = Calls(self.cluster, {key: _ports(one) for key, one in self.endpoints.items()})
        rule, (kind, its) = self.rules["reaches"], next(iter(self.rules["endpoints"].items()))
        outside: dict[str, Manifest] = {}
        for one in self.workloads:
            seen: set[str] = set()
            for target, host in calls.of(one, self.pods(one)):
                if target is None:
                    outside.setdefault(host, one)
                    continue
                id = f"{kind.lower()}:{target[0]}/{target[1]}"
                # What a workload says of its own address, to itself, is no need of another.
                if id not in seen and [w.id for w in self.behind.get(target, ())] != [one.id]:
                    seen.add(id)
                    properties = rule.get("properties", {})
                    yield RawRelation(rule["relation"], one.id, id, one.origin, properties, object_type=its["type"])
        for host, one in outside.items():
            self.warn(_outside(one, host))


def _outside(one: Manifest, host: str) -> Fault:
    message = f"The host {host!r} is outside of the cluster; what it is has to be stated elsewhere."
    return Fault(one.origin, one.id, "", "outside-host", message)


def _ports(one: Manifest) -> frozenset[int]:
    """The ports that a Service serves."""
    said = at(one.body, "spec.ports")
    numbers = [text(at(port, "port")) for port in said] if isinstance(said, list) else []
    return frozenset(int(number) for number in numbers if re.fullmatch(r"\d{1,5}", number))
