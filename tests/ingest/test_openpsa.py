"""Fault trees: what takes the top down is what the formulas say, by brute force and by SCRAM."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.analysis.impact import impact
from graphsms.errors import RejectedError
from graphsms.ingest.files import choose
from graphsms.store import Store, open_store
from imported import Write, edges, imported, refused, rules, types

SCRAM = Path("/usr/share/scram/input")  # where the package of Debian puts the models of SCRAM


needs_scram = pytest.mark.skipif(
    shutil.which("scram") is None or not SCRAM.is_dir(), reason="SCRAM and its models are not installed"
)


def model(body: str, name: str = "plant") -> str:
    return f'<?xml version="1.0"?>\n<opsa-mef name="{name}">\n{body}\n</opsa-mef>\n'


def tree(*definitions: str) -> str:
    return model('<define-fault-tree name="T">\n' + "\n".join(definitions) + "\n</define-fault-tree>")


def fault_tree(*definitions: str, name: str = "T") -> str:
    return f'<define-fault-tree name="{name}">{"".join(definitions)}</define-fault-tree>'


def gate(name: str, formula: str) -> str:
    return f'<define-gate name="{name}">{formula}</define-gate>'


def basic(*names: str) -> str:
    return "".join(f'<define-basic-event name="{name}"/>' for name in names)


def house(name: str, value: str) -> str:
    return f'<define-house-event name="{name}"><constant value="{value}"/></define-house-event>'


def events(*names: str) -> str:
    return "".join(f'<event name="{name}"/>' for name in names)


def down(store: Store, failed: Iterable[str], name: str = "plant") -> set[str]:
    """The events of a model that happen when some have."""
    seeds = [f"openpsa:{name}/{one}" for one in failed]
    answer = impact(store, seeds) if seeds else None
    hits = {one.id for one in answer.hits if one.state == "down"} if answer else set()
    return {id.partition("/")[2] for id in {*hits, *seeds}}


def cut_sets(store: Store, top: str, basics: Sequence[str], order: int, name: str = "plant") -> set[frozenset[str]]:
    """The smallest sets of basic events that take the top down, found by trying."""
    found: set[frozenset[str]] = set()
    for size in range(1, order + 1):
        for failed in map(frozenset, itertools.combinations(basics, size)):
            if not any(one <= failed for one in found) and top in down(store, failed, name):
                found.add(failed)
    return found


def test_an_or_needs_all_and_an_and_is_a_group_of_which_one_is_enough(store: Store, write: Write) -> None:
    text = tree(
        gate("top", f"<and>{events('one', 'two')}</and>"),
        gate("one", f"<or>{events('valve', 'pump')}</or>"),
        gate("two", f"<or>{events('valve-2', 'pump-2')}</or>"),
        basic("valve", "pump", "valve-2", "pump-2"),
    )
    assert imported(store, write("plant.xml", text)).warnings == ()
    top = store.entity("openpsa:plant/top")
    assert top is not None
    assert (top.type, top.properties["minimum"], top.properties["tag"]) == ("RedundancyGroup", 1, ("T",))
    assert ("openpsa:plant/one", "openpsa:plant/valve") in edges(store, "dependsOn")
    assert types(store)["openpsa:plant/one"] == "ConfigurationItem"
    assert {one.state for one in impact(store, ["openpsa:plant/pump"]).hits if one.id == top.id} == {"at risk"}
    assert down(store, ["pump", "valve-2"]) >= {"top", "one", "two"}


@pytest.mark.parametrize("failures", [1, 2, 3, 4])
def test_at_least_k_failures_of_n_leave_n_less_k_and_one_to_hold(failures: int, store: Store, write: Write) -> None:
    names = ["a", "b", "c", "d"]
    text = tree(gate("top", f'<atleast min="{failures}">{events(*names)}</atleast>'), basic(*names))
    imported(store, write("plant.xml", text))
    assert cut_sets(store, "top", names, 4) == set(map(frozenset, itertools.combinations(names, failures)))


def test_formulas_within_formulas_have_ids_of_their_own(store: Store, write: Write) -> None:
    text = tree(gate("top", f"<or><and>{events('a', 'b')}</and><and>{events('b', 'c')}</and></or>"), basic(*"abc"))
    imported(store, write("plant.xml", text))
    assert {"openpsa:plant/top#1", "openpsa:plant/top#2"} <= types(store).keys()
    assert cut_sets(store, "top", "abc", 3) == {frozenset("ab"), frozenset("bc")}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("<and>{x}<event name='on'/></and>", {"x"}),
        ("<or>{x}<event name='off'/></or>", {"x"}),
        ("<or>{x}<not><event name='on'/></not></or>", {"x"}),
        ("<atleast min='2'>{x}{y}<event name='on'/></atleast>", {"x", "y"}),
        ("<atleast min='2'>{x}{y}<event name='off'/></atleast>", {"x y"}),
        ("<and>{x}<constant value='true'/></and>", {"x"}),
        ("<or>{x}<event name='never'/></or>", {"x"}),
        ("<or>{x}<and>{y}<event name='always'/></and></or>", {"x", "y"}),
        ("<and>{x}{x}{y}</and>", {"x y"}),
        ("{x}", {"x"}),
    ],
)
def test_house_events_and_constants_are_put_in(formula: str, expected: set[str], store: Store, write: Write) -> None:
    text = tree(
        gate("top", formula.format(x=events("x"), y=events("y"))),
        gate("never", f"<and>{events('x', 'off')}</and>"),
        gate("always", f"<or>{events('x', 'on')}</or>"),
        basic("x", "y"),
        house("on", "true"),
        house("off", "false"),
    )
    verdict = imported(store, write("plant.xml", text))
    assert cut_sets(store, "top", "xy", 2) == {frozenset(one.split()) for one in expected}
    assert sorted(one.rule for one in verdict.warnings) == ["constant-gate", "constant-gate", "house-events"]


@pytest.mark.parametrize("operator", ["not", "xor", "nand", "nor", "imply", "iff", "cardinality"])
def test_what_is_true_when_something_works_is_a_fault(operator: str, store: Store, write: Write) -> None:
    text = tree(basic("a", "b"), gate("top", f"<or>{events('a')}<{operator}>{events('b')}</{operator}></or>"))
    assert rules(refused(store, write("plant.xml", text))) == [("non-coherent", 5)]


@pytest.mark.parametrize(
    ("definition", "rule"),
    [
        ("<define-gate name='top'/>", "wrong-form"),
        ("<define-gate name='top'><or/></define-gate>", "wrong-form"),
        ("<define-gate><event name='a'/></define-gate>", "missing-id"),
        ("<define-gate name='top'><or><event/></or></define-gate>", "wrong-form"),
        ("<define-gate name='top'><maybe/></define-gate>", "unknown-formula"),
        ("<define-gate name='top'><atleast min='3'><event name='a'/><event name='b'/></atleast></define-gate>",
         "wrong-value"),
        ("<define-gate name='top'><atleast><event name='a'/></atleast></define-gate>", "wrong-value"),
        ("<define-gate name='top'><atleast min='2'><event name='a'/><event name='a'/><event name='b'/></atleast>"
         "</define-gate>", "repeated-argument"),
        ("<define-gate name='a'><event name='b'/></define-gate>", "defined-twice"),
        ("<define-gate name='g'><event name='h'/></define-gate><define-gate name='h'><or><event name='g'/></or>"
         "</define-gate>", "gate-needs-itself"),
        ("<define-house-event name='h'><constant value='perhaps'/></define-house-event>"
         "<define-gate name='top'><event name='h'/></define-gate>", "wrong-value"),
    ],
)  # fmt: skip
def test_a_malformed_definition_is_a_fault_with_its_line(
    definition: str, rule: str, store: Store, write: Write
) -> None:
    assert rules(refused(store, write("plant.xml", tree(basic("a", "b"), definition)))) == [(rule, 5)]


def test_a_long_chain_of_gates_is_read_without_recursion(store: Store, write: Write) -> None:
    chain = [gate(f"g{number}", f"<or>{events(f'g{number + 1}')}</or>") for number in range(3000)]
    imported(store, write("plant.xml", tree(*chain, basic("g3000"))))
    assert "g0" in down(store, ["g3000"])


def test_names_mean_what_is_private_around_them_first_and_then_what_is_public(store: Store, write: Write) -> None:
    text = tree(
        gate("top", f"<or>{events('left', 'T.Right.own', 'Right.shown')}</or>"),
        "<define-component name='Left'>",
        gate("left", f"<or>{events('own', 'outer')}</or>"),
        "<define-basic-event name='own' role='private'/></define-component>",
        "<define-component name='Right' role='private'>",
        basic("own") + "<define-basic-event name='shown' role='public'/></define-component>",
        basic("outer"),
    )
    assert imported(store, write("plant.xml", text)).placeholders == ()
    assert types(store).keys() == {
        f"openpsa:plant/{one}" for one in ("top", "left", "T.Left.own", "T.Right.own", "shown", "outer")
    }
    assert down(store, ["T.Left.own"]) == {"T.Left.own", "left", "top"}
    assert down(store, ["T.Right.own"]) == {"T.Right.own", "top"}


FIGURES = """
<define-basic-event name="share"><float value="0.1"/></define-basic-event>
<define-basic-event name="rate"><exponential><parameter name="l"/><system-mission-time/></exponential>
</define-basic-event>
<define-basic-event name="repaired"><GLM><float value="0"/><float value="1e-3"/><float value="0.25"/>
  <system-mission-time/></GLM></define-basic-event>
