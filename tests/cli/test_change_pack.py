"""``graphsms change pack`` and ``graphsms pack compare`` as people and programs meet them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

ESTATE = """
entities:
  - {id: rfc-1, type: RequestForChange, name: New disks, changeStatus: assessed, touches: {to: db-1, mode: outage},
     windowStart: "2026-12-01T20:00:00Z", windowEnd: "2026-12-01T22:00:00Z"}
  - {id: rfc-2, type: RequestForChange, name: New memory, changeStatus: approved, touches: {to: db-2, mode: outage},
     windowStart: "2026-12-01T21:00:00Z", windowEnd: "2026-12-01T23:00:00Z"}
  - {id: dbs, type: RedundancyGroup, minimum: 1, hasMember: [db-1, db-2]}
  - {id: db-1, type: Database, confidentiality: confidential}
  - {id: db-2, type: Database}
  - {id: web, type: Service, name: Web shop, criticality: critical, dependsOn: dbs}
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store in which two changes take down one service together."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("estate.yaml").write_text(ESTATE, "utf-8")
    assert run("ingest", "estate.yaml", "--store", "estate.db").code == 0
    return "estate.db"


def test_a_pack_is_written_in_each_form_and_told(asked: str) -> None:
    names = ("cab.html", "cab.pdf", "cab.xlsx", "cab.json")
    ran = run("change", "pack", "rfc-1", *(part for name in names for part in ("--out", name)), "--store", asked)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0] == "Making rfc-1 stops 1 of 1 service, which is critical."
    assert lines[1].startswith("Classification: confidential, as db-1 is; of ")
    assert max(map(len, lines)) <= 80
    for name in names:
        assert f"{Path(name).stat().st_size:,}" in ran.out
    assert "as of 2026-12-01T20:00Z" in lines[-1]


def test_without_the_context_only_the_change_itself_counts(asked: str) -> None:
    ran = run("change", "pack", "rfc-1", "--without-context", "-o", "alone.json", "--store", asked)
    assert "uses up the redundancy of 1 of 1 service" in ran.out
    assert json.loads(Path("alone.json").read_text("utf-8"))["inputs"]["with_context"] is False


def test_json_is_what_the_file_holds_and_csv_has_a_row_for_each_hit(asked: str) -> None:
    run("change", "pack", "rfc-1", "-o", "cab.json", "--store", asked)
    assert run("change", "pack", "rfc-1", "--json", "--store", asked).out == Path("cab.json").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(run("change", "pack", "rfc-1", "--csv", "--store", asked).out)))
    assert {(row["request"], row["id"], row["state"]) for row in rows} >= {("rfc-1", "web", "down")}


def test_an_agenda_by_ids_and_by_time_are_the_same(asked: str) -> None:
    by_ids = run("change", "pack", "--agenda", "rfc-1", "rfc-2", "--json", "--store", asked)
    by_time = run(
        "change", "pack", "--agenda", "--start", "2026-12-01", "--end", "2026-12-01", "--json", "--store", asked
    )
    assert by_ids.code == by_time.code == 0
    assert json.loads(by_ids.out) == json.loads(by_time.out)
    (conflict,) = json.loads(by_ids.out)["conflicts"]["conflicts"]
    assert [one["id"] for one in conflict["changes"]] == ["rfc-1", "rfc-2"]


