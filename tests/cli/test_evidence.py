"""``graphsms clauses``, ``evidence`` and ``gaps`` on the example estate: what an auditor reads off the terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from command_line import run
from graphsms.resources import resource

DAY = ("--as-of", "2026-11-21")


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with the example estate, the clauses and the evidence."""
    url = str(tmp_path_factory.mktemp("audit") / "estate.db")
    assert run("demo", "--keep", url).code == 0
    return url


def said(*words: str, code: int = 0) -> str:
    ran = run(*words)
    assert ran.code == code, ran.err
    assert max(map(len, ran.out.splitlines())) <= 80
    return re.sub(r"\s+", " ", ran.out)


# ------------------------------------------------------------------------------------------ evidence


def test_under_a_requirement_stands_each_piece_of_evidence_with_what_it_is_worth_and_why(audited: str) -> None:
    out = said("evidence", "8.3.3", *DAY, "--store", audited, code=1)
    assert out.startswith(
        "ISO/IEC 20000-1:2018, 8.3.3 Service level management: 5 of 10 evidenced; 4 partial, 1 stale."
    )
    assert "✓ report-aldermoss-oct Aldermoss October of 2026-11-06, counts for P1M (shows all)" in out, (
        "an interval that is declared"
    )
    assert "◷ report-dunmarrow-aug Dunmarrow August of 2026-09-04, and counted for P1M (out of date)" in out
    assert "✓ sla-ostermill SLA with Ostermill of 2026-01-01, counts for P1Y by the policy (shows all)" in out


def test_what_is_linked_to_a_list_stands_under_its_head_and_not_under_each_item(audited: str) -> None:
    out = said("evidence", "8.3.3", *DAY, "--store", audited, code=1)
    assert "8.3.3 (4) (of its items together)" in out
    head, items = out.split("8.3.3 (4) a)", 1)
    assert "◐ proc-service-levels Service level management it settles how it is done" in head
    assert "proc-service-levels" not in items.partition("8.3.3 (5)")[0]
    assert "settled by proc-service-levels" in head, "of a deed, what settles how it is done is only named"
    alone = said("evidence", "8.5.1.1 a)", *DAY, "--store", audited)
    assert "pol-change" in alone, "unless the head is not asked about"


def test_what_a_person_judged_stands_beside(audited: str) -> None:
    out = said("evidence", "9.2.2 c)", *DAY, "--store", audited, code=1)
    assert "◐ partial 9.2.2 (1) c)" in out
    assert "judged: minor by Joel Pargeter on 2026-10-20: See nc-15" in out


def test_where_nothing_is_linked_it_says_what_is_commonly_shown(audited: str) -> None:
    ran = run("evidence", "8.7.2", *DAY, "--store", audited)
    assert "→ nobody has looked, and nothing is linked" in ran.out


def test_a_record_is_told_with_the_requirements_that_it_serves_grouped_by_what_it_is_worth(audited: str) -> None:
    out = said("evidence", "review-2026-02", *DAY, "--store", audited)
    assert out.startswith("Management review of February 2026 serves 13 requirements of 2 clauses: 9.1, 9.3.")
    assert "✓ shows all (11): of 2026-02-11, counts for P1Y by the policy" in out
    assert "◐ shows part (1): of 2026-02-11, counts for P1Y by the policy; linked as a contribution" in out


def test_what_serves_nothing_is_an_exit_code_of_1(audited: str) -> None:
    assert "Host North 4 is linked to no requirement." in said("evidence", "host-n-4", "--store", audited, code=1)


def test_a_duty_of_law_is_told_as_a_requirement_is(audited: str) -> None:
    out = said("evidence", "duty-records-log", *DAY, "--store", audited)
    assert out.startswith("Access to records is logged: evidenced.")
    assert "✓ record-log-check Log of looks at records checked of 2026-07-09" in out
    assert "settled by how-record-log" in out


def test_of_a_judgement_what_it_judges_is_told(audited: str) -> None:
    out = said("evidence", "judge-9-3", *DAY, "--store", audited, code=1)
    assert out.startswith("Inputs of the management review: 0 of 3 evidenced; 3 missing.")
    assert out.count("judged: minor by Mirela Stanek on 2026-11-13") == 3


def test_the_id_of_a_clause_means_the_clause(audited: str) -> None:
    one, other = (run("evidence", of, *DAY, "--store", audited) for of in ("iso-20000-1-2018/8.4.1", "8.4.1"))
    assert one.out == other.out


def test_both_ways_agree(audited: str) -> None:
    """Each link that a clause shows is shown from the record too."""
    ran = run("evidence", "9", "--csv", *DAY, "--store", audited)
    rows = [row for row in csv.DictReader(io.StringIO(ran.out)) if row["evidence"]]
    for id in {row["evidence"] for row in rows}:
        back = json.loads(run("evidence", id, "--json", *DAY, "--store", audited).out)["requirements"]
        there = sorted((one["anchor"], one["worth"]) for one in back if one["clause"].startswith("9"))
        assert there == sorted((row["anchor"], row["worth"]) for row in rows if row["evidence"] == id)


def test_an_unknown_clause_or_record_suggests_the_nearest(audited: str) -> None:
    ran = run("evidence", "9.9", "--store", audited)
    assert (ran.code, ran.out) == (2, "")
    assert "Did you mean 9.4" in ran.err
    ran = run("evidence", "review-2026", "--store", audited)
    assert ran.code == 2
    assert "review-2026-02" in ran.err


