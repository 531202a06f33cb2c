"""Backstage's catalog: references by its own rules, kinds and lifecycles by the mapping."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphsms.model import Relation
from graphsms.store import Store
from imported import Write, edges, imported, refused, rules, types


@pytest.fixture
def shop(store: Store, fixtures: Path) -> Store:
    imported(store, fixtures / "shop.catalog-info.yaml")
    return store


def test_kinds_become_types_and_spec_type_says_which(shop: Store) -> None:
    found = types(shop)
    assert {id: found[id] for id in found if not shop.entity(id).properties.get("placeholder")} == {  # type: ignore[union-attr]
        "component:shop/storefront": "Application",
        "component:shop/basket": "SoftwareComponent",
        "component:shop/order-service": "Application",
        "api:shop/orders": "Endpoint",
        "system:shop/shop": "Service",
        "domain:shop/retail": "Capability",
        "group:shop/storefront-team": "Team",
        "group:shop/on-call": "Team",
        "group:default/sales": "OrganizationalUnit",
        "user:shop/ada": "Person",
    }


def test_ids_are_references_in_lower_case_and_the_source_key_is_as_written(shop: Store) -> None:
    storefront = shop.entity("component:shop/storefront")
    assert storefront is not None
    assert storefront.properties == {
        "name": "Store front",
        "description": "What customers see.",
        "tag": ("experimental", "public"),
        "lifecycle": "live",
        "sourceKey": "Component:Shop/Storefront",
        "link": "https://git.example.org/shop/storefront/tree/main/",
    }


def test_without_an_annotation_the_link_is_file_and_line(shop: Store) -> None:
    basket = shop.entity("component:shop/basket")
    assert basket is not None
    assert basket.properties["link"] == "tests/ingest/fixtures/shop.catalog-info.yaml#L24"


def test_references_default_to_the_kind_of_their_field_and_the_namespace_of_their_entity(shop: Store) -> None:
    assert {object for subject, object in edges(shop, "dependsOn") if subject == "component:shop/storefront"} == {
        "api:shop/orders",
        "api:default/rates",
        "resource:shop/sessions",
        "component:shop/basket",
    }
    assert edges(shop, "ownedBy") == {
        ("component:shop/storefront", "group:shop/storefront-team"),
        ("component:shop/basket", "user:shop/ada"),
        ("api:shop/orders", "group:shop/orders-team"),
        ("system:shop/shop", "group:default/sales"),
        ("domain:shop/retail", "group:default/sales"),
    }


def test_what_depends_the_other_way_round_is_turned(shop: Store) -> None:
    assert ("component:shop/kiosk", "component:shop/storefront") in edges(shop, "dependsOn")
    assert edges(shop, "forwardsTo") == {("api:shop/orders", "component:shop/order-service")}
    assert edges(shop, "lendsCapability") == {("system:shop/shop", "domain:shop/retail")}


def test_a_subdomain_is_a_part_of_its_domain(store: Store, write: Write) -> None:
    domains = "\n---\n".join(
        f"apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {{name: {name}}}\nspec: {{owner: a, {more}}}"
        for name, more in (("retail", ""), ("orders", "subdomainOf: retail"), ("pay", "subdomainOf: domain:bank/money"))
    )
    verdict = imported(store, write("catalog-info.yaml", domains + "\n"))
    assert edges(store, "broaderCapability") == {
        ("domain:default/orders", "domain:default/retail"),
        ("domain:default/pay", "domain:bank/money"),
    }
    assert "domain:bank/money" in verdict.placeholders


def test_a_whole_is_degraded_by_the_loss_of_a_part_as_an_inference(shop: Store) -> None:
    assert edges(shop, "partOf") == {
        ("component:shop/storefront", "system:shop/shop"),
        ("component:shop/basket", "component:shop/storefront"),
    }
    assert list(shop.relations(subjects=["system:shop/shop"], type="dependsOn")) == [
        Relation(
            "dependsOn",
            "system:shop/shop",
            "component:shop/storefront",
            {"inferred": True, "strength": "soft"},
            "shop.catalog-info.yaml",
        )
    ]


def test_a_stated_need_is_not_weakened_by_an_inferred_one(shop: Store) -> None:
    needs = shop.relations(subjects=["component:shop/storefront"], type="dependsOn")
    both = [one for one in needs if one.object == "component:shop/basket"]
    assert [dict(one.properties) for one in both] == [{}]


def test_who_belongs_where_depends_on_what_they_belong_to(shop: Store) -> None:
    assert edges(shop, "staffedBy") == {
        ("group:shop/storefront-team", "user:shop/ada"),
        ("group:shop/storefront-team", "group:shop/on-call"),
    }
    assert edges(shop, "worksFor") == {("user:shop/ada", "group:default/sales")}
    assert edges(shop, "unitOf") == {("group:shop/storefront-team", "group:default/sales")}


def test_what_is_passed_over_is_told_by_kind(store: Store, fixtures: Path) -> None:
    verdict = imported(store, fixtures / "shop.catalog-info.yaml")
    told = [one for one in verdict.warnings if one.rule == "passed-over"]
    assert [one.message.split(" passed")[0] for one in told] == ["1 of kind Location", "1 of kind Template"]


def test_bad_references_and_nameless_entities_are_faults(store: Store, write: Write) -> None:
    file = write(
        "catalog-info.yaml",
        """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: a}
spec:
  dependsOn: [db]
  owner: "a:b:c"
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {title: nameless}
---
- a list
""",
    )
    assert rules(refused(store, file)) == [
        ("wrong-reference", 5),
        ("wrong-reference", 6),
        ("missing-id", 8),
        ("wrong-form", 12),
    ]


def test_the_public_examples_are_read(store: Store, shared_data: Path) -> None:
    verdict = imported(store, shared_data / "backstage-examples")
    assert verdict.created.entities == 14
    assert verdict.placeholders == (
        "api:default/wayback-archive",
        "api:default/wayback-search",
        "group:default/backstage",
        "system:default/audio-playback",
    )
    assert edges(store, "dependsOn") == {
        ("component:default/artist-lookup", "resource:default/artists-db"),
        ("component:default/www-artist", "component:default/artist-lookup"),
        ("component:default/wayback-search", "api:default/wayback-archive"),
        ("system:default/artist-engagement-portal", "component:default/artist-lookup"),
        ("system:default/artist-engagement-portal", "component:default/www-artist"),
        ("system:default/artist-engagement-portal", "resource:default/artists-db"),
        ("system:default/audio-playback", "component:default/playback-order"),
    }
    assert [(one.rule, one.field) for one in verdict.warnings if one.rule != "placeholder"] == [
        ("wrong-kind", "consumesApis")
    ]
    assert imported(store, shared_data / "backstage-examples").revision == 1
