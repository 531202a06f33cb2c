"""What statements must fulfil together, and what that means in our own formats and in foreign ones."""

from __future__ import annotations

import pytest

from graphsms.model import ChangeSet, Entity, Relation
from graphsms.store import Store
from imported import Write, edges, estate, imported, refused, rules, types

SERVER = "{id: a, type: Server}"
GROUP = "{id: g, type: RedundancyGroup, "
BACKWARDS = "validFrom: 2027-01-01, validTo: 2026-01-01"

BAD = {
    "a dangling relation": (
        "dangling-relation", "{id: a, type: Application, dependsOn: web-1}", "{id: web-11, type: Server}"),
    "the wrong kind of object": ("wrong-kind", "{id: b, type: Server, locatedAt: a}", SERVER),
    "the wrong kind of subject": ("wrong-kind", "{id: b, type: Person, hostedOn: a}", SERVER),
    "a property of another type": ("unexpected-property", "{id: a, type: Person, minimum: 1}"),
    "a need of itself": ("relation-to-itself", "{id: a, type: Server, dependsOn: a}"),
    "a group without a minimum": ("min-count", GROUP + "hasMember: a}", SERVER),
    "a group whose minimum is no number": ("wrong-value", GROUP + "minimum: x, hasMember: a}", SERVER),
    "a group with two minimums": ("wrong-value", GROUP + "minimum: [1, 2], hasMember: a}", SERVER),
    "a group with a member that is not there": ("dangling-relation", GROUP + "minimum: 2, hasMember: [a, x]}", SERVER),
    "a group whose only member is not there": ("dangling-relation", GROUP + "minimum: 1, hasMember: x}"),
    "a relation said plainly and as soft": (
        "conflicting-values", "{id: b, type: Server, dependsOn: [a, {to: a, strength: soft}]}", SERVER),
    "a relation said to be soft and hard": (
        "conflicting-values",
        "{id: b, type: Server, dependsOn: [{to: a, strength: soft}, {to: a, strength: hard}]}", SERVER),
    "a relation said to be soft and plain": (
        "conflicting-values", "{id: b, type: Server, dependsOn: [{to: a, strength: soft}, a]}", SERVER),
    "a group without members": ("min-count", GROUP + "minimum: 1}"),
    "a group that needs none": ("min-inclusive", GROUP + "minimum: 0, hasMember: a}", SERVER),
    "a group whose minimum exceeds its members": (
        "minimum-exceeds-members", GROUP + "minimum: 2, hasMember: [a, a]}", SERVER),
    "a soft member": ("strength-on-member", GROUP + "minimum: 1, hasMember: {to: a, strength: soft}}", SERVER),
    "a group in itself": ("group-contains-itself", GROUP + "minimum: 1, hasMember: g}"),
    "a group in itself through others": (
        "group-contains-itself",
        "{id: f, type: RedundancyGroup, minimum: 1, hasMember: [h, a]}",
        "{id: g, type: RedundancyGroup, minimum: 1, hasMember: [f]}",
        "{id: h, type: RedundancyGroup, minimum: 1, hasMember: [g]}",
        SERVER),
    "a validity that ends before it begins": ("less-than", f"{{id: a, type: Server, {BACKWARDS}}}"),
    "a relation that ends before it begins": (
        "less-than", f"{{id: b, type: Application, hostedOn: {{to: a, {BACKWARDS}}}}}", SERVER),
    "a port that is none": ("max-inclusive", "{id: a, type: Endpoint, port: 70000}"),
    "a country that is none": ("pattern", "{id: a, type: Site, country: Germany}"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_one_clear_fault_and_changes_nothing(case: str, store: Store, write: Write) -> None:
    rule, *entities = BAD[case]
    assert rules(refused(store, write("bad.yaml", estate(*entities)))) == [(rule, 2)]


def test_a_dangling_relation_names_what_may_have_been_meant(store: Store, write: Write) -> None:
    (fault,) = refused(store, write("bad.yaml", estate(*BAD["a dangling relation"][1:])))
    assert "Did you mean web-11?" in fault.message
    assert (fault.subject, fault.field) == ("a", "dependsOn")


def test_a_circle_of_groups_is_told_as_a_path(store: Store, write: Write) -> None:
    (fault,) = refused(store, write("bad.yaml", estate(*BAD["a group in itself through others"][1:])))
    assert "f → h → g → f" in fault.message


def test_groups_nest_and_things_need_each_other_in_circles(store: Store, write: Write) -> None:
    imported(
        store,
        write(
            "fine.yaml",
            """\
entities:
- {id: g, type: RedundancyGroup, minimum: 1, hasMember: [h, a]}
- {id: h, type: RedundancyGroup, minimum: 2, hasMember: [b, c]}
- {id: a, type: Server, dependsOn: b}
- {id: b, type: Server, dependsOn: a}
- {id: c, type: Server}
""",
        ),
    )
    assert store.revision().number == 1


def test_what_refers_to_a_faulty_entity_is_not_blamed_for_that(store: Store, write: Write) -> None:
    file = write("bad.yaml", "entities:\n- {id: a, type: Srver}\n- {id: b, type: Server, hostedOn: a}\n")
    assert rules(refused(store, file)) == [("unknown-type", 2)]


def test_what_is_in_the_graph_already_can_be_referred_to(store: Store, write: Write) -> None:
    imported(store, write("a.yaml", "entities: [{id: srv, type: Server}]"))
    imported(store, write("b.yaml", "entities: [{id: web, type: Application, hostedOn: srv}]"))
    assert edges(store, "hostedOn") == {("web", "srv")}
    (fault,) = refused(store, write("c.yaml", "entities: [{id: x, type: Server, locatedAt: srv}]"))
    assert fault.rule == "wrong-kind"


def test_a_group_of_the_graph_counts_its_members_there(store: Store, write: Write) -> None:
    servers = ("{id: b, type: Server}", "{id: c, type: Server}", "{id: d, type: Server}")
    imported(store, write("a.yaml", estate(GROUP + "minimum: 1, hasMember: [a, b]}", SERVER, *servers)))
    imported(store, write("b.yaml", estate(GROUP + "minimum: 3, hasMember: [c]}")))
    assert edges(store, "hasMember") == {("g", "a"), ("g", "b"), ("g", "c")}
    (fault,) = refused(store, write("c.yaml", estate(GROUP + "minimum: 5, hasMember: [d]}")), source="a.yaml")
    assert fault.rule == "minimum-exceeds-members"
    assert fault.message == "It needs 5 of its members, and has 4."


def test_a_circle_of_groups_may_close_through_the_graph(store: Store, write: Write) -> None:
    imported(
        store,
        write(
            "a.yaml",
            "entities: [{id: f, type: RedundancyGroup, minimum: 1, hasMember: g}, "
            "{id: g, type: RedundancyGroup, minimum: 1, hasMember: h}, "
            "{id: h, type: RedundancyGroup, minimum: 1, hasMember: x}, {id: x, type: Server}]",
        ),
    )
    turtle = "@prefix sms: <https://w3id.org/graphsms/ontology#> . <h> sms:hasMember <f> ."
    faults = refused(store, write("b.ttl", turtle))
    assert [one.rule for one in faults] == ["group-contains-itself"]
    assert "f → g → h → f" in faults[0].message or "h → f → g → h" in faults[0].message


CATALOGUE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web}
spec: {type: service, lifecycle: production, owner: shop, dependsOn: [resource:db]}
"""


def test_in_a_foreign_format_a_missing_target_becomes_a_placeholder(store: Store, write: Write) -> None:
    verdict = imported(store, write("catalog-info.yaml", CATALOGUE))
    assert verdict.placeholders == ("group:default/shop", "resource:default/db")
    assert [(one.rule, one.subject, one.origin.line) for one in verdict.warnings] == [
        ("placeholder", "group:default/shop", 4),
        ("placeholder", "resource:default/db", 4),
    ]
    owner = store.entity("group:default/shop")
    assert owner is not None
    assert (owner.type, owner.properties) == ("Team", {"placeholder": True})


def test_strict_refuses_placeholders_in_foreign_formats_too(store: Store, write: Write) -> None:
    faults = refused(store, write("catalog-info.yaml", CATALOGUE), strict=True)
    assert rules(faults) == [("dangling-relation", 4), ("dangling-relation", 4)]


def test_in_a_foreign_format_the_wrong_kind_is_a_warning_and_strict_refuses_it(store: Store, write: Write) -> None:
    store.apply(ChangeSet([Entity("group:default/shop", "Server"), Entity("resource:default/db", "Database")]))
    file = write("catalog-info.yaml", CATALOGUE)
    assert [one.rule for one in refused(store, file, strict=True)] == ["wrong-kind"]
    verdict = imported(store, file)
    assert [(one.rule, one.field) for one in verdict.warnings] == [("wrong-kind", "ownedBy")]
    assert edges(store, "ownedBy") == {("component:default/web", "group:default/shop")}


def test_several_statements_of_one_entity_are_one_of_the_most_specific_type(store: Store, write: Write) -> None:
    prefix = "@prefix sms: <https://w3id.org/graphsms/ontology#> .\n"
    one = write("a.ttl", prefix + '<web> a sms:SoftwareItem ; sms:name "Web" ; sms:tag "a" .')
    other = write("b.ttl", prefix + '<web> a sms:Application ; sms:tag "b" .')
    imported(store, one, other)
    assert types(store) == {"web": "Application"}


def test_two_kinds_that_do_not_agree_are_a_conflict_also_with_the_graph(store: Store, write: Write) -> None:
    imported(store, write("a.yaml", "entities: [{id: web, type: SoftwareItem}]"))
    imported(store, write("b.yaml", "entities: [{id: web, type: Application}]"))
    assert types(store) == {"web": "Application"}
    (fault,) = refused(store, write("c.yaml", "entities: [{id: web, type: Server}]"))
    assert fault.rule == "type-conflict"
    assert "Server" in fault.message
    assert "Application" in fault.message


def test_a_relation_stated_by_the_graph_alone_counts_for_the_shapes(store: Store, write: Write) -> None:
    store.apply(
        ChangeSet(
            [Entity("e", "CatalogueEntry"), Entity("s", "Service"), Entity("t", "Service")],
            [Relation("describesService", "e", "s")],
        )
    )
    (fault,) = refused(store, write("a.yaml", "entities: [{id: e, type: CatalogueEntry, describesService: t}]"))
    assert (fault.rule, fault.subject, fault.field) == ("max-count", "e", "describesService")
