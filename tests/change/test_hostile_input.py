"""Whatever stands in a policy or in a request, it is taken or refused with our own error, and never half-applied."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphsms
from graphsms import ChangeSet, Entity, GraphSmsError, Relation
from graphsms.change.policy import OURS, read_policy
from graphsms.ontology import load

WORDS = load()
STATED: dict[str, Any] = yaml.safe_load(OURS.read_text("utf-8"))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.dates(),
    st.sampled_from(["low", "P1D", "8.5.1.3", "{number}", "{year", "2026-12-05T20:00", "2026-02-30", "db-1", "web"]),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something can be put into a value that has been read: the way to each part of it."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(inner, (*path, key))


PLACES = list(places(STATED))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), value=ANYTHING)
def test_a_policy_with_anything_anywhere_is_taken_or_refused(
    tmp_path: Path, place: tuple[Any, ...], value: object
) -> None:
    stated = copy.deepcopy(STATED)
    part: Any = stated
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    file = tmp_path / "policy.yaml"
    file.write_text(yaml.safe_dump(stated, allow_unicode=True), encoding="utf-8", errors="replace")
    with contextlib.suppress(GraphSmsError):
        read_policy(WORDS, file)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[graphsms.Graph]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    with graphsms.open(folder / "estate.db") as graph:
        entities = [Entity("db-1", "Database"), Entity("web", "Service")]
        graph.apply(ChangeSet(entities=entities, relations=[Relation("dependsOn", "web", "db-1")]))
        yield graph


KEYS = st.sampled_from(
    ["id", "name", "touches", "windowStart", "windowEnd", "changeCategory", "priority", "release", "type", "raisedBy",
     "remediationTested", "approver", "recordedAt", "changeStatus", "tag", "estimatedCost"]
)  # fmt: skip
ENDS = st.fixed_dictionaries({"to": SCALARS}, optional={"mode": ANYTHING, "validFrom": SCALARS})


@settings(max_examples=150, deadline=None)
@given(stated=st.dictionaries(KEYS | st.text(max_size=5) | st.integers(), ANYTHING | ENDS | st.lists(ENDS), min_size=1))
def test_a_request_that_states_anything_is_recorded_and_assessed_or_refused_whole(
    graph: graphsms.Graph, stated: dict[str, Any]
) -> None:
    before = graph.revision.number
    try:
        made = graph.change.create(stated)
    except GraphSmsError:
        assert graph.revision.number == before
        return
    assert graph.revision.number == before + 1
    assert graph.change.assess(*made.ids).requests
    assert graph.change.classify(*made.ids)
    assert graph.change.conflicts(*made.ids).complete
