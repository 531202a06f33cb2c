"""Kubernetes manifests: who calls whom through which Service, and how many replicas are enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphsms.ingest.kubernetes_rules import desired_healthy, matches
from graphsms.store import Store
from imported import Write, edges, imported, refused, rules, types


@pytest.fixture
def shop(store: Store, fixtures: Path) -> Store:
    imported(store, fixtures / "shop.kubernetes.yaml")
    return store


def needs(store: Store, id: str) -> set[str]:
    return {object for subject, object in edges(store, "dependsOn") if subject == id}


def test_workloads_and_services_become_entities_and_what_they_make_does_not(shop: Store) -> None:
    found = {id: type for id, type in types(shop).items() if "#" not in id}
    assert found == {
        "deployment:shop/web": "ContainerWorkload",
        "deployment:shop/cart-blue": "ContainerWorkload",
        "deployment:shop/cart-green": "ContainerWorkload",
        "deployment:shop/queue": "ContainerWorkload",
        "daemonset:shop/logs": "ContainerWorkload",
        "statefulset:shop/search": "ContainerWorkload",
        "statefulset:data/db": "ContainerWorkload",
        "cronjob:shop/nightly": "ScheduledJob",
        "service:shop/web": "Endpoint",
        "service:shop/cart": "Endpoint",
        "service:shop/queue": "Endpoint",
        "service:shop/search": "Endpoint",
        "service:shop/cache": "Endpoint",
        "service:shop/reports": "Endpoint",
        "service:shop/mail": "Endpoint",
        "service:data/db": "Endpoint",
        "service:bank/rates": "Endpoint",
        "service:shop/legacy": "Endpoint",
        "service:shop/db": "Endpoint",
    }


def test_a_workload_needs_the_services_that_its_variables_point_to(shop: Store) -> None:
    assert needs(shop, "deployment:shop/web") == {
        "service:shop/queue",  # a URL, in an init container, under a name that says nothing of addresses
        "service:shop/cart",  # name and port
        "service:shop/db",  # a bare name under a name that is one of an address; it is described nowhere
        "service:data/db",  # a URL with user and password, the host put together from another variable
        "service:bank/rates",  # a name of the cluster's DNS, under a name that says nothing; described nowhere
        "service:shop/search",  # pods behind a headless Service, in a list
        "service:shop/cache",  # the notation of database drivers in Go
        "service:shop/reports",  # a key of a ConfigMap
        "service:shop/mail",  # all of a ConfigMap, name and namespace
        "service:shop/legacy",  # name and port, described nowhere
        "deployment:shop/web#replicas",
    }
    assert needs(shop, "daemonset:shop/logs") == {"service:shop/search"}
    assert needs(shop, "cronjob:shop/nightly") == {"service:shop/web"}


def test_needs_that_variables_show_are_marked_as_inferred(shop: Store) -> None:
    said = {
        one.object: dict(one.properties) for one in shop.relations(subjects=["deployment:shop/web"], type="dependsOn")
    }
    assert said["service:shop/cart"] == {"inferred": True}
    assert said["deployment:shop/web#replicas"] == {}


def test_services_that_nobody_describes_become_placeholders_and_hosts_elsewhere_are_told(
    store: Store, fixtures: Path
) -> None:
    verdict = imported(store, fixtures / "shop.kubernetes.yaml")
    assert verdict.placeholders == ("service:bank/rates", "service:shop/db", "service:shop/legacy")
    outside = [one for one in verdict.warnings if one.rule == "outside-host"]
    assert {one.subject: one.message.split("'")[1] for one in outside} == {
        "deployment:shop/web": "api.payments.example.com",
        "service:shop/mail": "mail.example.com",
    }


def test_a_service_is_answered_by_the_workloads_that_it_selects(shop: Store) -> None:
    assert edges(shop, "forwardsTo") == {
        ("service:shop/web", "deployment:shop/web"),
        ("service:shop/queue", "deployment:shop/queue"),
        ("service:shop/search", "statefulset:shop/search"),
        ("service:data/db", "statefulset:data/db"),
        ("service:shop/cart", "service:shop/cart#behind"),
    }


def test_of_several_workloads_behind_a_service_one_is_taken_to_be_enough(shop: Store) -> None:
    group = shop.entity("service:shop/cart#behind")
    assert group is not None
    assert (group.type, group.properties["minimum"], group.properties["inferred"]) == ("RedundancyGroup", 1, True)
    assert {object for subject, object in edges(shop, "hasMember") if subject == group.id} == {
        "deployment:shop/cart-blue",
        "deployment:shop/cart-green",
    }


def test_a_service_that_selects_nothing_is_a_warning(store: Store, fixtures: Path) -> None:
    verdict = imported(store, fixtures / "shop.kubernetes.yaml")
    assert [one.subject for one in verdict.warnings if one.rule == "selects-nothing"] == ["service:shop/cache"]


def test_replicas_are_a_group_that_the_workload_needs(shop: Store) -> None:
    groups = {one.id: one for one in shop.entities(type="RedundancyGroup") if one.id.endswith("#replicas")}
    minimum = {id: (one.properties["minimum"], one.properties.get("inferred", False)) for id, one in groups.items()}
    assert minimum == {
        "deployment:shop/web#replicas": (1, True),
        "deployment:shop/queue#replicas": (1, True),  # the least that its autoscaler allows
        "statefulset:shop/search#replicas": (1, True),
        "statefulset:data/db#replicas": (3, False),  # 30 % of 5, rounded up, may be away
    }
    for id in groups:
        assert (id.removesuffix("#replicas"), id) in edges(shop, "dependsOn")
    assert {object for subject, object in edges(shop, "hasMember") if subject == "deployment:shop/web#replicas"} == {
        "deployment:shop/web#0",
        "deployment:shop/web#1",
        "deployment:shop/web#2",
    }
    assert groups["statefulset:data/db#replicas"].properties["description"] == (
        "5 replicas of the StatefulSet db; 3 by the PodDisruptionBudget db."
    )


@pytest.mark.parametrize(
    ("min_available", "max_unavailable", "pods", "healthy"),
    [
        (2, None, 7, 2),
        ("50%", None, 7, 4),
        ("1%", None, 7, 1),
        ("100%", None, 7, 7),
        ("0%", None, 7, 0),
        (None, 2, 7, 5),
        (None, 9, 7, 0),
        (None, "50%", 7, 3),
        (None, "1%", 7, 6),
        (None, "0%", 7, 7),
        (None, "100%", 7, 0),
        ("30%", None, 10, 3),
        ("many", None, 7, None),
        (None, None, 7, None),
    ],
)
def test_budgets_are_rounded_as_the_disruption_controller_does(
    min_available: object, max_unavailable: object, pods: int, healthy: int | None
) -> None:
    assert desired_healthy(min_available, max_unavailable, pods) == healthy


WORKLOAD = (
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: %s}, "
    "spec: {replicas: %s, template: {metadata: {labels: {app: x}}}}}\n"
)
BUDGET = "---\n{apiVersion: policy/%s, kind: PodDisruptionBudget, metadata: {name: %s}, spec: {%s}}\n"


def minimum(store: Store, id: str) -> object:
    group = store.entity(f"deployment:default/{id}#replicas")
    assert group is not None
    return group.properties["minimum"]


@pytest.mark.parametrize(
    ("version", "spec", "expected"),
    [
        ("v1", "minAvailable: 0, selector: {matchLabels: {app: x}}", 1),
        ("v1", "minAvailable: 9, selector: {matchLabels: {app: x}}", 4),
        ("v1", "minAvailable: 2, selector: {}", 2),
        ("v1beta1", "minAvailable: 2, selector: {}", 1),
        ("v1", "minAvailable: 2", 1),
        ("v1", "minAvailable: 2, selector: {matchLabels: {app: y}}", 1),
    ],
)
def test_a_minimum_is_at_least_one_and_at_most_all(
    version: str, spec: str, expected: int, store: Store, write: Write
) -> None:
    imported(store, write("a.yaml", WORKLOAD % ("web", 4) + BUDGET % (version, "b", spec)))
    assert minimum(store, "web") == expected


def test_a_budget_over_two_workloads_asks_of_each_what_the_other_cannot_give(store: Store, write: Write) -> None:
    text = WORKLOAD % ("a", 4) + "---\n" + WORKLOAD % ("b", 2) + BUDGET % ("v1", "b", "minAvailable: 5, selector: {}")
    imported(store, write("a.yaml", text))
    assert (minimum(store, "a"), minimum(store, "b")) == (3, 1)


def test_the_strictest_of_several_budgets_holds_with_a_warning(store: Store, write: Write) -> None:
    budgets = [
        BUDGET % ("v1", name, f"minAvailable: {number}, selector: {{}}") for name, number in (("p", 2), ("q", 3))
    ]
    verdict = imported(store, write("a.yaml", WORKLOAD % ("web", 4) + "".join(budgets)))
    assert minimum(store, "web") == 3
    assert [one.rule for one in verdict.warnings] == ["several-budgets"]


@pytest.mark.parametrize("replicas", ["many", "-1", "1000000", "2.5"])
def test_replicas_that_are_no_number_in_reason_are_a_fault(replicas: str, store: Store, write: Write) -> None:
    assert rules(refused(store, write("a.yaml", WORKLOAD % ("web", replicas)))) == [("wrong-value", 1)]


@pytest.mark.parametrize("replicas", ["0", "1", "''"])
def test_fewer_than_two_replicas_are_no_group(replicas: str, store: Store, write: Write) -> None:
    imported(store, write("a.yaml", WORKLOAD % ("web", replicas)))
    assert types(store) == {"deployment:default/web": "ContainerWorkload"}


@pytest.mark.parametrize(
    ("operator", "values", "selected"),
    [("In", ["a"], True), ("In", ["b"], False), ("NotIn", ["a"], False), ("NotIn", ["b"], True),
     ("Exists", [], True), ("DoesNotExist", [], False), ("Unheard", [], False)],
)  # fmt: skip
def test_label_selectors_follow_their_operators(operator: str, values: list[str], selected: bool) -> None:
    assert matches({"matchExpressions": [{"key": "x", "operator": operator, "values": values}]}, {"x": "a"}) is selected


@pytest.mark.parametrize(
    "template",
    [
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n",
        'apiVersion: v1\nkind: Service\nmetadata:\n  name: "{{ .Release.Name }}"\n',
        "{{- if .Values.web }}\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n{{- end }}\n",
        'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ include "web.fullname" . }}\n',
    ],
)
def test_a_template_of_helm_is_no_manifest(template: str, store: Store, write: Write) -> None:
    (fault,) = refused(store, write("service.yaml", template), format="kubernetes")
    assert fault.rule == "helm-template"
    assert "helm template" in fault.message


def test_braces_in_a_setting_are_no_template(store: Store, write: Write) -> None:
    settings = (
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: rules}\ndata: {summary: "{{ .Labels.app }} is down"}\n---\n'
    )
    assert imported(store, write("a.yaml", settings + WORKLOAD % ("web", 1))).created.entities == 1


def test_an_object_stated_twice_is_as_the_later_file_has_it(store: Store, write: Write) -> None:
    one, other = write("a.yaml", WORKLOAD % ("web", 1)), write("b.yaml", WORKLOAD % ("web", 2))
    verdict = imported(store, one, other)
    assert [one.rule for one in verdict.warnings] == ["stated-twice"]
    assert minimum(store, "web") == 1


def test_manifests_in_json_are_read_too(store: Store, write: Write) -> None:
    text = '{"apiVersion": "v1",\n "kind": "Service", "metadata": {"name": "%s"}, "spec": {"ports": [{"port": 80}]}}'
    imported(store, write("service.json", text % "web"), write("other.json", text % "\\ud83d\\ude00"))
    found = {one.id: one.properties["port"] for one in store.entities()}
    assert found == {"service:default/web": (80,), "service:default/😀": (80,)}


def test_the_public_online_boutique_gives_12_workloads_and_16_references(store: Store, shared_data: Path) -> None:
    verdict = imported(store, shared_data / "online-boutique" / "release" / "kubernetes-manifests.yaml")
    assert len(list(store.entities(type="ContainerWorkload"))) == 12
    assert len([one for one in store.entities(type="Endpoint") if "placeholder" not in one.properties]) == 12
    assert verdict.placeholders == ("service:default/shoppingassistantservice",)
    called = edges(store, "dependsOn")
    assert len({one for one in called if one[1] not in verdict.placeholders}) == 16
    assert called - {one for one in called if one[0] != "deployment:default/cartservice"} == {
        ("deployment:default/cartservice", "service:default/redis-cart")
    }
    assert len(edges(store, "forwardsTo")) == 12
    assert [one.message.split(" passed")[0] for one in verdict.warnings if one.rule == "passed-over"] == [
        "11 of kind ServiceAccount"
    ]


def test_from_redis_the_way_leads_to_the_cart_and_on_to_checkout_and_frontend(store: Store, shared_data: Path) -> None:
    imported(store, shared_data / "online-boutique" / "release" / "kubernetes-manifests.yaml")
    reached, found = {"deployment:default/redis-cart"}, set[str]()
    while reached - found:
        found |= reached
        reached |= {
            one.subject for type in ("dependsOn", "forwardsTo") for one in store.relations(objects=found, type=type)
        }
    assert {id.partition("/")[2] for id in found if id.startswith("deployment:")} == {
        "redis-cart",
        "cartservice",
        "checkoutservice",
        "frontend",
        "loadgenerator",
    }


ANOTHER_NAME = """
apiVersion: v1
kind: Service
metadata: {name: orders, namespace: web}
spec: {type: ExternalName, externalName: orders-db.data.svc.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: payments, namespace: web}
spec: {type: ExternalName, externalName: pay.example.com}
---
apiVersion: v1
kind: Service
metadata: {name: orders-db, namespace: data}
spec: {clusterIP: None}
---
apiVersion: v1
kind: Pod
metadata: {name: shop, namespace: web}
spec: {containers: [{name: c, image: x, env: [{name: STORE, value: "orders:5432"}]}]}
"""


def test_another_name_of_a_service_forwards_to_it_and_one_of_a_host_elsewhere_is_told(
    store: Store, write: Write
) -> None:
    verdict = imported(store, write("names.yaml", ANOTHER_NAME))
    assert needs(store, "pod:web/shop") == {"service:web/orders"}
    assert edges(store, "forwardsTo") == {("service:web/orders", "service:data/orders-db")}
    assert [warning.message.split("'")[1] for warning in verdict.warnings] == ["pay.example.com"]


@pytest.mark.parametrize("value", ["Mozilla/5.0 (Linux)", "Shop(beta)", "http://$(HOST):80", "http://$(HOST)/x"])
def test_a_word_in_brackets_is_no_address(value: str, store: Store, write: Write) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\n"
    spec = f"spec: {{containers: [{{name: c, image: x, env: [{{name: AGENT, value: '{value}'}}]}}]}}\n"
    verdict = imported(store, write("pod.yaml", pod + spec))
    assert (types(store), verdict.placeholders) == ({"pod:default/shop": "ContainerWorkload"}, ())