<define-basic-event name="mean"><lognormal-deviate><float value="0.02"/><float value="3"/><float value="0.95"/>
</lognormal-deviate></define-basic-event>
<define-basic-event name="product"><mul><float value="0.5"/><parameter name="half"/></mul></define-basic-event>
<define-basic-event name="none"/>
<define-basic-event name="weibull"><Weibull><float value="1"/><float value="1"/><float value="0"/></Weibull>
</define-basic-event>
<define-basic-event name="circle"><parameter name="circle"/></define-basic-event>
<define-basic-event name="too-much"><float value="1.5"/></define-basic-event>
<define-basic-event name="nowhere"><parameter name="x"/></define-basic-event>
<define-basic-event name="zero"><div><int value="1"/><int value="0"/></div></define-basic-event>
<define-parameter name="l" unit="years-1"><float value="4"/></define-parameter>
<define-parameter name="half"><float value="0.5"/></define-parameter>
<define-parameter name="circle"><parameter name="circle"/></define-parameter>
"""


def test_figures_are_taken_where_the_ontology_has_a_word_for_them(store: Store, write: Write) -> None:
    verdict = imported(store, write("plant.xml", tree(gate("top", f"<or>{events('share', 'rate')}</or>"), FIGURES)))

    def figures(name: str) -> dict[str, object]:
        one = store.entity(f"openpsa:plant/{name}")
        assert one is not None
        kept = ("availability", "availabilityBasis", "meanTimeBetweenFailures", "meanTimeToRestore")
        return {key: one.properties[key] for key in kept if key in one.properties}

    estimated = {"availabilityBasis": "estimated"}
    assert figures("share") == {"availability": 0.9, **estimated}
    assert figures("rate") == {"meanTimeBetweenFailures": "PT2190H", **estimated}
    assert figures("repaired") == {"meanTimeBetweenFailures": "PT1000H", "meanTimeToRestore": "PT4H", **estimated}
    assert figures("mean") == {"availability": 0.98, **estimated}
    assert figures("product") == {"availability": 0.75, **estimated}
    silent = ("none", "weibull", "circle", "too-much", "nowhere", "zero")
    assert [figures(name) for name in silent] == [{}] * len(silent)
    assert [(one.rule, one.message.split(" give")[0]) for one in verdict.warnings] == [
        ("no-figure", "The expressions of 5 basic events")
    ]


def ccf(kind: str, members: Sequence[str], *levels: int) -> str:
    inner = "".join(f'<basic-event name="{one}"/>' for one in members)
    factors = "".join(f'<factor level="{level}"><float value="0.2"/></factor>' for level in levels)
    return (
        f'<define-CCF-group name="Pumps" model="{kind}"><members>{inner}</members>'
        f'<distribution><float value="0.1"/></distribution><factors>{factors}</factors></define-CCF-group>'
    )


def test_what_is_included_from_elsewhere_and_event_trees_are_told_and_not_read(store: Store, write: Write) -> None:
    top = gate("top", f"<and>{events('a', 'b')}</and>")
    body = (
        '<include file="/etc/passwd"/><define-event-tree name="E"/><define-fault-tree name="T">'
        f"{top}{basic('a', 'b')}</define-fault-tree>"
    )
    verdict = imported(store, write("plant.xml", model(body)))
    assert sorted(one.rule for one in verdict.warnings) == ["not-followed", "passed-over"]


def test_what_a_group_fails_by_together_is_a_thing_that_each_of_them_needs(store: Store, write: Write) -> None:
    top = gate("top", f"<and>{events('a', 'b')}</and>")
    body = f'<define-fault-tree name="T">{top}{basic("a")}</define-fault-tree>{ccf("beta-factor", ["a", "b"], 2)}'
    verdict = imported(store, write("plant.xml", model(body)))
    assert verdict.warnings == ()
    assert verdict.placeholders == ()
    assert edges(store, "dependsOn") == {
        ("openpsa:plant/a", "openpsa:plant/Pumps#common-cause"),
        ("openpsa:plant/b", "openpsa:plant/Pumps#common-cause"),
    }
    assert cut_sets(store, "top", ["a", "b", "Pumps#common-cause"], 3) == {
        frozenset({"Pumps#common-cause"}),
        frozenset({"a", "b"}),
    }
    cause, own = store.entity("openpsa:plant/Pumps#common-cause"), store.entity("openpsa:plant/b")
    assert cause is not None
    assert own is not None
    assert (cause.name, cause.properties["description"]) == ("Pumps", "What a, b fail by together.")
    assert (cause.properties["availability"], own.properties["availability"]) == (0.98, 0.92)


@pytest.mark.parametrize(
    ("kind", "levels", "read"),
    [("beta-factor", (3,), True), ("MGL", (2, 3), True), ("MGL", (2,), False), ("alpha-factor", (1, 2, 3), True)],
)
def test_of_causes_of_some_of_a_group_it_is_told_that_they_are_not_read(
    kind: str, levels: tuple[int, ...], read: bool, store: Store, write: Write
) -> None:
    top = gate("top", f"<and>{events('a', 'b', 'c')}</and>")
    body = f'<define-fault-tree name="T">{top}</define-fault-tree>{ccf(kind, ["a", "b", "c"], *levels)}'
    verdict = imported(store, write("plant.xml", model(body)))
    assert [one.rule for one in verdict.warnings] == ([] if kind == "beta-factor" else ["common-cause"])
    assert ("openpsa:plant/Pumps#common-cause" in types(store)) is read


def test_a_group_has_a_name(store: Store, write: Write) -> None:
    body = f'<define-fault-tree name="T">{basic("a", "b")}</define-fault-tree>{ccf("MGL", ["a", "b"], 2)}'
    file = write("plant.xml", model(body.replace('name="Pumps"', "")))
    assert [one.rule for one in refused(store, file)] == ["missing-id"]


def test_only_basic_events_fail_by_a_common_cause(store: Store, write: Write) -> None:
    top = gate("top", f"<and>{events('a', 'b')}</and>")
    body = f'<define-fault-tree name="T">{top}</define-fault-tree>{ccf("beta-factor", ["a", "top"], 2)}'
    assert [one.rule for one in refused(store, write("plant.xml", model(body)))] == ["wrong-member"]


def test_data_in_files_of_its_own_belongs_to_the_model_beside_it(store: Store, write: Write) -> None:
    main = write("plant.xml", tree(gate("top", f"<or>{events('a', 'b')}</or>")).replace(' name="plant"', ""))
    data = '<model-data><define-basic-event name="a"><float value="0.5"/></define-basic-event></model-data>'
    verdict = imported(store, main, write("data.xml", model(data)))
    assert verdict.placeholders == ("openpsa:T/b",)
    found = store.entity("openpsa:T/a")
    assert found is not None
    assert found.properties["availability"] == 0.5


def test_what_a_model_includes_belongs_to_it(store: Store, write: Write) -> None:
    top = gate("top", f"<or>{events('valve', 'pumps')}</or>") + basic("valve")
    both = gate("pumps", f"<and>{events('a', 'b')}</and>")
    main = write(
        "plant.xml", model(f'<include file="parts/pumps.xml"/><define-fault-tree name="T">{top}</define-fault-tree>')
    )
    part = f'<include file="data.xml"/><define-fault-tree name="P">{both}</define-fault-tree>'
    write("parts/pumps.xml", model(part, "pumps"))
    data = f'<model-data><include file="../plant.xml"/>{basic("a", "b")}</model-data>'
    write("parts/data.xml", model(data, "data"))
    verdict = imported(store, main)
    assert cut_sets(store, "top", ["valve", "a", "b"], 2) == {frozenset({"valve"}), frozenset({"a", "b"})}
    # Up and out of the folder of its file nothing is followed.
    assert [one.rule for one in verdict.warnings] == ["not-followed"]


@pytest.mark.parametrize(
    "file", ["", ".", "plant.xml", "missing.xml", "../plant.xml", "a" * 5000, "http://example.com/a.xml", "link.xml"]
)
def test_an_include_leads_nowhere_else(file: str, store: Store, write: Write, tmp_path: Path) -> None:
    (tmp_path / "outside.xml").write_text(of_model("outside", gate("o", events("p"))), "utf-8")
    plant = write("plant.xml", model(f'<include file="{file}"/>{fault_tree(basic("a"))}'))
    (plant.parent / "link.xml").symlink_to(tmp_path / "outside.xml")
    verdict = imported(store, plant)
    assert types(store).keys() == {"openpsa:plant/a"}
    assert [one.rule for one in verdict.warnings] == ([] if file == "plant.xml" else ["not-followed"])


def test_what_is_included_and_no_model_is_a_fault(store: Store, write: Write) -> None:
    write("bom.xml", "<bom/>")
    plant = write("plant.xml", model(f'<include file="bom.xml"/>{fault_tree(basic("a"))}'))
    assert [(one.rule, Path(one.origin.file).name) for one in refused(store, plant)] == [("wrong-form", "bom.xml")]


def test_files_that_include_each_other_are_one_model(store: Store, write: Write) -> None:
    one = f'<include file="two.xml"/><define-fault-tree name="T">{gate("top", events("x", "y"))}</define-fault-tree>'
    two = f'<include file="one.xml"/><define-fault-tree name="U">{gate("x", events("z"))}</define-fault-tree>'
    one = one.replace("<event", "<or><event", 1).replace("</define-gate>", "</or></define-gate>")
    imported(store, write("one.xml", model(one, "one")), write("two.xml", model(two, "two")))
    assert edges(store, "dependsOn") == {
        ("openpsa:one/top", "openpsa:one/x"),
        ("openpsa:one/top", "openpsa:one/y"),
        ("openpsa:one/x", "openpsa:one/z"),
    }


def of_model(name: str, *definitions: str) -> str:
    return model(fault_tree(*definitions, name=f"of-{name}"), name)


def test_a_gate_may_stand_in_another_file_of_the_same_model(store: Store, write: Write) -> None:
    one = of_model("one", gate("top", f"<and>{events('c', 'transfer')}</and>"), basic("c"))
    two = of_model("two", gate("transfer", f"<and>{events('d', 'e')}</and>"), basic("d", "e"))
    verdict = imported(store, write("one.xml", one), write("two.xml", two))
    assert [(told.rule, Path(told.origin.file).name) for told in verdict.warnings] == [("joined-models", "one.xml")]
    assert edges(store, "hasMember") == {
        ("openpsa:one/top", "openpsa:one/c"),
        ("openpsa:one/top", "openpsa:two/transfer"),
        ("openpsa:two/transfer", "openpsa:two/d"),
        ("openpsa:two/transfer", "openpsa:two/e"),
    }


def test_models_are_not_joined_by_a_gate_that_two_others_define(store: Store, write: Write) -> None:
    files = {"a": gate("top", events("x")), "b": gate("x", events("y")), "c": gate("x", events("z"))}
    verdict = imported(store, *(write(f"{name}.xml", of_model(name, one)) for name, one in files.items()))
    assert ("openpsa:a/top", "openpsa:a/x") in edges(store, "dependsOn")
    assert {one.rule for one in verdict.warnings} == {"placeholder"}


def test_joined_models_that_define_a_name_twice_are_a_fault(store: Store, write: Write) -> None:
    one = of_model("a", gate("top", events("x")), basic("y"))
    two = of_model("b", gate("x", events("y")), basic("y"))
    assert [told.rule for told in refused(store, write("a.xml", one), write("b.xml", two))] == ["defined-twice"]


def test_of_an_event_tree_it_is_said_whether_its_fault_trees_are_read(store: Store, write: Write) -> None:
    def failing(gate: str) -> str:
        return f'<path state="f"><collect-formula><gate name="{gate}"/></collect-formula><sequence name="S"/></path>'

    paths = failing("cooling") + failing("power")
    asking = model(
        f'<define-event-tree name="E"><initial-state><fork>{paths}</fork></initial-state></define-event-tree>'
    )
    plant = write("plant.xml", tree(gate("cooling", f"<or>{events('a', 'b')}</or>"), basic("a", "b")))
    verdict = imported(store, plant, write("tree.xml", asking))
    assert types(store).keys() == {"openpsa:plant/cooling", "openpsa:plant/a", "openpsa:plant/b"}
    assert [(one.rule, one.message) for one in verdict.warnings] == [
        (
            "passed-over",
            "Event tree E is passed over: what follows on what is no need."
            " The fault trees behind it are read: cooling.",
        ),
        ("missing-fault-tree", "It asks for what no fault tree that is read defines: power; name its file too."),
    ]


@needs_scram
def test_the_fault_trees_of_scrams_event_trees_are_read(store: Store) -> None:
    folder = SCRAM / "ThreeMotor"
    verdict = imported(store, folder / "three_motor.xml", folder / "event_tree.xml")
    told = {one.rule for one in verdict.warnings}
    assert "passed-over" in told
    assert "missing-fault-tree" not in told


def test_data_without_a_fault_tree_is_a_fault(store: Store, write: Write) -> None:
    write("a/plant.xml", tree(gate("top", events("x")), basic("x")))
    data = write("b/data.xml", model("<model-data/>"))
    assert rules(refused(store, data.parent.parent)) == [("no-fault-tree", 2)]


def test_two_models_of_one_name_are_a_fault(store: Store, write: Write) -> None:
    text = tree(gate("top", events("a")))
    assert {one.rule for one in refused(store, write("a.xml", text), write("b.xml", text))} == {"same-model"}


def test_entities_and_other_xml_are_refused(store: Store, write: Write) -> None:
    text = tree(gate("top", events("a"))).replace("<opsa-mef", '<!DOCTYPE opsa-mef [<!ENTITY a "b">]>\n<opsa-mef', 1)
    assert rules(refused(store, write("a.xml", text))) == [("document-type", 2)]
    assert rules(refused(store, write("b.xml", "<bom/>"), format="openpsa")) == [("wrong-form", 1)]
    assert choose([write("c.xml", tree()), write("d.xml", "<x/>").parent]).files[0].name == "c.xml"


# ------------------------------------------------------------------------------------ against oracles

BASICS = [f"e{number}" for number in range(5)]
GATES = [f"g{number}" for number in range(4)]


@st.composite
def trees(draw: st.DrawFn) -> list[Any]:
    """Formulas of gates, each of basic events, house events, formulas and later gates."""

    def formula(later: list[str], depth: int) -> Any:
        leaves = st.sampled_from([*BASICS, *later, True, False])
        if depth == 0 or draw(st.booleans()):
            return draw(leaves)
        arguments = [formula(later, depth - 1) for _ in range(draw(st.integers(1, 3)))]
        operator = draw(st.sampled_from(["and", "or", "atleast"]))
        if operator == "atleast":
            arguments = list({repr(one): one for one in arguments}.values())
            return [draw(st.integers(1, len(arguments))), *arguments]
        return [operator, *arguments]

    return [["or", formula(GATES[number + 1 :], 2)] for number in range(len(GATES))]


def as_xml(formula: Any) -> str:
    if isinstance(formula, bool):
        return f'<constant value="{str(formula).lower()}"/>'
    if isinstance(formula, str):
        return f'<event name="{formula}"/>'
    operator, *arguments = formula
    inner = "".join(map(as_xml, arguments))
    if isinstance(operator, int):
        return f'<atleast min="{operator}">{inner}</atleast>'
    return f"<{operator}>{inner}</{operator}>"


def happens(formula: Any, failed: frozenset[str], gates: Mapping[str, Any]) -> bool:
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, str):
        return formula in failed or (formula in gates and happens(gates[formula], failed, gates))
    operator, *arguments = formula
    needed: int = {"and": len(arguments), "or": 1}.get(operator, operator)
    return sum(happens(one, failed, gates) for one in arguments) >= needed


def counts(formula: Any) -> bool:
    """Whether a formula counts, so that an argument may come to stand twice in it."""
    return isinstance(formula, list) and (isinstance(formula[0], int) or any(map(counts, formula[1:])))


def why_refused(store: Store, path: Path, **options: Any) -> set[str]:
    """The rules by which an import is refused; none where it is not."""
    try:
        imported(store, path, **options)
    except RejectedError as error:
        return {one.rule for one in error.faults}
    return set()


@settings(max_examples=40, deadline=None)
@given(trees())
def test_what_takes_the_top_down_is_what_the_formulas_say(
    tmp_path_factory: pytest.TempPathFactory, formulas: list[Any]
) -> None:
    gates = dict(zip(GATES, formulas, strict=True))
    folder = tmp_path_factory.mktemp("tree")
    path = folder / "plant.xml"
    path.write_text(tree(*(gate(name, as_xml(one)) for name, one in gates.items()), basic(*BASICS)), "utf-8")
    with open_store(str(folder / "estate.db")) as store:
        if why := why_refused(store, path):
            assert why == {"repeated-argument"}
            assert any(map(counts, formulas))
            return
        present = types(store).keys()
        for size in range(1, len(BASICS) + 1):
            for failed in map(frozenset, itertools.combinations(BASICS, size)):
                found = down(store, failed)
                for name in GATES:
                    if f"openpsa:plant/{name}" in present:  # those that are constant are left out
                        assert (name in found) is happens(name, failed, gates)


@needs_scram
def test_cut_sets_with_common_causes_are_those_of_scram(store: Store) -> None:
    path = SCRAM / "TwoTrain" / "common_cause.xml"
    imported(store, path)
    done = subprocess.run(["scram", "--ccf", "on", str(path)], capture_output=True, check=True, timeout=60)
    found = set()
    for product in ElementTree.fromstring(done.stdout).iter("product"):
        # A single one of a group is what fails by itself, and several are their common cause.
        several = [(one.attrib["ccf-group"], list(one)) for one in product.iter("ccf-event")]
        names = (f"{group}#common-cause" if len(its) > 1 else its[0].attrib["name"] for group, its in several)
        found.add(frozenset(names))
    basics = ["PumpOne", "PumpTwo", "ValveOne", "ValveTwo", "Pumps#common-cause", "Valves#common-cause"]
    assert cut_sets(store, "TopEvent", basics, 3, "TwoTrains") == found


@settings(max_examples=30, deadline=None)
@given(trees(), st.sets(st.sampled_from(GATES)))
def test_a_model_in_two_files_says_what_it_says_in_one(
    tmp_path_factory: pytest.TempPathFactory, formulas: list[Any], second: set[str]
) -> None:
    gates = {name: gate(name, as_xml(one)) for name, one in zip(GATES, formulas, strict=True)}
    folders = {"one": [tree(*gates.values())], "two": []}
    for part in ({*GATES} - second, second):
        inner = [gates[name] for name in GATES if name in part]
        folders["two"] += [model(fault_tree(*inner), f"m{len(folders['two'])}")] if inner else []
    said: list[object] = []
    for name, files in folders.items():
        folder = tmp_path_factory.mktemp(name)
        for number, text in enumerate([*files, model(f"<model-data>{basic(*BASICS)}</model-data>")]):
            (folder / f"{number}.xml").write_text(text, "utf-8")
        with open_store(str(folder / "estate.db")) as store:
            if why := why_refused(store, folder):
                said.append(why)
                continue
            lost = []
            for one in BASICS:
                seeds = [id for id in types(store) if id.endswith(f"/{one}")]
                hits = impact(store, seeds).hits if seeds else ()
                lost.append({hit.id.partition("/")[2] for hit in hits if hit.state == "down"})
            said.append(lost)
    assert said[0] == said[1]


def by_scram(*paths: Path) -> Iterator[tuple[str, set[frozenset[str]]]]:
    """The top events of a model with their minimal cut sets."""
    done = subprocess.run(["scram", *map(str, paths)], capture_output=True, check=True, timeout=60)
    for top in ElementTree.fromstring(done.stdout).iter("sum-of-products"):
        products = (frozenset(one.attrib["name"] for one in product) for product in top.iter("product"))
        yield top.attrib["name"], set(products)


@needs_scram
@pytest.mark.parametrize(
    ("name", "model"),
    [("Theatre/theatre.xml", "Theatre"), ("TwoTrain/two_train.xml", "TwoTrains"),
     ("SmallTree/SmallTree.xml", "SmallTree"), ("HIPPS/HIPPS.xml", "HIPPS")],
)  # fmt: skip
def test_cut_sets_up_to_order_3_are_those_of_scram(name: str, model: str, store: Store) -> None:
    imported(store, SCRAM / name)
    ((top, expected),) = by_scram(SCRAM / name)
    root = ElementTree.parse(SCRAM / name).getroot()
    basics = [one.attrib["name"] for one in root.iter("define-basic-event")]
    assert len(basics) <= 12
    assert cut_sets(store, top, basics, 3, model) == {one for one in expected if len(one) <= 3}


@needs_scram
@pytest.mark.parametrize(
    ("model", "names"),
    [("Lift", ["Lift/lift.xml"]), ("ThreeMotor", ["ThreeMotor/three_motor.xml"]), ("BSCU", ["BSCU/BSCU.xml"]),
     ("chinese", ["Chinese/chinese.xml", "Chinese/chinese-basic-events.xml"]),
     ("baobab2", ["Baobab/baobab2.xml", "Baobab/baobab2-basic-events.xml"])],
)  # fmt: skip
def test_each_cut_set_of_scram_takes_the_top_down_and_nothing_less_does(
    model: str, names: list[str], store: Store
) -> None:
    paths = [SCRAM / name for name in names]
    imported(store, *paths)
    called = next(id for id in types(store)).partition(":")[2].partition("/")[0]
    ((top, expected),) = by_scram(*paths)
    for cut in sorted(expected, key=sorted)[:60]:
        assert top in down(store, cut, called)
        for one in cut:
            assert len(cut) == 1 or top not in down(store, cut - {one}, called)


@needs_scram
def test_every_coherent_model_of_scram_is_read_and_the_others_say_why_not(store: Store) -> None:
    paths = [path for path in sorted(SCRAM.rglob("*.xml")) if b"<define-fault-tree" in path.read_bytes()]
    why = set().union(*(why_refused(store, path, source=str(path)) for path in paths))
    assert len(paths) > 10
    assert why <= {"non-coherent", "type-conflict"}
