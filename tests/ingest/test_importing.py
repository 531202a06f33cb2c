"""What an import does to the graph: all or nothing, once, scoped to its source, and never losing what others said."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from graphsms.errors import ConflictError, InputError, RejectedError
from graphsms.ingest import ingest
from graphsms.ingest.files import default_source
from graphsms.ingest.hand import apply_by_hand
from graphsms.model import ChangeSet, Entity, Relation, Revision
from graphsms.store import Store
from imported import Write, content, edges, estate, imported, refused, types

SHOP = estate("{id: web, type: Application, name: Web, hostedOn: srv}", "{id: srv, type: Server, tag: [rack-1]}")


def test_a_second_import_of_the_same_file_changes_nothing_but_is_noted(store: Store, write: Write) -> None:
    file = write("shop.yaml", SHOP)
    first = imported(store, file, actor="Ada", reason="first load", request="RFC-1", fresh_for="P7D")
    noted = store.sources()
    second = imported(store, file, fresh_for="P7D")
    assert (first.revision, first.created.entities, first.created.relations) == (1, 2, 1)
    assert (second.revision, second.unchanged.entities, second.unchanged.relations) == (1, 2, 1)
    assert [one.number for one in store.revisions()] == [1]
    revision = store.revision()
    assert (revision.actor, revision.reason, revision.request, revision.source) == (
        "Ada",
        "first load",
        "RFC-1",
        "shop.yaml",
    )
    assert [(one.name, one.format, one.fresh_for) for one in store.sources()] == [("shop.yaml", "exchange", "P7D")]
    assert store.sources()[0].last_import >= noted[0].last_import
    assert "Nothing changed" in second.sentence()
    assert "created 2 entities and 1 relation" in first.sentence()


def test_every_entity_and_relation_knows_the_source_that_leads_in_it(store: Store, write: Write) -> None:
    imported(store, write("shop.yaml", SHOP), source="cmdb")
    imported(store, write("more.yaml", estate("{id: srv, type: Server, name: Server 1}")))
    assert {one.id: one.source for one in store.entities()} == {"web": "cmdb", "srv": "cmdb"}
    assert [one.source for one in store.relations()] == ["cmdb"]


def test_what_the_only_source_no_longer_says_goes(store: Store, write: Write) -> None:
    imported(store, write("shop.yaml", SHOP))
    verdict = imported(store, write("shop.yaml", SHOP.replace("name: Web, ", "").replace(", tag: [rack-1]", "")))
    assert (verdict.changed.entities, verdict.unchanged.relations) == (2, 1)
    assert [dict(one.properties) for one in store.entities()] == [{}, {}]


def test_entities_and_relations_that_a_file_no_longer_states_stay(store: Store, write: Write) -> None:
    imported(store, write("shop.yaml", SHOP))
    verdict = imported(store, write("shop.yaml", estate("{id: web, type: Application, name: Web}")))
    assert verdict.revision == 1
    assert edges(store, "hostedOn") == {("web", "srv")}


def test_relations_that_a_source_no_longer_states_are_kept_and_said_to_be(store: Store, write: Write) -> None:
    ingest(store, [write("a.yaml", "entities:\n  - {id: web, type: Service, dependsOn: [db, x]}\n"
                                   "  - {id: db, type: Database}\n  - {id: x, type: Server}\n")])  # fmt: skip
    by_another = write("b.yaml", "entities:\n  - {id: web, type: Service, ownedBy: ops}\n  - {id: ops, type: Team}\n")
    ingest(store, [by_another])
    verdict = ingest(
        store,
        [write("a.yaml", "entities:\n  - {id: web, type: Service}\n  - {id: x, type: Server}\n")],
    )
    assert verdict.no_longer_stated == (("web", "dependsOn", "db"), ("web", "dependsOn", "x"))
    assert "2 relations that a.yaml stated before are stated no longer: they are kept." in verdict.sentence()
    assert [one.object for one in store.relations(subjects=["web"], type="dependsOn")] == ["db", "x"]


def test_another_source_adds_to_an_entity_and_where_both_speak_the_first_holds(store: Store, write: Write) -> None:
    imported(store, write("shop.yaml", SHOP))
    names = write("names.yaml", estate("{id: web, type: Application, name: Web shop, description: Sells}"))
    verdict = imported(store, names)
    web = store.entity("web")
    assert web is not None
    assert (web.source, web.properties) == ("shop.yaml", {"name": "Web", "description": "Sells"})
    assert web.stated["names.yaml"].properties == {"name": "Web shop", "description": "Sells"}
    assert [(one.of, *one.what) for one in verdict.overruled] == [("web", "name", "Web shop", "Web", "shop.yaml")]
    assert "1 value of names.yaml does not stand" in verdict.sentence()
    assert imported(store, names).revision == 2


@pytest.mark.parametrize("others", [0, 50])
def test_what_another_source_or_a_person_set_survives_the_first_source(others: int, store: Store, write: Write) -> None:
    shop = write("shop.yaml", SHOP)
    imported(store, shop)
    web_too = "{id: web, type: Application, description: Sells, hostedOn: {to: srv, strength: soft}}"
    notes = estate(web_too, *(f"{{id: other-{number}, type: Server}}" for number in range(others)))
    imported(store, write("notes.yaml", notes))
    web = store.entity("web")
    assert web is not None
    apply_by_hand(store, ChangeSet([Entity("web", "Application", {**web.properties, "version": "2"})], actor="Ada"))
    imported(store, write("shop.yaml", SHOP.replace("name: Web, ", "")))
    web = store.entity("web")
    assert web is not None
    assert web.properties == {"description": "Sells", "version": "2"}
    assert [dict(one.properties) for one in store.relations()] == [{"strength": "soft"}]
    assert imported(store, write("shop.yaml", SHOP)).changed.entities == 1
    assert imported(store, shop).changed.entities == 0


def test_the_more_particular_type_of_another_source_survives_the_first_source(store: Store, write: Write) -> None:
    general = write("a.yaml", estate("{id: web, type: SoftwareItem}"))
    imported(store, general)
    imported(store, write("b.yaml", estate("{id: web, type: Application}")))
    assert imported(store, general).revision == 2
    assert types(store) == {"web": "Application"}


def test_a_source_can_correct_its_own_type(store: Store, write: Write) -> None:
    imported(store, write("a.yaml", estate("{id: web, type: Server}")))
    imported(store, write("a.yaml", estate("{id: web, type: Application}")))
    assert types(store) == {"web": "Application"}


CATALOGUE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web}
spec: {type: service, dependsOn: [resource:db]}
"""
DATABASE = """\
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: db, title: Orders}
spec: {type: database}
"""


