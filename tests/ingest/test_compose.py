"""Docker Compose: what services wait for, files merged as Compose merges them, variables and replicas."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphsms.ingest import ImportVerdict
from graphsms.ingest.interpolation import MissingVariableError, env_file, interpolated
from graphsms.store import Store, open_store
from imported import Write, edges, imported, refused, rules


def needs(store: Store) -> dict[tuple[str, str], str]:
    """Strength of each need, by the names of the two services."""
    return {
        (one.subject.rpartition("/")[2], one.object.rpartition("/")[2]): str(one.properties.get("strength", "hard"))
        for one in store.relations(type="dependsOn")
    }


PROJECT = """\
name: shop
x-logging: &logging {driver: json-file}
services:
  web:
    image: web:${TAG:-1}
    logging: *logging
    depends_on: [api, cache]
  api:
    image: api
    depends_on:
      db: {condition: service_healthy}
      migrate: {condition: service_completed_successfully}
      mail: {condition: service_started, required: false}
  cache: {image: redis}
  db: {image: postgres}
  migrate: {image: api}
  mail: {image: mail}
"""


def test_services_become_workloads_and_what_they_wait_for_they_need(store: Store, write: Write) -> None:
    verdict = imported(store, write("compose.yaml", PROJECT))
    assert verdict.format == "compose"
    assert {one.id: one.type for one in store.entities()} == {
        f"compose:shop/{name}": "ContainerWorkload" for name in ("web", "api", "cache", "db", "migrate", "mail")
    }
    assert needs(store) == {
        ("web", "api"): "hard",
        ("web", "cache"): "hard",
        ("api", "db"): "hard",
        ("api", "migrate"): "soft",
        ("api", "mail"): "soft",
    }
    web = store.entity("compose:shop/web")
    assert web is not None
    assert (web.properties["name"], web.properties["sourceKey"]) == ("web", "web")
    assert str(web.properties["link"]).endswith("compose.yaml#L4")


def test_other_fields_that_lead_to_a_service_are_needs_too(store: Store, write: Write) -> None:
    imported(
        store,
        write(
            "compose.yaml",
            """\
services:
  web:
    image: web
    links: ["db:database", cache]
    volumes_from: [files:ro, "container:elsewhere"]
    network_mode: service:vpn
    ipc: host
    depends_on: {db: {condition: service_started, required: false}}
  db: {image: db}
  cache: {image: cache}
  files: {image: files}
  vpn: {image: vpn, pid: "service:web"}
""",
        ),
    )
    assert needs(store) == {
        ("web", "db"): "hard",
        ("web", "cache"): "hard",
        ("web", "files"): "hard",
        ("web", "vpn"): "hard",
        ("vpn", "web"): "hard",
    }


def test_later_files_add_to_and_override_earlier_ones(store: Store, write: Write) -> None:
    base = write("shop/compose.yaml", PROJECT)
    more = write(
        "shop/compose.more.yaml",
        """\
services:
  web:
    depends_on: {cache: {condition: service_started, required: false}, search: {condition: service_healthy}}
  api:
    depends_on: !override [db]
  search: {image: search}
  mail: !reset null
