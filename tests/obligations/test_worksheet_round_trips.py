"""Whatever people write in a worksheet is what the next one shows, and goes through every form without a change."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.graph import Graph
from graphsms.ingest.worksheet_form import plain_text
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
