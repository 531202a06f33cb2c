"""A plan is what is then done, and what several sources say comes to the same in any order: properties."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.errors import ConflictError, InputError, UnavailableError
from graphsms.export import export
from graphsms.graph import Graph
from graphsms.history.verification import verify_journal
from graphsms.ingest import ImportPlan, PlannedChange, ingest
from graphsms.ingest.drafted import OverruledOf
from graphsms.ingest.hand import apply_by_hand
from graphsms.ingest.plan_files import load_plan, save_plan
from graphsms.ingest.rejects import Rejected
from graphsms.ingest.sources import Overruled, Precedence, Standing, settled
from graphsms.ingest.tabular.cells import SheetOrigin
from graphsms.model import ChangeSet, Entity, Fault, Origin, Relation, Statement
from graphsms.ontology import load
from graphsms.store import Store, open_store
from imported import Write, content, estate, imported

Estate: TypeAlias = list[dict[str, Any]]

SETTINGS = settings(max_examples=25, deadline=None)
IDS = ("a", "b", "c", "d")
# Each agrees with every other: they stand below each other.
TYPES = ("Entity", "Asset", "ConfigurationItem", "Server")


@st.composite
def estates(draw: st.DrawFn, ids: tuple[str, ...] = IDS) -> Estate:
    """What a file may state of a few servers."""
    found = []
    for id in sorted(draw(st.sets(st.sampled_from(ids)))):
        one: dict[str, Any] = {"id": id, "type": "Server"}
        one |= draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "name": st.sampled_from(["x", "y", "Zürich"]),
                    "description": st.sampled_from(["x", "y"]),
                    "tag": st.lists(st.sampled_from(["p", "q", "r"]), min_size=1, max_size=2, unique=True),
                },
            )
        )
        found.append(one)
    for one in found:
        others = [other["id"] for other in found if other is not one]
        relations = st.fixed_dictionaries(
            {"to": st.sampled_from(others)}, optional={"strength": st.sampled_from(["soft", "hard"])}
        )
        if others:
            one["dependsOn"] = draw(st.lists(relations, max_size=1))
    return found


@contextmanager
def stores(number: int) -> Iterator[list[Graph]]:
    with TemporaryDirectory() as folder:
        graphs = [Graph(open_store(f"{folder}/{one}.db")) for one in range(number)]
        try:
            yield graphs
        finally:
            for graph in graphs:
                graph.close()


@contextmanager
def written(stated: Estate) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "estate.json"
        path.write_text(json.dumps({"entities": stated}))
        yield path


def say(graph: Graph, source: str, stated: Estate, **options: Any) -> int:
    with written(stated) as path:
        return graph.ingest(path, source=source, **options).revision


def whole(store: Store) -> tuple[list[Entity], list[Relation]]:
    """Everything, sources and all; the order in which sources first spoke apart."""
    return list(store.entities()), list(store.relations())


def merged(store: Store) -> tuple[list[Any], list[Any]]:
    """Everything but which source leads where two have the same precedence."""
    return content(store)


@SETTINGS
@given(st.lists(st.tuples(st.sampled_from(["cmdb", "scan", "list"]), estates()), max_size=4), st.booleans())
def test_an_import_is_idempotent_whatever_others_say(history: list[tuple[str, Estate]], prune: bool) -> None:
    with stores(1) as (graph,):
        for source, stated in history:
            made = say(graph, source, stated, prune=prune, allow_removals="100%")
            before = whole(graph.store)
            assert say(graph, source, stated, prune=prune, allow_removals="100%") == made
            assert whole(graph.store) == before


@SETTINGS
@given(estates(("a", "b")), estates(("c", "d")))
def test_imports_that_do_not_overlap_come_to_the_same_in_either_order(one: Estate, other: Estate) -> None:
    with stores(2) as (this, that):
        say(this, "cmdb", one)
        say(this, "scan", other)
        say(that, "scan", other)
        say(that, "cmdb", one)
        assert whole(this.store) == whole(that.store)


@SETTINGS
@given(st.permutations([("cmdb", 1), ("scan", 2), ("list", 3)]), st.data())
def test_imports_come_to_the_same_in_any_order_where_precedence_differs(
    order: list[tuple[str, int]], data: st.DataObject
) -> None:
    says = {source: data.draw(estates()) for source, _ in order}
    with stores(2) as (this, that):
        for graph, sources in ((this, order), (that, sorted(order))):
            standings = [{"id": source, "type": "InformationSource", "precedence": number} for source, number in order]
            say(graph, "register", standings)
            for source, _ in sources:
                say(graph, source, says[source])
        assert whole(this.store) == whole(that.store)


@SETTINGS
@given(st.permutations(["cmdb", "scan", "list"]), st.permutations(["cmdb", "scan", "list"]), st.data())
def test_it_does_not_matter_when_the_precedence_is_said(
    imports: list[str], preferred: list[str], data: st.DataObject
) -> None:
    says = {source: data.draw(estates()) for source in imports}
    when = data.draw(st.integers(0, 3))
    with stores(2) as (this, that):
        for graph, moment in ((this, 0), (that, when)):
            for number, source in enumerate([*imports, ""]):
                if number == moment:
                    graph.sources.prefer(*preferred)
                if source:
                    say(graph, source, says[source])
        assert merged(this.store) == merged(that.store)


@SETTINGS
@given(estates(), estates(), estates())
def test_what_a_source_said_is_gone_without_trace_when_it_says_nothing_any_more(
    one: Estate, other: Estate, later: Estate
) -> None:
    with stores(2) as (this, that):
        say(this, "scan", one)
        say(this, "cmdb", other)
        say(this, "scan", later)
        say(this, "scan", [], prune=True, allow_removals="100%")
        say(that, "cmdb", other)
        assert whole(this.store) == whole(that.store)


@SETTINGS
@given(
    st.lists(st.tuples(st.sampled_from(["cmdb", "scan"]), estates()), max_size=3),
    st.sampled_from(["cmdb", "scan", "list"]),
    estates(),
    st.booleans(),
)
def test_what_is_applied_is_just_what_the_plan_said(
    history: list[tuple[str, Estate]], source: str, stated: Estate, prune: bool
) -> None:
    with stores(1) as (graph,), written(stated) as path, TemporaryDirectory() as folder:
        for earlier, said in history:
            say(graph, earlier, said)
        before = graph.revision.number
        plan = graph.plan(path, source=source, prune=prune, allow_removals="100%")
        assert graph.revision.number == before
        save_plan(plan, Path(folder) / "import.plan")
        kept = load_plan(Path(folder) / "import.plan", graph.vocabulary)
        assert kept.changes == plan.changes
        verdict = graph.apply_plan(kept)
        assert verdict.revision == graph.revision.number == before + bool(plan.changes)
        done = [PlannedChange(one.before, one.after) for one in graph.store.touched(before)]
        assert sorted(done, key=by_key) == sorted(plan.changes, key=by_key)
        assert (verdict.created, verdict.changed, verdict.removed) == tuple(
            plan.counts(action) for action in ("create", "change", "remove")
        )
        assert graph.ingest(path, source=source, prune=prune, allow_removals="100%").revision == verdict.revision
        assert verify_journal(graph.store).intact


def by_key(change: PlannedChange) -> tuple[str, ...]:
    thing = change.thing
    return (thing.id,) if isinstance(thing, Entity) else thing.key


@SETTINGS
@given(st.lists(st.tuples(st.sampled_from(["cmdb", "scan"]), estates()), max_size=3), estates())
def test_what_is_entered_by_hand_stands_as_it_is_and_survives_every_import(
    history: list[tuple[str, Estate]], by_hand: Estate
) -> None:
    with stores(1) as (graph,):
        for source, stated in history:
            say(graph, source, stated)
        entities = [
            Entity(
                one["id"], "Server", {k: tuple(sorted(v)) if k == "tag" else v for k, v in one.items() if k in NAMES}
            )
            for one in by_hand
        ]
        apply_by_hand(graph.store, ChangeSet(entities))
        for entity in entities:
            assert graph.entity(entity.id).properties == entity.properties
        new = {one.id: dict(graph.entity(one.id).stated.get("", Statement("")).properties) for one in entities}
        for source, stated in history:
            say(graph, source, stated)
        for id, properties in new.items():
            now = graph.entity(id).properties
            assert all(set(now[k]) >= set(v) if isinstance(v, tuple) else now[k] == v for k, v in properties.items())  # type: ignore[arg-type]


@SETTINGS
@given(st.lists(st.tuples(st.sampled_from(["cmdb", "scan"]), estates()), max_size=3), estates())
def test_what_a_person_added_is_all_that_stays_when_no_source_says_anything(
    history: list[tuple[str, Estate]], by_hand: Estate
) -> None:
    with stores(1) as (graph,):
        for source, stated in history:
            say(graph, source, stated)
        apply_by_hand(
            graph.store,
            ChangeSet([Entity(one["id"], "Server", {k: _value(one[k]) for k in NAMES if k in one}) for one in by_hand]),
        )
        hand = {
            one.id: (one.stated[""] if one.stated else Statement("", one.properties)).properties
            for one in graph.entities()
            if "" in one.stated or (not one.stated and one.source is None)
        }
        for source, _ in history:
            say(graph, source, [], prune=True, allow_removals="100%")
        assert {one.id: one.properties for one in graph.entities()} == hand
        assert all(one.source is None and not one.stated for one in graph.entities())
        assert list(graph.store.relations()) == []


@SETTINGS
@given(estates(), st.sets(st.sampled_from(IDS)))
def test_what_is_left_out_is_as_if_it_had_never_been_stated(stated: Estate, wrong: set[str]) -> None:
    right = [
        {k: [end for end in v if end["to"] not in wrong] if k == "dependsOn" else v for k, v in one.items()}
        for one in stated
        if one["id"] not in wrong
    ]
    damaged = [{**one, "type": "Srver"} if one["id"] in wrong else one for one in stated]
    with stores(2) as (this, that):
        say(this, "cmdb", damaged, skip_invalid=True)
        say(that, "cmdb", right)
        assert whole(this.store) == whole(that.store)


NAMES = ("name", "description", "tag")


def _value(raw: Any) -> Any:
    return tuple(sorted(raw)) if isinstance(raw, list) else raw


@SETTINGS
@given(estates(), estates())
def test_an_export_that_is_imported_is_exported_byte_for_byte(one: Estate, other: Estate) -> None:
    with stores(2) as (this, that), TemporaryDirectory() as folder:
        say(this, "cmdb", one)
        say(this, "scan", other)
        for format, ending in (("exchange", "yaml"), ("exchange-json", "json"), ("turtle", "ttl")):
            first, again = Path(folder) / f"first.{ending}", Path(folder) / f"again.{ending}"
            export(this.store, format, first)
            if first.read_bytes().count(b"\n") > 1 and one:
                ingest(that.store, [first], source="copy")
                export(that.store, format, again)
                assert again.read_bytes() == first.read_bytes()


@given(
    st.permutations(["", "cmdb", "scan", "list", "register"]),
    st.lists(st.tuples(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(["name", "x"]), st.text(max_size=1)))),
)
def test_what_holds_does_not_depend_on_who_spoke_first_where_precedence_differs(
    sources: list[str], statements: list[tuple[str, dict[str, str]]]
) -> None:
    standings = {"cmdb": Standing(3), "scan": Standing(2), "list": Standing(1), "register": Standing(0, True)}
    order = Precedence(standings, load())
    says = dict(zip(["", "cmdb", "scan", "list", "register"], statements, strict=False))
    said = {one: Statement(says[one][0], says[one][1]) for one in sources if one in says}
    if said:
        turned = dict(reversed(said.items()))
        this, that = (settled(Entity("e", "Entity"), every, order) for every in (said, turned))
        assert (this.type, this.properties, this.source) == (that.type, that.properties, that.source)


# ------------------------------------------------------------------------------------ files of plans


@pytest.fixture
def graph(store: Store) -> Graph:
    return Graph(store)


def a_plan(graph: Graph, write: Write) -> ImportPlan:
    imported(graph.store, write("a.yaml", estate("{id: web, type: Service, name: Web}")), source="cmdb")
    more = estate("{id: web, type: Service, name: Shop}", "{id: db, type: Database}")
    return graph.plan(write("b.yaml", more), source="cmdb", reason="why", actor="Ada", fresh_for="P7D")


def test_a_plan_says_field_by_field_what_changes_and_whose_word_it_is(graph: Graph, write: Write) -> None:
    plan = a_plan(graph, write)
    assert [(one.action, one.thing.type) for one in plan.changes] == [("create", "Database"), ("change", "Service")]
    assert list(plan.rows()) == [
        ("create", "db", None, None, "type", None, "Database", "cmdb"),
        ("change", "web", None, None, "name", "Web", "Shop", "cmdb"),
    ]
    assert list(plan.to_frame().columns) == ["action", "id", "relation", "object", "field", "before", "after", "by"]
    assert len(plan.files[0].sha256) == 64
    json.dumps(plan.to_json())


def test_a_kept_plan_is_applied_as_it_was_planned(graph: Graph, write: Write, tmp_path: Path) -> None:
    plan = a_plan(graph, write)
    save_plan(plan, tmp_path / "p.plan")
    assert load_plan(tmp_path / "p.plan", graph.vocabulary) == plan
    assert [path.name for path in tmp_path.glob("*.p*")] == ["p.plan"]
    graph.apply_plan(load_plan(tmp_path / "p.plan", graph.vocabulary), request="RFC-1")
    made = graph.revision
    assert (made.actor, made.reason, made.request, made.source) == ("Ada", "why", "RFC-1", "cmdb")
    assert [(one.name, one.fresh_for) for one in graph.store.sources()] == [("cmdb", "P7D")]


def test_a_kept_plan_says_when_applied_all_that_the_import_itself_would_have_said(
    graph: Graph, write: Write, tmp_path: Path
) -> None:
    imported(graph.store, write("a.yaml", estate("{id: web, type: Service, name: Web, tag: [a]}")), source="cmdb")
    extra = estate("{id: web, type: Service, name: Shop}", "{id: other, type: Srver}", "{id: x, type: Server, tag: 1}")
    file = write("c.yaml", extra)
    plan = graph.plan(file, source="scan", skip_invalid=True)
    assert (len(plan.rejected), len(plan.overruled)) == (1, 1)
    save_plan(plan, tmp_path / "p.plan")
    kept = load_plan(tmp_path / "p.plan", graph.vocabulary)
    assert kept == plan
    with open_store(str(tmp_path / "copy.db")) as copy:
        imported(copy, write("a.yaml", estate("{id: web, type: Service, name: Web, tag: [a]}")), source="cmdb")
        assert graph.apply_plan(kept) == ingest(copy, [file], source="scan", skip_invalid=True)


SHEET = SheetOrigin("b.xlsx", 7, "S")
NOTES = [
    {"warnings": (Fault(Origin("a.csv"), "web", "", "r", "m"), Fault(SHEET, "", "f", "r", "m", "o"))},
    {"overruled": (OverruledOf(("a", "dependsOn", "b"), Overruled("tag", ("x",), ("y", "z"), "")),)},
    {"rejected": (Rejected(SHEET, "", (Fault(Origin("b", 1), "", "", "r", "m"),), {"A": [1, "x"]}),)},
    {"merged_before": (("then", "now"),)},
]


@pytest.mark.parametrize("notes", NOTES, ids=lambda notes: next(iter(notes)))
def test_what_a_plan_says_beside_its_changes_is_kept(
    graph: Graph, write: Write, tmp_path: Path, notes: dict[str, Any]
) -> None:
    plan = replace(a_plan(graph, write), **notes)
    save_plan(plan, tmp_path / "p.plan")
    assert load_plan(tmp_path / "p.plan", graph.vocabulary) == plan


def test_a_plan_that_was_kept_before_there_were_notes_is_read(graph: Graph, write: Write, tmp_path: Path) -> None:
    plan, path = a_plan(graph, write), tmp_path / "p.plan"
    save_plan(plan, path)
    head, *rest = path.read_text("utf-8").splitlines(keepends=True)
    old = {name: value for name, value in json.loads(head).items() if name not in ("read", "merged_before")}
    text = json.dumps(old | {"graphsms plan": 1}) + "\n" + "".join(rest[:-1])
    path.write_text(text + json.dumps({"end": 2, "sha256": hashlib.sha256(text.encode()).hexdigest()}) + "\n")
    assert load_plan(path, graph.vocabulary) == replace(plan, read=())


def test_a_plan_of_another_store_or_ontology_is_refused(graph: Graph, write: Write, tmp_path: Path) -> None:
    plan = a_plan(graph, write)
    with open_store(str(tmp_path / "other.db")) as other, pytest.raises(ConflictError, match="another store"):
        Graph(other).apply_plan(plan)
    with pytest.raises(ConflictError, match="another ontology"):
        graph.apply_plan(replace(plan, ontology="0" * 64))
    assert graph.revision.number == 1


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda text: text.replace("Shop", "Ship"), "edited"),
        (lambda text: "".join(text.splitlines(keepends=True)[:-1]), "too soon"),
        (lambda text: "".join(text.splitlines(keepends=True)[:1] + text.splitlines(keepends=True)[2:]), "edited"),
        (lambda text: text[:40], "line 1 is no JSON"),
        (lambda text: "", "empty"),
        (lambda text: "[1]\n", "line 1 is none of a plan"),
        (lambda text: "[" * 100_000, "no JSON"),
        (lambda text: '{"graphsms plan": 1}\n', "too soon"),
    ],
)
def test_a_damaged_plan_is_not_applied(graph: Graph, write: Write, tmp_path: Path, damage: Any, why: str) -> None:
    path = tmp_path / "p.plan"
    save_plan(a_plan(graph, write), path)
    path.write_text(damage(path.read_text("utf-8")), "utf-8")
    with pytest.raises(InputError, match=why):
        load_plan(path, graph.vocabulary)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"type": "Srver"}, "no 'Srver'"),
        ({"properties": {"nonsense": 1}}, "nonsense"),
        ({"properties": {"validTo": "tomorrow"}}, "validTo"),
        ({"properties": {"name": {"a": 1}}}, "value that is none"),
        ({"id": "a\nb"}, "line break"),
        ({"source": 3}, "no text"),
        ({"stated": [["x"]]}, "no change"),
    ],
)
def test_a_plan_that_somebody_made_by_hand_must_still_say_what_can_be(
    graph: Graph, write: Write, tmp_path: Path, wrong: dict[str, Any], why: str
) -> None:
    path = tmp_path / "p.plan"
    save_plan(a_plan(graph, write), path)
    head, _, _, _ = path.read_text("utf-8").splitlines(keepends=True)
    after = {"id": "x", "type": "Server", "properties": {}, "source": None, **wrong}
    line = json.dumps({"before": None, "after": after}) + "\n"
    sha = hashlib.sha256((head + line).encode()).hexdigest()
    path.write_text(head + line + json.dumps({"end": 1, "sha256": sha}) + "\n")
    with pytest.raises(InputError, match=why):
        load_plan(path, graph.vocabulary)


def test_a_plan_that_cannot_be_written_leaves_nothing_behind(graph: Graph, write: Write, tmp_path: Path) -> None:
    plan = a_plan(graph, write)
    (tmp_path / "folder").mkdir()
    with pytest.raises(UnavailableError, match="cannot be written"):
        save_plan(plan, tmp_path / "folder")
    with pytest.raises(InputError, match="cannot be read"):
        load_plan(tmp_path / "nothing", graph.vocabulary)
    assert not list(tmp_path.glob(".*.part"))
