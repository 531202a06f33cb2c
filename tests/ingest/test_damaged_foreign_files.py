"""Foreign files that are damaged anywhere are read as far as they can be, or refused with faults: never a crash."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.ingest.cyclonedx import CycloneDxReader
from graphsms.ingest.netbox import NetBoxReader
from graphsms.ingest.openpsa import OpenPsaReader
from graphsms.ingest.reader import RawEntity, RawRelation, Reader
from graphsms.ingest.subprocessors import SubprocessorsReader
from graphsms.model import Fault
from graphsms.ontology import load
from graphsms.vocabulary import Vocabulary

load_once = lru_cache(maxsize=1)(load)

BILL: Any = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "metadata": {"component": {"type": "application", "name": "shop", "bom-ref": "app"}},
    "components": [
        {"type": "library", "name": "web", "bom-ref": "web", "purl": "pkg:npm/web@1",
         "licenses": [{"expression": "MIT"}, {"license": {"id": "ISC"}}],
         "hashes": [{"alg": "SHA-256", "content": "ab"}], "supplier": {"name": "Wood Co", "url": ["https://w.example"]},
         "components": [{"type": "file", "name": "a.so"}]},
    ],
    "services": [
        {"name": "gate", "bom-ref": "gate", "provider": {"name": "Wire Co"}, "endpoints": ["https://g.example:99999/"],
         "data": [{"classification": "PII", "flow": "inbound", "source": ["web"]}], "services": [{"name": "pay"}]},
    ],
    "dependencies": [{"ref": "app", "dependsOn": ["web", "gate"]}],
}  # fmt: skip

DUMP: Any = [
    {"model": "dcim.site", "pk": 1, "fields": {"name": "North", "status": "active", "region": 1}},
    {"model": "dcim.device", "pk": 1, "fields": {
        "name": "a", "site": 1, "role": 1, "cluster": 1, "virtual_chassis": 1}},
    {"model": "dcim.device", "pk": 2, "fields": {"name": "b", "site": 1}},
    {"model": "dcim.devicerole", "pk": 1, "fields": {"slug": "server"}},
    {"model": "dcim.virtualchassis", "pk": 1, "fields": {"name": "stack"}},
    {"model": "dcim.powerport", "pk": 1, "fields": {"device": 1, "connected_endpoints_type": "dcim.poweroutlet",
                                                    "connected_endpoints": [{"id": 1, "device": {"id": 2}}]}},
    {"model": "dcim.poweroutlet", "pk": 1, "fields": {"device": 2, "power_port": 1}},
    {"model": "dcim.frontport", "pk": 1, "fields": {"device": 2, "rear_port": 1, "rear_port_position": 1}},
    {"model": "dcim.rearport", "pk": 1, "fields": {"device": 2}},
    {"model": "dcim.cable", "pk": 1, "fields": {"status": "connected", "a_terminations": [
        {"object_type": "dcim.powerport", "object_id": 1, "object": {"device": {"id": 1}}}]}},
    {"model": "dcim.cabletermination", "pk": 1, "fields": {
        "cable": 1, "cable_end": "B", "termination_type": ["dcim", "poweroutlet"], "termination_id": 1}},
    {"model": "circuits.circuit", "pk": 1, "fields": {"cid": "W-1", "provider": 1}},
    {"model": "circuits.circuittermination", "pk": 1, "fields": {
        "circuit": 1, "termination_type": "dcim.site", "termination_id": 1}},
    {"url": "https://n.example/api/dcim/devices/3/", "id": 3, "name": "c", "site": {"id": 1, "name": "North"},
     "status": {"value": "active"}, "role": {"id": 9, "slug": "pdu"}},
]  # fmt: skip

TREE = (
    '<opsa-mef name="m"><define-fault-tree name="T"><define-gate name="g"><or><event name="a"/><and><event name="b"/>'
    '<event name="h"/></and><atleast min="1"><event name="a"/></atleast></or></define-gate>'
    '<define-basic-event name="a"><exponential><parameter name="l"/><float value="1"/></exponential>'
    "</define-basic-event>"
    '<define-basic-event name="b"><GLM><float value="0"/><float value="1e-3"/><float value="1"/></GLM>'
    '</define-basic-event><define-house-event name="h"><constant value="true"/></define-house-event>'
    '<define-parameter name="l" unit="years-1"><mul><float value="1"/><int value="2"/></mul></define-parameter>'
    "</define-fault-tree></opsa-mef>"
)

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2**70), st.text(max_size=5), st.just([]), st.just({}),
    st.just([[None]]), st.just({"id": "x"}), st.just({"value": 3}), st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a document."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


@st.composite
def damaged(draw: st.DrawFn, document: Any) -> str:
    """A document with a few of its values replaced by others."""
    found = copy.deepcopy(document)
    for *way, last in draw(st.lists(st.sampled_from(list(places(document))), min_size=1, max_size=3)):
        holder = found
        try:
            for key in way:
                holder = holder[key]
            holder[last]  # still there after what was replaced before
        except (KeyError, IndexError, TypeError):
            continue
        if isinstance(holder, (dict, list)):
            holder[last] = copy.deepcopy(draw(ODD))  # what is drawn is not to be changed
    return json.dumps(found)


def read(reader: Reader, path: Path, vocabulary: Vocabulary) -> list[Fault]:
    """The faults of a file; what is stated beside them has the form that the checks take."""
    faults: list[Fault] = []
    for one in reader.read([path], vocabulary, faults.append, lambda _: None):
        assert isinstance(one, (RawEntity, RawRelation))
        assert isinstance(one.type, str)
        assert all(isinstance(part, str) for part in ((one.id,) if isinstance(one, RawEntity) else one[1:3]))
    return faults


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


@pytest.mark.parametrize(
    ("reader", "name", "content"),
    [
        (CycloneDxReader(), "bom.json", json.dumps(BILL)),
        (NetBoxReader(), "netbox.json", json.dumps(DUMP)),
        (OpenPsaReader(), "tree.xml", TREE),
    ],
)
def test_what_is_damaged_below_is_read_when_it_is_whole(reader: Reader, name: str, content: str, place: Path) -> None:
    path = place / name
    path.write_text(content, "utf-8")
    assert read(reader, path, load_once()) == []


@settings(max_examples=150, deadline=None)
@given(text=damaged(BILL))
def test_a_bill_with_odd_values_is_read_or_refused(text: str, place: Path) -> None:
    path = place / "bom.json"
    path.write_text(text, "utf-8")
    read(CycloneDxReader(), path, load_once())


@settings(max_examples=150, deadline=None)
@given(text=damaged(DUMP))
def test_a_dump_with_odd_values_is_read_or_refused(text: str, place: Path) -> None:
    path = place / "netbox.json"
    path.write_text(text, "utf-8")
    read(NetBoxReader(), path, load_once())


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_tree_with_odd_places_is_read_or_refused(data: st.DataObject, place: Path) -> None:
    text = TREE
    words = ["event", "and", "or", "name", "value", "1e-3", "min", '"a"', '"1"', "float", "GLM", "gate", "define", "T"]
    for _ in range(data.draw(st.integers(1, 3))):
        old, new = (
            data.draw(st.sampled_from(words)),
            data.draw(st.sampled_from([*words, "", "1e999", "nan", "-1", "&"])),
        )
        text = text.replace(old, new, data.draw(st.integers(1, 3)))
    path = place / "tree.xml"
    path.write_text(text, "utf-8")
    read(OpenPsaReader(), path, load_once())


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("abU.S |-*#[]()<>_`:\\\n12~=/h"), max_size=200))
def test_a_page_of_anything_is_read_or_refused(text: str, place: Path) -> None:
    path = place / "page.md"
    path.write_text(f"---\ntitle: X subprocessors\n---\n{text}", "utf-8")
    read(SubprocessorsReader(), path, load_once())