# ---------------------------------------------------------------------------------------------- gaps


def test_gaps_are_told_by_state_the_worst_first_each_with_why(audited: str) -> None:
    out = said("gaps", "--clause", "8.5.3", *DAY, "--store", audited, code=1)
    assert out.startswith("10 gaps in clause 8.5.3 of ISO/IEC 20000-1:2018, of 16 requirements: 3 missing, 1 stale, ")
    titles = ["✗ missing (3)", "◷ stale (1)", "◐ partial (5)", "? not assessed (1)"]
    assert [out.index(title) for title in titles] == sorted(out.index(title) for title in titles)
    assert "→ Policy on releases: its review was due on 2026-10-06" in out


def test_a_reason_that_all_have_is_told_once(audited: str) -> None:
    out = said("gaps", "--state", "not assessed", "--clause", "10", *DAY, "--store", audited, code=1)
    assert out.count("nobody has looked, and nothing is linked") == 1


def test_gaps_add_up_to_what_is_not_evidenced(audited: str) -> None:
    ran = run("gaps", "--json", *DAY, "--store", audited)
    rows = [row for row in json.loads(ran.out) if row["edition"] == "2018"]
    out = said("clauses", *DAY, "--store", audited)
    found = re.match(r"ISO/IEC 20000-1:2018: (\d+) of (\d+) evidenced", out)
    assert found
    assert len(rows) == int(found[2]) - int(found[1])


def test_what_law_and_contracts_demand_is_counted_apart(audited: str) -> None:
    out = said("gaps", *DAY, "--store", audited, code=1)
    assert "2 more in what law and contracts demand." in out
    assert "Outages of payments are reported" in out[out.index("What law and contracts demand") :]


def test_where_there_is_no_gap_it_says_so(audited: str) -> None:
    assert "No gaps in clause 4.1" in said("gaps", "--clause", "4.1", *DAY, "--store", audited)


# ------------------------------------------------------------------------------------------- clauses


def test_a_place_in_a_clause_is_told_whole(audited: str) -> None:
    out = said("clauses", "8.2.3.1 a)", *DAY, "--store", audited)
    assert "✓ evidenced 8.2.3.1 (4) a)" in out
    assert "→ Register of other parties: approved and current, to be reviewed by 2027-01-28" in out
    assert "duty: to document" in out


def test_without_a_graph_clauses_are_still_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    out = said("clauses", "8.2.6")
    assert "? not assessed" in out
    assert "There is no graph here: nothing is linked." in out


def test_clauses_as_json_are_objects_of_edition_clause_item_anchor_title_paraphrase_and_state(audited: str) -> None:
    rows = json.loads(run("clauses", "8.2.3.1", "--json", *DAY, "--store", audited).out)
    assert {"edition", "clause", "item", "anchor", "title", "paraphrase", "state"} <= rows[0].keys()
    assert {row["clause"] for row in rows} == {"8.2.3.1"}


@pytest.mark.parametrize(
    ("words", "next_one"),
    [
        ("clauses", "clauses 8.5.3"),
        ("clauses 2011:4.2", "evidence 2011:4.2"),
        ("gaps --clause 9.4", "evidence '9.4 (3)'"),
        ("gaps --edition 2011 --clause 4.2", "evidence '2011:4.2 (1)'"),
        ("evidence 9.4", "evidence want-report-customers"),
    ],
)
def test_what_comes_next_is_about_the_same_edition(audited: str, words: str, next_one: str) -> None:
    told = run(*words.split(), *DAY, "--store", audited, watched=True).err
    proposed = next(line for line in told.splitlines() if line.startswith("graphsms "))
    assert proposed.startswith(f"graphsms {next_one} --store")
    assert "--as-of 2026-11-21" in proposed


def test_the_demo_says_at_its_end_how_the_standard_stands() -> None:
    out = said("demo")
    assert out.startswith("Revision 1 from example estate (exchange): created 735 entities")
    last = out[out.rindex("Evidence for") :]
    assert re.match(r"Evidence for ISO/IEC 20000-1:2018: 275 of 464 evidenced; 4 no occurrence, ", last)


def test_what_fails_hits_the_same_with_the_clauses_and_the_evidence_beside(audited: str, tmp_path: Path) -> None:
    alone = str(tmp_path / "alone.db")
    assert run("ingest", str(resource("examples") / "estate"), "--store", alone).code == 0
    one, other = (
        {hit["id"]: hit["state"] for hit in [*answer["hits"], *answer["concerned"]]}
        for answer in (
            json.loads(run("impact", "host-n-4", "--json", *DAY, "--store", store).out) for store in (alone, audited)
        )
    )
    assert one == other


def test_no_finding_about_the_estate_is_about_the_catalogue(audited: str) -> None:
    checks = ("ci-incomplete", "ci-orphaned", "ci-type-unverified", "change-without-request", "duplicate-suspected")
    words = [word for check in checks for word in ("--check", check)]
    ran = run("findings", *words, "--json", *DAY, "--store", audited)
    assert ran.code in (0, 1), ran.err
    assert "iso-20000-1-" not in ran.out
    assert "check/" not in ran.out
    assert json.loads(run("completeness", "--json", *DAY, "--store", audited).out)["total"] == 254
