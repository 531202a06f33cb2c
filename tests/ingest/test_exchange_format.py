"""Our own format, in YAML and JSON: what it can say, and what each slip is answered with."""

from __future__ import annotations

import json

import pytest

from graphsms.ingest.exchange import ExchangeReader
from graphsms.ingest.reader import RawRelations
from graphsms.model import Fault
from graphsms.ontology import load
from graphsms.store import Store
from imported import Write, content, imported, refused, rules

ESTATE = """\
entities:
  - id: web
    type: Service
    name: Web shop
    criticality: High
    tag: [shop, public]
    dependsOn: [app-group, {to: mailer, strength: soft, validTo: 2026-12-31}]
  - {id: app-group, type: RedundancyGroup, minimum: 1, hasMember: [app-1, app-2]}
  - {id: app-1, type: Application, version: 1.10}
  - {id: app-2, type: Application, version: "1.10"}
  - id: mailer
    type: https://w3id.org/graphsms/ontology#Application
    https://w3id.org/graphsms/ontology#name: Mailer
    description:
"""


def test_the_format_says_entities_properties_and_relations_by_their_names(store: Store, write: Write) -> None:
    verdict = imported(store, write("estate.yaml", ESTATE))
    assert (verdict.created.entities, verdict.created.relations) == (5, 4)
    web = store.entity("web")
    assert web is not None
    assert (web.type, web.properties) == (
        "Service",
        {"name": "Web shop", "criticality": "high", "tag": ("public", "shop")},
    )
    assert [(one.key, dict(one.properties)) for one in store.relations(subjects=["web"])] == [
        (("web", "dependsOn", "app-group"), {}),
        (("web", "dependsOn", "mailer"), {"strength": "soft", "validTo": "2027-01-01T00:00:00Z"}),
    ]


def test_a_version_keeps_its_last_zero_quoted_or_not(store: Store, write: Write) -> None:
    imported(store, write("estate.yaml", ESTATE))
    assert [one.properties["version"] for one in store.entities(["app-1", "app-2"])] == ["1.10", "1.10"]


def test_full_iris_of_terms_stand_for_their_local_names(store: Store, write: Write) -> None:
    imported(store, write("estate.yaml", ESTATE))
    mailer = store.entity("mailer")
    assert mailer is not None
    assert (mailer.type, mailer.properties) == ("Application", {"name": "Mailer"})


def test_json_says_the_same_as_yaml(store: Store, write: Write) -> None:
    imported(store, write("estate.yaml", ESTATE))
    before = content(store)
    as_json = {
        "entities": [
            {"id": "web", "type": "Service", "name": "Web shop", "criticality": "high", "tag": ["shop", "public"],
             "dependsOn": ["app-group", {"to": "mailer", "strength": "soft", "validTo": "2026-12-31"}]},
            {"id": "app-group", "type": "RedundancyGroup", "minimum": 1, "hasMember": ["app-1", "app-2"]},
            {"id": "app-1", "type": "Application", "version": "1.10"},
            {"id": "app-2", "type": "Application", "version": "1.10"},
            {"id": "mailer", "type": "Application", "name": "Mailer", "description": None},
        ]
    }  # fmt: skip
    verdict = imported(store, write("estate.json", json.dumps(as_json)), source="estate.yaml")
    assert verdict.revision == 1
    assert content(store) == before


def test_numbers_can_be_ids(store: Store, write: Write) -> None:
    imported(
        store,
        write("a.json", '{"entities": [{"id": 1, "type": "Server", "hostedOn": [2]}, {"id": 2, "type": "Server"}]}'),
    )
    imported(
        store, write("a.yaml", "entities: [{id: 1, type: Server, hostedOn: 2}, {id: 2, type: Server}]"), source="a.json"
    )
    assert store.revision().number == 1
    assert [one.id for one in store.entities()] == ["1", "2"]


def test_every_slip_is_a_fault_with_line_field_and_rule(store: Store, write: Write) -> None:
    faulty = write(
        "faulty.yaml",
        """\
entitys: []
entities:
  - id: a
    type: Sevrer
  - id: b
    type: Server
    depends_on: a
    nmae: B
  - type: Server
  - id: ""
    type: Server
  - {id: c}
  - just text
  - id: d
    type: RedundancyGroup
    minimum: two
    hasMember:
      - e
      - {strength: soft}
  - {id: e, type: Server, hostedOn: {to: b, strength: firm}}
  - {id: e, type: Server}
  - {id: f, type: Server, hostedOn: {to: b, name: link}}
  - {id: " g", type: Server}
""",
    )
    faults = refused(store, faulty)
    assert [(one.rule, one.origin.line, one.subject, one.field) for one in faults] == [
        ("unknown-key", 1, "", "entitys"),
        ("unknown-type", 3, "a", "type"),
        ("unknown-property", 7, "b", "depends_on"),
        ("unknown-property", 8, "b", "nmae"),
        ("missing-id", 9, "", "id"),
        ("missing-id", 10, "", "id"),
        ("missing-type", 12, "c", "type"),
        ("wrong-form", 13, "", ""),
        ("wrong-value", 16, "d", "minimum"),
        ("wrong-form", 19, "d", "hasMember"),
        ("wrong-value", 20, "e", "strength"),
        ("duplicate-id", 21, "e", "id"),
        ("unexpected-property", 22, "f", "hostedOn"),
        ("bad-id", 23, " g", "id"),
    ]
    by_field = {one.field: one.message for one in faults}
    assert "Did you mean entities?" in by_field["entitys"]
    assert "Did you mean dependsOn" in by_field["depends_on"]
    assert "Did you mean name?" in by_field["nmae"]
    assert "Server" in next(one.message for one in faults if one.rule == "unknown-type")
    assert "line 20" in next(one.message for one in faults if one.rule == "duplicate-id")