def test_packs_are_compared_and_leave_with_1_where_they_differ(asked: str) -> None:
    run("change", "pack", "rfc-1", "-o", "monday.html", "--store", asked)
    Path("more.yaml").write_text("entities: [{id: shop-2, type: Service, dependsOn: db-1}]\n", "utf-8")
    assert run("ingest", "more.yaml", "--source", "more", "--store", asked).code == 0
    run("change", "pack", "rfc-1", "-o", "friday.html", "--store", asked)
    same = run("pack", "compare", "monday.html", "monday.html")
    assert (same.code, same.out) == (0, "Both say the same.\n")
    ran = run("pack", "compare", "monday.html", "friday.html", "--inputs")
    assert ran.code == 1
    assert "in friday.html" in ran.out
    assert ["new", "shop-2", "hit:", "down"] in [line.split() for line in ran.out.splitlines()]
    assert any(line.split()[:3] == ["revision", "1", "2"] for line in ran.out.splitlines())
    answer = json.loads(run("pack", "compare", "monday.html", "friday.html", "--json").out)
    assert ("new", "shop-2") in {(one["difference"], one["id"]) for one in answer["differences"]}
    rows = csv.DictReader(io.StringIO(run("pack", "compare", "monday.html", "friday.html", "--csv").out))
    assert [row["id"] for row in rows] == [one["id"] for one in answer["differences"]]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("rfc-1",), "Say where to write the pack"),
        (("-o", "a.html"), "Give at least one request for change."),
        (("rfc-1", "-o", "a.docx"), "the name of a pack ends with .html, .pdf, .xlsx, .json"),
        (("rfc-1", "-o", "none/a.html"), "a.html cannot be written"),
        (("rfc-9", "-o", "a.html"), "Did you mean rfc-1"),
        (("web", "-o", "a.html"), "no request for change"),
        (("rfc-1", "-o", "a.html", "--start", "2026-12-01"), "--agenda"),
        (("--agenda", "-o", "a.html"), "Say of which changes"),
        (("--agenda", "rfc-1", "--start", "2026-12-01", "-o", "a.html"), "not both"),
        (("--agenda", "--start", "2030-01-01", "--end", "2030-01-02", "-o", "a.html"), "No change that is still"),
        (("rfc-1", "-o", "a.html", "--policy", "none.yaml"), "none.yaml"),
        (("rfc-1", "-o", "a.html", "--at", "9"), "9"),
    ],
)
def test_what_cannot_be_meant_leaves_with_2_and_writes_nothing(
    asked: str, arguments: tuple[str, ...], says: str
) -> None:
    ran = run("change", "pack", *arguments, "--store", asked)
    assert ran.code == 2
    assert says in " ".join(ran.err.split())
    assert "Traceback" not in ran.err
    assert not Path("a.html").exists()


def test_a_pack_does_not_take_the_place_of_the_store(asked: str, tmp_path: Path) -> None:
    url = str(tmp_path / "graph.json")
    assert run("ingest", "estate.yaml", "--store", url).code == 0
    before = (tmp_path / "graph.json").read_bytes()
    ran = run("change", "pack", "rfc-1", "--out", "graph.json", "--store", url)
    assert (ran.code, "is the store itself" in ran.err) == (2, True)
    assert (tmp_path / "graph.json").read_bytes() == before


def test_the_next_command_can_be_typed(asked: str) -> None:
    ran = run("change", "pack", "rfc-1", "-o", "cab.html", "--store", asked, watched=True)
    assert ran.err.splitlines()[-1] == "graphsms change conflicts rfc-1 --store estate.db"
    ran = run("change", "pack", "--agenda", "rfc-1", "rfc-2", "-o", "cab.html", "--store", asked, watched=True)
    assert ran.err.splitlines()[-1] == "graphsms change windows rfc-1 --store estate.db"


def test_a_decision_rests_on_a_pack_in_html_or_json(asked: str) -> None:
    for number, name in enumerate(("cab.html", "cab.json")):
        assert run("change", "pack", "rfc-1", "-o", name, "--store", asked).code == 0
        Path("who.yaml").write_text("entities: [{id: board, type: Team}]\n", "utf-8")
        run("ingest", "who.yaml", "--source", "who", "--store", asked)
        way = ("--defer", "--approve")[number]
        ran = run("change", "decide", "rfc-1", way, "--by", "board", "--pack", name, "--store", asked)
        assert ran.code == 0, ran.err
        printed = json.loads(Path("cab.json").read_text("utf-8"))["hash"] if number else ""
        assert f"on pack {printed[:12]}" in ran.out
    told = run("change", "decisions", "rfc-1", "--csv", "--store", asked).out
    assert printed in told


def test_the_help_says_what_holds_where_no_moment_is_given() -> None:
    told = " ".join(run("change", "assess", "--help").out.split())
    assert "What was valid then. [default: when the first window begins]" in told
    told = " ".join(run("change", "pack", "--help").out.split())
    assert "What was valid then. [default: when the window begins]" in told
    assert "Of an agenda: from when" in told