def test_a_placeholder_gives_way_to_a_description_and_never_the_other_way_round(store: Store, write: Write) -> None:
    web, db = write("web/catalog-info.yaml", CATALOGUE), write("db/catalog-info.yaml", DATABASE)
    assert imported(store, web, source="web").placeholders == ("resource:default/db",)
    assert imported(store, db, source="db").placeholders == ()
    found = store.entity("resource:default/db")
    assert found is not None
    assert (found.type, found.name) == ("Database", "Orders")
    assert "placeholder" not in found.properties
    verdict = imported(store, web, source="web")
    assert (verdict.revision, verdict.placeholders) == (2, ())
    imported(store, write("copy.yaml", estate("{id: 'resource:default/db', type: Database, placeholder: true}")))
    assert store.entity("resource:default/db") == found


def test_one_bad_file_among_good_ones_keeps_all_of_them_out(store: Store, write: Write) -> None:
    good, bad = write("a.yaml", SHOP), write("b.yaml", estate("{id: x, type: Srver}"))
    (fault,) = refused(store, good, bad)
    assert fault.origin.file == str(bad)


def test_files_of_several_formats_are_one_source_each_judged_by_its_own_rules(store: Store, write: Write) -> None:
    ours = write("ours.yaml", estate("{id: portal, type: Service, dependsOn: 'component:default/web'}"))
    verdict = imported(store, ours, write("catalog-info.yaml", CATALOGUE), source="both")
    assert verdict.format == "exchange, backstage"
    assert [(one.format, one.entities, one.relations) for one in verdict.files] == [
        ("exchange", 1, 1),
        ("backstage", 1, 1),
    ]
    assert [one.format for one in store.sources()] == ["exchange, backstage"]


def test_a_folder_is_walked_and_what_nobody_recognizes_is_listed(store: Store, write: Write) -> None:
    write("estate/shop.yaml", SHOP)
    write("estate/deep/names.json", '{"entities": [{"id": "srv-2", "type": "Server"}]}')
    readme = write("estate/README.md", "# entities:\n")
    values = write("estate/values.yaml", "image: web\n")
    write("estate/.git/config.yaml", "entities: [{")
    folder = readme.parent
    verdict = imported(store, folder)
    assert verdict.source == "estate"
    assert [one.file for one in verdict.files] == [str(folder / "deep/names.json"), str(folder / "shop.yaml")]
    assert verdict.passed_over == (str(readme), str(values))
    assert "2 files passed over" in verdict.sentence()


def test_links_to_folders_are_not_followed(store: Store, write: Write) -> None:
    folder = write("estate/shop.yaml", SHOP).parent
    (folder / "again").symlink_to(folder, target_is_directory=True)
    assert len(imported(store, folder).files) == 1


def test_a_file_of_no_known_format_is_a_fault_and_the_format_can_be_named(store: Store, write: Write) -> None:
    odd = write("estate.odd", SHOP)
    (fault,) = refused(store, odd)
    assert fault.rule == "unknown-format"
    assert imported(store, odd, format="exchange").created.entities == 2


def test_an_unknown_format_or_a_folder_with_nothing_in_it_cannot_be_read(
    store: Store, write: Write, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="Did you mean kubernetes"):
        ingest(store, [write("a.yaml", SHOP)], format="kubernetis")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(InputError, match="known format"):
        ingest(store, [tmp_path / "nothing"])
    with pytest.raises(InputError, match="duration"):
        ingest(store, [write("a.yaml", SHOP)], fresh_for="a week")


