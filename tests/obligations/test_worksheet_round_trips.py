"""Whatever people write in a worksheet is what the next one shows, and goes through every form without a change."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.graph import Graph
from graphsms.ingest.worksheet_form import Exported, plain_text
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load
from graphsms.store.sqlite import SqliteStore

CONTEXT = "iso-20000-1-2018/4.1-1"
VOCABULARY = load()
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1, max_size=60
).filter(lambda text: plain_text(text) != "")
FORMULAS = st.sampled_from(["=1+1", "-5", "'=1", "+41", "@all", "'-x", '"quoted", and; more', "_x0041_", "n/a."])


@settings(max_examples=25, deadline=None)
@given(finding=TEXTS | FORMULAS, note=TEXTS | FORMULAS, grade=st.sampled_from(["minor", "major", "opportunity"]))
def test_what_the_graph_says_goes_out_and_comes_back_without_a_change(finding: str, note: str, grade: str) -> None:
    with TemporaryDirectory() as folder:
        store = SqliteStore.open(str(Path(folder) / "sms.db"), VOCABULARY)
        graph = Graph(store)
        kind, leads = ("improvement", "about") if grade == "opportunity" else ("nonconformity", "failsToMeet")
        id = f"worksheet/{kind}/{CONTEXT}/2026-11-01/anna"
        found = {"description": finding, "recordedAt": "2026-11-01T00:00:00Z"}
        found |= {} if grade == "opportunity" else {"conformity": grade}
        judged = {"conformity": grade, "decidedAt": "2026-11-01T00:00:00Z", "rationale": note}
        graph.apply(
            ChangeSet(
                entities=[
                    Entity(CONTEXT, "Requirement"),
                    Entity("judged", "ConformityJudgement", judged),
                    Entity(id, kind.capitalize(), found),
                ],
                relations=[Relation("decidesOn", "judged", CONTEXT), Relation(leads, id, CONTEXT)],
            )
        )
        sheet = graph.obligations.worksheet(clause="4.1", as_of="2026-12-01")
        assert (sheet.rows[0].filled["finding"], sheet.rows[0].filled["note"]) == (finding, note)
        for form in ("json", "xlsx", "csv"):
            path = Path(folder) / f"gaps.{form}"
            sheet.write(path)
            graph.ingest(path)
            assert graph.revision.number == 1, form
        store.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=5), some, max_size=3),
    max_leaves=8,
)
KEYS = ["id", "anchor", "state", "judgement", "finding", "number", "was", "graded", "on", "by"]
KEY = {"id": CONTEXT, "anchor": "4.1 (1)", "state": "missing"}
FINDING = {"id": "f", "graded": True, "on": "2026-11-01", "by": "anna", "judgement": ""}


@given(
    st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4), st.dictionaries(st.sampled_from(KEYS), JSON, max_size=2)
)
def test_a_key_that_was_tampered_with_is_read_as_it_is_or_refused(said: dict[str, Any], of: dict[str, Any]) -> None:
    for text in (json.dumps({**KEY, **said}), json.dumps({**KEY, "finding": {**FINDING, **of}, **said})):
        try:
            made = Exported.of_text(text)
        except ValueError:
            continue
        assert Exported.of_text(made.to_text()) == made
        made.kept("owner", "anna")
