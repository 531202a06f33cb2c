"""Who calls whom in a cluster: the Services that the environment variables of workloads point to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphsms.ingest.foreign import at, text
from graphsms.ingest.kubernetes_objects import Cluster, Manifest
from graphsms.ingest.kubernetes_rules import Address, addresses, service_of

__all__ = ["Calls"]

_VARIABLE: Final = re.compile(r"\$\(([A-Za-z_][\w.-]*)\)")

Key = tuple[str, str]  # namespace, name


class Calls:
    """What the variables of workloads say, given the Services and ConfigMaps of a cluster.

    Parameters
    ----------
    cluster : Cluster
    endpoints : mapping
        The Services by namespace and name, each with the ports that it serves.
    """

    def __init__(self, cluster: Cluster, endpoints: Mapping[Key, frozenset[int]]) -> None:
        self._rules: Any = cluster.rules
        self._endpoints = endpoints
        self._settings = {(o.namespace, o.name): at(o.body, "data") for o in cluster.of(cluster.rules["settings"])}
        self._address_variable = re.compile(cluster.rules["address_variable"])

    def of(self, workload: Manifest, pods: object) -> Iterator[tuple[Key | None, str]]:
        """The Services that a workload's pods point to, by namespace and name, each with the host as it was named.

        A Service that the manifests do not have is named too, where a variable of that name must hold an
        address; None stands for a host outside of the cluster.
        """
        for name, value in self._variables(workload, pods):
            is_address = self._address_variable.search(name) is not None
            for address in addresses(value):
                if address.host in self._rules["own_hosts"]:
                    continue
                target = service_of(address.host, workload.namespace, self._endpoints)
                if self._is_meant(target, address, is_address):
                    yield target, address.host

    def _is_meant(self, target: Key | None, address: Address, is_address: bool) -> bool:
        """Under a name that says nothing of addresses, a word or an image with its tag may look like one."""
        if is_address or target is None:
            return is_address
        ports = self._endpoints.get(target)
        # A Service that states no ports, such as another name of a host, may be called at any.
        at_port = address.port is None or (ports is not None and (not ports or address.port in ports))
        return not address.plain and at_port

    def _variables(self, workload: Manifest, pods: object) -> Iterator[tuple[str, str]]:
        """Names and values of the variables of a workload's containers."""
        spec = at(pods, "spec")
        for group in ("initContainers", "containers"):
            containers = at(spec, group)
            for container in containers if isinstance(containers, list) else []:
                yield from self._of_container(container, workload.namespace).items()

    def _of_container(self, container: object, namespace: str) -> dict[str, str]:
        values: dict[str, str] = {}
        for source in _list(at(container, "envFrom")):
            said = self._settings.get((namespace, text(at(source, "configMapRef.name"))))
            for key, value in said.items() if isinstance(said, Mapping) else []:
                values[text(at(source, "prefix")) + key] = text(value)
        for variable in _list(at(container, "env")):
            value = text(at(variable, "value"))
            reference = at(variable, "valueFrom.configMapKeyRef")
            if reference is not None:
                said = self._settings.get((namespace, text(at(reference, "name"))))
                value = text(said.get(text(at(reference, "key")))) if isinstance(said, Mapping) else ""
            # Only variables before it are put in (Kubernetes, "Define Dependent Environment Variables").
            values[text(at(variable, "name"))] = _expanded(value, values)
        return values


def _expanded(value: str, known: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: known.get(found[1], found[0]), value)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
