"""Whatever happens to a file on its way: it is read or refused, never anything else, and never halfway."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graphsms.errors import RejectedError
from graphsms.ingest.check import Findings, Stated, check
from graphsms.ingest.files import readers
from graphsms.ontology import load
from graphsms.store import Store
from imported import Write, estate, refused

FIXTURES = Path(__file__).parent / "fixtures"
COMPOSE = """\
name: shop
services:
  web: {image: "web:${TAG:-1}", depends_on: {db: {condition: service_healthy}}, links: ["db:d"]}
  db: {image: db, deploy: {replicas: 2}, network_mode: "service:web", extends: {service: web}}
"""
EXCHANGE = """\
entities:
  - {id: g, type: RedundancyGroup, minimum: 1, hasMember: [a, {to: b, validFrom: 2026-01-01}]}
  - {id: a, type: Server, name: &n "Server \\u00e9", tag: [x, y]}
  - {id: b, type: Server, name: *n}
"""
AS_JSON = """\
{"entities": [{"id": "a", "type": "Server", "name": "\\u00e9", "tag": ["x"]},
 {"id": "b", "type": "Server", "hostedOn": [{"to": "a", "strength": "soft"}]}]}
"""
WHOLE = {
    "backstage": (FIXTURES / "shop.catalog-info.yaml").read_bytes(),
    "kubernetes": (FIXTURES / "shop.kubernetes.yaml").read_bytes(),
    "compose": COMPOSE.encode(),
    "exchange": EXCHANGE.encode(),
    "exchange json": AS_JSON.encode(),
}
VOCABULARY = load()
MARKS = "{ } [ ] : - ' \" \n \t &a *a !!x null {{ $ # , 1 <<:"
NOISE = st.one_of(st.binary(max_size=3), st.sampled_from([mark.encode() for mark in MARKS.split(" ")]))


def read(format: str, content: bytes) -> bool:
    """Whether a file can be read; anything but reading or refusing it with faults is an error."""
    reader = next(one for one in readers() if one.name == format.split()[0])
    faults, stated = Findings(), Stated()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "compose.yaml"
        path.write_bytes(content)
        try:
            statements = reader.read([path], VOCABULARY, faults.add, lambda _: None)
            for one in check(statements, VOCABULARY, stated, zone=UTC, fault=faults.add, warn=lambda _: None):
                assert one.origin.file == str(path)
        except RejectedError as error:
            for fault in error.faults:
                faults.add(fault)
    for fault in faults:
        assert fault.rule
        assert fault.message
        assert fault.origin.file == str(path)
    return faults.total == 0


@pytest.mark.parametrize("format", WHOLE)
def test_whole_files_are_read(format: str) -> None:
    assert read(format, WHOLE[format])


@given(st.sampled_from(sorted(WHOLE)), st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_file_that_is_cut_overwritten_or_added_to_is_read_or_refused(format: str, data: st.DataObject) -> None:
    whole = WHOLE[format]
    at = data.draw(st.integers(0, len(whole)))
    until = data.draw(st.sampled_from([at, at + 1, at + 20, len(whole)]))
    read(format, whole[:at] + data.draw(NOISE) + whole[until:])


@given(st.sampled_from(sorted(WHOLE)), st.binary(max_size=60))
@example("kubernetes", b"kind: List\nitems: [kind: Pod, {kind: Service, apiVersion: v1, spec: []}]")
@example("kubernetes", b"kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec: {containers: {env: 1}}")
@example("kubernetes", b"kind: Service\napiVersion: v1\nmetadata: [name]\nspec: {ports: [http, {port: [1]}]}")
@example("backstage", b"apiVersion: backstage.io/v1\nkind: Component\nmetadata: {name: [a]}\nspec: {dependsOn: {a: b}}")
@example(
    "backstage", b"apiVersion: backstage.io/v1\nkind: API\nmetadata: {name: a, tags: {a: b}}\nspec: {owner: [[a]]}"
)
@example("compose", b"services: {a: {depends_on: {b: null, c: [d]}, links: {a: b}, deploy: [replicas], scale: {}}}")
@example(
    "compose", b"services: {a: {extends: [b]}, b: {extends: {service: [c]}}, c: !reset {image: x}, d: !override y}"
)
@example("exchange", b"entities: {id: a}")
@settings(max_examples=100, deadline=None)
def test_what_is_no_such_file_at_all_is_read_or_refused(format: str, content: bytes) -> None:
    read(format, content)


def test_thousands_of_the_same_slip_are_told_in_time(store: Store, write: Write) -> None:
    lines = [f"{{id: s{n}, type: Srver, nmae: x, hosted_on: s{n + 1}x, tag: [{n}]}}" for n in range(3000)]
    lines += [f"{{id: t{n}, type: Server, hostedOn: u{n}}}" for n in range(3000)]
    file = write("slips.yaml", estate(*lines))
    began = time.process_time()
    faults = refused(store, file)
    assert time.process_time() - began < 20
    assert {one.rule for one in faults} <= {"unknown-type", "unknown-property", "dangling-relation"}
    assert len(faults) == 1000