""",
    )
    imported(store, more, base)  # the file of the default name goes first, whatever the order
    assert needs(store) == {
        ("web", "api"): "hard",
        ("web", "cache"): "soft",
        ("web", "search"): "hard",
        ("api", "db"): "hard",
    }
    assert store.entity("compose:shop/mail") is None


def test_without_a_name_the_project_is_called_after_its_folder(store: Store, write: Write) -> None:
    imported(store, write("My Shop/docker-compose.yml", "services: {web: {image: web}}\n"), format="compose")
    assert [one.id for one in store.entities()] == ["compose:myshop/web"]


def test_folders_are_projects_of_their_own(store: Store, write: Write) -> None:
    one = write("all/a/compose.yaml", "services: {web: {image: web, depends_on: [db]}, db: {image: db}}\n")
    write("all/b/compose.yaml", "services: {web: {image: web}}\n")
    imported(store, one.parent.parent)
    assert [each.id for each in store.entities()] == ["compose:a/db", "compose:a/web", "compose:b/web"]


def test_variables_come_from_the_env_file_beside_and_not_from_who_imports(
    store: Store, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE", "mysql")
    write("shop/.env", "COMPOSE_PROJECT_NAME=corner-shop\nDATABASE=postgres\n")
    verdict = imported(
        store,
        write(
            "shop/compose.yaml",
            "services:\n  web: {image: web, depends_on: ['${DATABASE}', '${CACHE:-redis}']}\n"
            "  postgres: {image: '${UNSET_IMAGE}'}\n  redis: {image: redis, scale: $UNSET}\n",
        ),
    )
    assert needs(store) == {("web", "postgres"): "hard", ("web", "redis"): "hard"}
    assert store.entity("compose:corner-shop/web") is not None
    assert [(one.rule, one.field, one.origin.line) for one in verdict.warnings] == [("unset-variable", "UNSET", 4)]


def test_a_required_variable_without_a_value_is_a_fault(store: Store, write: Write) -> None:
    file = write("compose.yaml", "services:\n  web:\n    image: web\n    depends_on: ['${DB:?say which}']\n")
    (fault,) = refused(store, file)
    assert (fault.rule, fault.origin.line) == ("missing-variable", 4)
    assert "say which" in fault.message


@pytest.mark.parametrize(
    ("template", "meant"),
    [
        ("plain", "plain"),
        ("$A-$A_", "a-"),
        ("${A}${EMPTY}${NONE}", "a"),
        ("${NONE:-x}${EMPTY:-x}${A:-x}", "xxa"),
        ("${NONE-x}${EMPTY-x}${A-x}", "xa"),
        ("${NONE:+x}${EMPTY:+x}${A:+x}", "x"),
        ("${NONE+x}${EMPTY+x}${A+x}", "xx"),
        ("${NONE:-${EMPTY:-${A}}}", "a"),
        ("${NONE:-a}b}", "ab}"),
        ("$$A $${A} 100$", "$A ${A} 100$"),
        ("${A/x/y}", "${A/x/y}"),
        ("${A:?wanted}${EMPTY?wanted}", "a"),
        ("${A:-${NONE:?not asked for}}", "a"),
    ],
)
def test_variables_are_put_in_as_compose_does(template: str, meant: str) -> None:
    assert interpolated(template, {"A": "a", "EMPTY": ""}, set()) == meant


@pytest.mark.parametrize("template", ["${NONE:?}", "${NONE?wanted}", "${EMPTY:?wanted}", "${NONE:-${NONE:?wanted}}"])
def test_what_is_required_must_be_there(template: str) -> None:
    with pytest.raises(MissingVariableError):
        interpolated(template, {"EMPTY": ""}, set())


def test_only_variables_that_count_are_told_as_unset() -> None:
    unset: set[str] = set()
    interpolated("${A:-$B} ${C:-$D} $E ${F+$G}", {"A": "a"}, unset)
    assert unset == {"D", "E"}


def test_an_env_file_may_quote_comment_and_refer_back() -> None:
    text = """
# a comment
A=1
export B = two words # a comment
C='$A # kept'
D="x\\ty ${A}" # a comment
E=${A}${B}#kept
F=
not a line
G="unclosed
"""
    assert env_file(text) == {
        "A": "1",
        "B": "two words",
        "C": "$A # kept",
        "D": "x\ty 1",
        "E": "1two words#kept",
        "F": "",
        "G": "unclosed",
    }


def test_replicas_are_a_group_of_which_one_is_taken_to_be_enough(store: Store, write: Write) -> None:
    imported(
        store,
        write(
            "shop/compose.yaml",
            "services:\n  web: {image: web, deploy: {replicas: '${N:-2}'}}\n  api: {image: api, scale: 1}\n",
        ),
    )
    group = store.entity("compose:shop/web#replicas")
    assert group is not None
    assert (group.type, group.properties["minimum"], group.properties["inferred"]) == ("RedundancyGroup", 1, True)
    assert edges(store, "dependsOn") == {("compose:shop/web", "compose:shop/web#replicas")}
    assert edges(store, "hasMember") == {(group.id, "compose:shop/web#1"), (group.id, "compose:shop/web#2")}


@pytest.mark.parametrize("replicas", ["many", "-2", "100000"])
def test_replicas_that_are_no_number_in_reason_are_a_fault(replicas: str, store: Store, write: Write) -> None:
    file = write("compose.yaml", f"services:\n  web:\n    image: web\n    deploy:\n      replicas: {replicas}\n")
    assert rules(refused(store, file)) == [("wrong-value", 5)]


def test_a_service_extends_another_of_its_file_and_what_is_elsewhere_is_told(store: Store, write: Write) -> None:
    verdict = imported(
        store,
        write(
            "compose.yaml",
            """\