def test_a_source_is_called_after_what_was_named(write: Write) -> None:
    one, other = write("estate/a.yaml", SHOP), write("estate/deep/b.yaml", SHOP)
    assert default_source([one]) == "a.yaml"
    assert default_source([one.parent]) == "estate"
    assert default_source([one, other]) == "estate"


def test_dates_are_taken_in_the_zone_given(store: Store, write: Write) -> None:
    file = write("a.yaml", estate("{id: a, type: Server, validTo: 2026-07-31}"))
    imported(store, file, zone=ZoneInfo("Europe/Zurich"))
    found = store.entity("a")
    assert found is not None
    assert found.properties == {"validTo": "2026-07-31T22:00:00Z"}


def test_the_order_of_entities_in_a_file_does_not_matter(store: Store, write: Write) -> None:
    lines = SHOP.splitlines(keepends=True)
    imported(store, write("shop.yaml", SHOP))
    assert imported(store, write("shop.yaml", lines[0] + lines[2] + lines[1])).revision == 1


def test_progress_grows_to_all_of_it(store: Store, write: Write) -> None:
    told: list[tuple[int, int]] = []
    file = write(
        "many.yaml",
        estate(*(f"{{id: s{n}, type: Server, locatedAt: hall}}" for n in range(5000)), "{id: hall, type: Site}"),
    )
    imported(store, file, progress=lambda done, total: told.append((done, total)))
    size = file.stat().st_size
    assert {total for _, total in told} == {2 * size}
    done = [done for done, _ in told]
    assert done == sorted(done)
    assert done[-1] == 2 * size
    assert len({*done}) >= 5


def test_an_import_that_somebody_forestalls_is_planned_again(
    store: Store, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(store, write("a.yaml", estate("{id: srv, type: Server}")))
    apply = store.apply
    forestalled: list[Revision] = []

    def late(changes: ChangeSet) -> Revision:
        if not forestalled:
            forestalled.append(apply(ChangeSet([Entity("srv", "Server", {"name": "Renamed"}, "a.yaml")], actor="Bob")))
        return apply(changes)

    monkeypatch.setattr(store, "apply", late)
    verdict = imported(store, write("b.yaml", estate("{id: srv, type: Server, tag: [x]}")))
    assert (verdict.revision, forestalled[0].number) == (3, 2)
    found = store.entity("srv")
    assert found is not None
    assert found.properties == {"name": "Renamed", "tag": ("x",)}


def test_after_some_attempts_the_conflict_is_told(store: Store, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(changes: ChangeSet) -> Revision:
        raise ConflictError("The graph has moved on.")

    monkeypatch.setattr(store, "apply", never)
    with pytest.raises(ConflictError):
        ingest(store, [write("a.yaml", SHOP)])


def test_what_the_store_cannot_take_leaves_it_as_it_was(store: Store, write: Write) -> None:
    imported(store, write("a.yaml", SHOP))
    before = content(store)
    with pytest.raises(RejectedError):
        ingest(store, [write("b.yaml", SHOP.replace("Server", "Srver"))])
    assert content(store) == before
    assert store.relations(subjects=["web"]).__next__() == Relation("hostedOn", "web", "srv", {}, "a.yaml")


def test_the_verdict_is_json(store: Store, write: Write) -> None:
    verdict = imported(store, write("catalog-info.yaml", CATALOGUE)).to_json()
    assert verdict["created"] == {"entities": 2, "relations": 1}
    assert verdict["placeholders"] == ("resource:default/db",)
    assert verdict["warnings"] == [
        {
            "file": verdict["files"][0]["file"],  # type: ignore[index]
            "line": 4,
            "id": "resource:default/db",
            "field": "",
            "rule": "placeholder",
            "message": "Nothing describes it; it becomes a placeholder of type ServiceComponent, "
            "needed by what component:default/web says.",
        }
    ]


def test_faults_of_turtle_have_the_line_that_begins_to_speak_of_the_entity(store: Store, write: Write) -> None:
    file = write(
        "wrong.ttl",
        "@prefix sms: <https://w3id.org/graphsms/ontology#> .\n"
        "@prefix id: <https://w3id.org/graphsms/id/> .\n"
        "id:web a sms:Service ; sms:dependsOn id:db .\n"
        "id:db a sms:Databse .\n"
        "<https://w3id.org/graphsms/id/a%20b> a sms:Server ;\n"
        "    sms:dependsOn <nowhere> .\n",
    )
    with pytest.raises(RejectedError) as raised:
        ingest(store, [file])
    assert [(one.subject, one.origin.line) for one in raised.value.faults] == [("db", 4), ("a b", 5)]
    assert store.revision().number == 0


def test_faults_of_json_ld_have_the_line_that_names_the_entity(store: Store, write: Write) -> None:
    file = write("wrong.jsonld", '[\n  {"@id": "web", "@type": "Service"},\n  {"@id": "db", "@type": "Databse"}\n]\n')
    with pytest.raises(RejectedError) as raised:
        ingest(store, [file])
    assert {one.origin.line for one in raised.value.faults if one.subject == "db"} == {3}