def test_an_id_stated_in_two_files_of_one_import_is_stated_twice(store: Store, write: Write) -> None:
    one, other = (
        write("a.yaml", "entities: [{id: x, type: Server}]"),
        write("b.yaml", "entities: [{id: x, type: Server}]"),
    )
    (fault,) = refused(store, one, other)
    assert (fault.rule, fault.origin.file) == ("duplicate-id", str(other))
    assert str(one) in fault.message


def test_a_faulty_file_does_not_hide_the_faults_of_the_next(store: Store, write: Write) -> None:
    broken, faulty = write("a.yaml", "entities: [}"), write("b.yaml", "entities: [{id: x, type: Srver}]")
    assert rules(refused(store, broken, faulty, format="exchange")) == [("not-yaml", 1), ("unknown-type", 1)]


@pytest.mark.parametrize("value", ["5.5", "true", "{}", "{type: b}", "[[b]]"])
def test_a_relation_leads_to_ids_only(value: str, store: Store, write: Write) -> None:
    as_json = json.dumps({"entities": [{"id": "a", "type": "Server", "hostedOn": {"5.5": 5.5, "true": True, "{}": {},
                          "{type: b}": {"type": "b"}, "[[b]]": [["b"]]}[value]}]})  # fmt: skip
    faults = refused(store, write("a.json", as_json))
    assert faults[0].rule in ("wrong-form", "dangling-relation")


def test_a_relation_is_stated_once_or_twice_alike(store: Store, write: Write) -> None:
    twice = "entities:\n- {id: a, type: Application, dependsOn: [b, %s]}\n- {id: b, type: Server}\n"
    (fault,) = refused(store, write("a.yaml", twice % "{to: b, strength: soft}"))
    assert (fault.rule, fault.subject, fault.field) == ("conflicting-values", "a", "dependsOn")
    assert imported(store, write("a.yaml", twice % "b")).created.relations == 1


def test_half_a_surrogate_pair_is_no_text(store: Store, write: Write) -> None:
    file = write(
        "a.json",
        '{"entities": [{"id": "a", "type": "Server", "name": "\\ud83d"}, {"id": "\\ud83d", "type": "Server"}]}',
    )
    assert rules(refused(store, file)) == [("wrong-value", 1), ("bad-id", 1)]


def test_the_first_thousand_faults_are_kept_and_all_are_counted(store: Store, write: Write) -> None:
    file = write("many.yaml", "entities:\n" + "".join(f"- {{id: s{n}, type: Srver}}\n" for n in range(1500)))
    from graphsms.errors import RejectedError
    from graphsms.ingest import ingest

    with pytest.raises(RejectedError, match="1,500 faults") as raised:
        ingest(store, [file])
    assert len(raised.value.faults) == 1000


LISTS = """\
{"entities": [
  {"id": "web", "type": "Service", "dependsOn": ["db", "db", "cache"]},
  {"id": "db", "type": "Server", "dependsOn": []},
  {"id": "cache", "type": "Server", "dependsOn": ["db", {"to": "web", "strength": "soft"}, 7, ""], "hostedOn": "db"}
]}
"""


def test_relations_that_are_given_together_are_those_that_are_given_one_by_one(write: Write) -> None:
    reader, told = ExchangeReader(), [list[Fault](), list[Fault]()]
    path = write("estate.json", LISTS)
    one_by_one = [*reader.read([path], load(), told[0].append, told[0].append)]
    together = [*reader.bundled([path], load(), told[1].append, told[1].append)]
    assert any(isinstance(one, RawRelations) for one in together)
    apart = [each for one in together for each in (one.apart() if isinstance(one, RawRelations) else [one])]
    assert apart == one_by_one
    assert told[0] == told[1]


def test_what_a_list_names_twice_is_one_relation_and_what_its_entity_says_wrongly_is_a_fault_of_each(
    store: Store, write: Write
) -> None:
    file = write("a.json", '{"entities": [{"id": "web", "type": "Service", "dependsOn": ["db", "db"]},'
                           ' {"id": "db", "type": "Server"}]}')  # fmt: skip
    verdict = imported(store, file)
    assert (verdict.created.entities, verdict.created.relations, verdict.files[0].relations) == (2, 1, 2)
    file = write("b.json", '{"entities": [{"id": " x", "type": "Server", "dependsOn": ["db", " y", "web"]}]}')
    assert rules(refused(store, file)) == [("bad-id", 1)] * 5