include: [other.yaml]
services:
  base: {image: base, depends_on: [db]}
  web:
    extends: {service: base}
    depends_on: [cache]
  far:
    extends: {file: common.yaml, service: base}
    image: far
  db: {image: db}
  cache: {image: cache}
""",
        ),
    )
    assert needs(store) == {("base", "db"): "hard", ("web", "db"): "hard", ("web", "cache"): "hard"}
    assert [(one.rule, one.field, one.origin.line) for one in verdict.warnings] == [
        ("not-followed", "include", 1),
        ("not-followed", "extends", 8),
    ]


def test_a_service_that_extends_itself_is_refused_as_compose_does(store: Store, write: Write) -> None:
    file = write("compose.yaml", "services: {a: {image: a, extends: b}, b: {image: b, extends: a}}\n")
    assert {one.rule for one in refused(store, file)} == {"extends-itself"}
    one = write("x/compose.yaml", "services: {a: {extends: {file: ../y/base.yaml, service: a}}}\n")
    write("y/base.yaml", "services: {a: {extends: {file: ../x/compose.yaml, service: a}}}\n")
    assert {fault.rule for fault in refused(store, one)} == {"extends-itself"}


def ids(store: Store) -> list[str]:
    return [one.id for one in store.entities()]


def told(verdict: ImportVerdict) -> list[tuple[str, str, int | None]]:
    return [(one.rule, Path(one.origin.file).name, one.origin.line) for one in verdict.warnings]


def test_a_service_extends_one_of_another_file_relative_to_its_own(store: Store, write: Write) -> None:
    verdict = imported(
        store,
        write(
            "shop/compose.yaml",
            "services:\n"
            "  web:\n    extends: {file: common/base.yaml, service: app}\n    depends_on: [cache]\n"
            "  cache: {image: redis}\n  db: {image: db}\n",
        ),
        write(
            "shop/common/base.yaml",
            "services:\n  app: {extends: {file: ../logging.yaml, service: logged}, depends_on: [db], scale: 2}\n",
        ),
        write("shop/logging.yaml", "services: {logged: {image: log, depends_on: {db: {required: false}}}}\n"),
        format="compose",
    )
    assert needs(store) == {("web", "db"): "hard", ("web", "cache"): "hard", ("web", "web#replicas"): "hard"}
    assert {id for id in ids(store) if "#" not in id} == {f"compose:shop/{name}" for name in ("cache", "db", "web")}
    assert told(verdict) == [("read-as-base", "base.yaml", None), ("read-as-base", "logging.yaml", None)]


def test_files_that_are_extended_or_included_are_found_without_being_named(store: Store, write: Write) -> None:
    write("shop/base.yaml", "services: {app: {image: app, depends_on: [db]}}\n")
    write("data/compose.yaml", "services: {db: {image: db, depends_on: [disk]}, disk: {image: disk}}\n")
    verdict = imported(
        store,
        write(
            "shop/compose.yaml",
            "include: [../data/compose.yaml]\nservices: {web: {extends: {file: base.yaml, service: app}}}\n",
        ),
    )
    assert needs(store) == {("web", "db"): "hard", ("db", "disk"): "hard"}
    assert {one.rpartition("/")[0] for one in ids(store)} == {"compose:shop"}
    assert (verdict.placeholders, verdict.warning_count) == ((), 0)
    assert {Path(one.file).parent.name + "/" + Path(one.file).name: one.entities for one in verdict.files} == {
        "shop/compose.yaml": 1,
        "data/compose.yaml": 2,
        "shop/base.yaml": 0,
    }


def test_what_is_included_is_no_project_of_its_own_where_both_are_read(store: Store, write: Write) -> None:
    write("all/data/compose.yaml", "include: [disk.yaml]\nservices: {db: {image: db, depends_on: [disk]}}\n")
    write("all/data/disk.yaml", "services: {disk: {image: disk}}\n")
    file = write("all/compose.yaml", "include:\n  - path: data/compose.yaml\nservices: {web: {image: w}}\n")
    imported(store, file.parent)
    assert ids(store) == ["compose:all/db", "compose:all/disk", "compose:all/web"]


def test_an_included_model_has_variables_of_its_own_below_those_of_the_project(store: Store, write: Write) -> None:
    write("shop/.env", "DB=mysql\n")
    write("data/.env", "DB=postgres\nCACHE=redis\nN=2\n")
    write("data/prod.env", "CACHE=valkey\n")
    text = "services: {api: {image: a, depends_on: ['$DB', '$CACHE'], scale: '${N:-1}'}}\n"
    write("data/compose.yaml", text)
    plain = write("shop/compose.yaml", "include: [../data/compose.yaml]\n")
    imported(store, plain)
    assert {object for subject, object in needs(store) if subject == "api"} == {"mysql", "redis", "api#replicas"}
    imported(
        store,
        write("mall/compose.yaml", "include: [{path: ../data/compose.yaml, env_file: ../data/prod.env}]\n"),
    )
    assert {one.object for one in store.relations(subjects=["compose:mall/api"])} == {"compose:mall/valkey"}


def test_several_files_are_included_as_one_model_and_the_project_itself_holds(store: Store, write: Write) -> None:
    write("data/a.yaml", "services: {db: {image: db, depends_on: [disk]}, disk: {image: disk}}\n")
    write("data/b.yaml", "services: {db: {depends_on: {disk: {condition: service_started, required: false}}}}\n")
    verdict = imported(
        store,
        write(
            "shop/compose.yaml",
            "include: [{path: [../data/a.yaml, ../data/b.yaml]}]\nservices: {disk: {image: x, depends_on: [web]}}\n",
        ),
    )
    assert needs(store) == {("db", "disk"): "soft", ("disk", "web"): "hard"}
    assert ("stated-twice", "a.yaml", 1) in told(verdict)


def test_files_that_include_each_other_are_refused(store: Store, write: Write) -> None:
    one = write("shop/compose.yaml", "include: [b.yaml]\nservices: {a: {image: a}}\n")
    write("shop/b.yaml", "include: [compose.yaml]\nservices: {b: {image: b}}\n")
    for named in (one, one.parent):
        assert {fault.rule for fault in refused(store, named)} == {"includes-itself"}


def test_a_file_that_is_included_by_two_others_is_read_once(store: Store, write: Write) -> None:
    for number in range(12):
        write(f"shop/l{number}.yaml", f"include: [l{number + 1}.yaml, m{number + 1}.yaml]\nservices: {{}}\n")
        write(f"shop/m{number}.yaml", f"include: [l{number + 1}.yaml, m{number + 1}.yaml]\nservices: {{}}\n")
    write("shop/l12.yaml", "services: {l: {image: l}}\n")
    write("shop/m12.yaml", "services: {m: {image: m}}\n")
    verdict = imported(store, write("shop/compose.yaml", "include: [l0.yaml, m0.yaml]\nservices: {}\n"))
    assert (ids(store), verdict.warning_count) == (["compose:shop/l", "compose:shop/m"], 0)


def test_files_are_included_to_a_bounded_depth(store: Store, write: Write) -> None:
    for number in range(30):
        write(f"shop/f{number}.yaml", f"include: [f{number + 1}.yaml]\nservices: {{s{number}: {{image: s}}}}\n")
    write("shop/f30.yaml", "services: {s30: {image: s}}\n")
    file = write("shop/compose.yaml", "include: [f0.yaml]\nservices: {}\n")
    assert rules(refused(store, file)) == [("too-deep", 1)]


@pytest.mark.parametrize(
    "named",
    ["https://example.com/c.yaml", "oci://example.com/c:1", "git@example.com:c.git", "nowhere.yaml", ".", "c.db", "[]"],
)
def test_what_lies_elsewhere_is_never_read_and_listed(named: str, store: Store, write: Write) -> None:
    text = f"include: ['{named}']\nservices: {{web: {{image: w, extends: {{file: '{named}', service: a}}}}}}\n"
    verdict = imported(store, write("shop/compose.yaml", text))
    assert ids(store) == ["compose:shop/web"]
    assert told(verdict) == [("not-followed", "compose.yaml", 1), ("not-followed", "compose.yaml", 2)]


def test_the_store_itself_is_not_read_as_a_part(tmp_path: Path, write: Write) -> None:
    with open_store(str(tmp_path / "estate.yaml")) as store:
        file = write("shop/compose.yaml", "include: [../../estate.yaml]\nservices: {web: {image: w}}\n")
        verdict = imported(store, file)
        assert [one.rule for one in verdict.warnings] == ["not-followed"]
        assert ids(store) == ["compose:shop/web"]


def test_an_override_beside_its_base_is_merged_after_it_whatever_it_is_called(store: Store, write: Write) -> None:
    base = write("shop/docker-compose.yml", "services: {web: {image: web, depends_on: [db]}, db: {image: db}}\n")
    more = write("shop/production.yaml", "services:\n  web:\n    depends_on: [cache]\n")
    last = write("shop/zone-a.yml", "services:\n  db:\n    deploy: {replicas: 2}\n")
    first = write("shop/docker-compose.override.yml", "services:\n  web:\n    depends_on: !override [mail]\n")
    verdict = imported(store, last, more, first, base)
    assert needs(store) == {("web", "mail"): "hard", ("web", "cache"): "hard", ("db", "db#replicas"): "hard"}
    assert [one for one in told(verdict) if one[0] != "placeholder"] == []


def test_where_nothing_but_how_files_were_given_decides_it_is_said(store: Store, write: Write) -> None:
    write("shop/compose.yaml", "services: {web: {image: web, scale: 1}, db: {image: db}}\n")
    write("shop/compose.dev.yaml", "services:\n  web: {depends_on: {db: {required: false}}, scale: 2}\n")
    file = write("shop/compose.prod.yaml", "services:\n  web: {depends_on: [db], scale: 3}\n")
    write("shop/docker-compose.yaml", "services: {old: {image: old}}\n")
    verdict = imported(store, file.parent)
    assert told(verdict) == [
        ("order-decides", "compose.prod.yaml", 2),
        ("order-decides", "compose.prod.yaml", 2),
        ("several-bases", "docker-compose.yaml", None),
    ]
    assert needs(store)["web", "db"] == "hard"


def test_a_service_that_no_file_has_becomes_a_placeholder(store: Store, write: Write) -> None:
    verdict = imported(store, write("shop/compose.yaml", "services: {web: {image: web, depends_on: [db]}}\n"))
    assert verdict.placeholders == ("compose:shop/db",)


def test_an_unknown_condition_is_taken_for_the_first_with_a_warning(store: Store, write: Write) -> None:
    text = "services:\n  web:\n    image: web\n    depends_on: {db: {condition: service_ready}}\n  db: {image: db}\n"
    verdict = imported(store, write("compose.yaml", text))
    assert [(one.rule, one.origin.line) for one in verdict.warnings] == [("unknown-condition", 4)]
    assert needs(store) == {("web", "db"): "hard"}


@pytest.mark.parametrize("services", ["[web]", "{web: [image]}", "text"])
def test_services_that_are_none_are_a_fault(services: str, store: Store, write: Write) -> None:
    assert rules(refused(store, write("compose.yaml", f"services: {services}\n"))) == [("wrong-form", 1)]


def test_the_public_demo_of_opentelemetry_gives_its_dependencies(store: Store, shared_data: Path) -> None:
    folder = shared_data / "otel-demo"
    verdict = imported(store, folder / "compose.yaml")
    assert (verdict.created.entities, verdict.created.relations, verdict.warning_count) == (20, 46, 0)
    both = imported(store, *(folder / f"compose.{part}yaml" for part in ("", "full.", "observability.")))
    assert (both.created.entities, both.created.relations, both.warning_count) == (8, 12, 0)
    found = needs(store)
    assert set(found.values()) == {"hard"}
    assert {object for subject, object in found if subject == "cart"} == {
        "valkey-cart",
        "otel-collector",
        "flagd",
        "opamp-server",
    }
    assert {object for subject, object in found if subject == "otel-collector"} == {
        "jaeger",
        "opensearch",
        "opamp-server",
    }
    assert ("checkout", "kafka") in found
