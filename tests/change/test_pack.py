"""The CAB pack of the example estate: what it says, that it is frozen, and how confidential it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import graphsms
from graphsms import ChangeSet, Entity, Relation
from graphsms.change.pack import FORMS, Pack
from graphsms.change.pack.chains import Chains
from graphsms.change.pack.marking import marking_of
from graphsms.errors import InputError, UnknownIdError
from graphsms.graph import Graph
from graphsms.report.document import text_of
from graphsms.report.html import data_of
from graphsms.version import __version__

ROOT = Path(__file__).parents[2]
ESTATE = ROOT / "examples" / "estate"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("packs") / "estate.db"
    with graphsms.open(path) as graph:
        graph.ingest(ESTATE)
    return str(path)


@pytest.fixture(scope="module")
def graph(url: str) -> Iterator[Graph]:
    with graphsms.open(url, create=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def pack(graph: Graph) -> Pack:
    return graph.change.pack("rfc-2041")


@pytest.fixture(scope="module")
def agenda(graph: Graph) -> Pack:
    return graph.change.pack(agenda=True, start="2026-11-21", end="2026-11-29")


def said(pack: Pack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pack.to_bytes("json"))
    return found


# ------------------------------------------------------------------------------------------- what it says


def test_windows_are_told_on_the_clock_of_the_organization(tmp_path: Path) -> None:
    night = {"windowStart": "2027-03-27T23:30:00Z", "windowEnd": "2027-03-28T02:00:00Z"}
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.set_zone("Europe/Zurich")
        graph.apply(
            ChangeSet(
                [Entity("rfc-1", "RequestForChange", night), Entity("web", "Service")],
                [Relation("touches", "rfc-1", "web", {"mode": "outage"})],
            )
        )
        (chapter,) = graph.change.pack("rfc-1").document().chapters
        window = "Sun 2027-03-28 00:30 (+0100) – 04:00 (+0200) Europe/Zurich"
        assert {fact.label: fact.value for fact in chapter.facts}["Window"] == window
        front, _ = graph.change.pack("rfc-1", agenda=True).document().chapters
        assert front.title == "Agenda: 1 change, 2027-03-28 to 2027-03-28"
        (listing,) = front.sections[1].listings
        assert listing.rows[0].cells[2] == window


def test_its_json_is_that_of_the_assessment(graph: Graph, pack: Pack) -> None:
    assessed = graph.change.assess("rfc-2041")
    assert said(pack)["changes"] == [json.loads(json.dumps(assessed.to_json()))]
    assert said(pack)["sentence"] == assessed.sentence(emphasis="")


def test_its_page_holds_the_same_data(pack: Pack) -> None:
    assert data_of(pack.to_bytes("html").decode()) == said(pack)


def test_all_letters_stand_in_it_in_order_and_none_is_empty(pack: Pack) -> None:
    (chapter,) = pack.document().chapters
    letters = [section for section in chapter.sections if re.match(r"[a-e]\) ", section.title)]
    assert [section.title[0] for section in letters] == list("abcde")
    assert all(section.sentence and section.listings for section in letters)
    titles = [section.title for section in chapter.sections]
    assert titles.index("Risks, benefits, feasibility, cost") < titles.index(letters[0].title)


def test_what_is_recorded_stands_beside_what_the_policy_says_where_they_differ(pack: Pack) -> None:
    (chapter,) = pack.document().chapters
    facts = {fact.label: fact.value for fact in chapter.facts}
    assert facts["Category of the change"] == "normal"
    assert facts["Route of the change"] == "not stated (by the policy 8.5.1.3)"
    assert facts["Level of risk"] == "moderate (by the policy high)"


def test_shares_of_what_targets_allow_are_percentages_for_people_and_numbers_for_programs(graph: Graph) -> None:
    pack = graph.change.pack("rfc-2051")
    (listing,) = [one for _, _, one in pack.document().listings() if one.title == "Targets at risk"]
    headings = [column.heading for column in listing.columns]
    (row,) = [row for row in listing.rows if row.cells[headings.index("id")] == "t-pay-availability"]
    shown = {name: text_of(cell) for name, cell in zip(headings, row.cells, strict=True)}
    assert (shown["share"], shown["uses minutes"], shown["allowed minutes"]) == ("278%", "60", "21.6")
    book = load_workbook(BytesIO(pack.to_bytes("xlsx")), read_only=True)
    header, *rows = book["b Targets at risk"].iter_rows(values_only=True)
    shares = {one[header.index("id")]: one[header.index("share")] for one in rows}
    assert shares["t-pay-availability"] == pytest.approx(60 / 21.6, abs=1e-3)


def test_every_hit_opens_to_a_chain_that_ends_where_it_begins(pack: Pack) -> None:
    (chapter,) = pack.document().chapters
    (everything,) = [one for one in chapter.sections if one.appendix]
    (listing,) = everything.listings
    assert len(listing.rows) == len(pack.assessments[0].hits)
    for row in listing.rows:
        assert row.detail[0].text.startswith(f"{row.anchor} is "), row
        assert "to begin with" in row.detail[-1].text, row


def test_chains_say_what_explain_says(graph: Graph) -> None:
    impact = graph.impact("host-n-4", "array-n-1", as_of="2026-11-21")
    chains = Chains(impact, graph.vocabulary)
    for hit in (*impact.hits, *impact.concerned):
        told = graph.explain(hit.id, "host-n-4", "array-n-1", as_of="2026-11-21")
        chain = chains.of(hit.id)
        assert (chain[0].state, chain[-1].state) == (told.steps[0].state, told.steps[-1].state)
        assert len(chain) == len(told.steps), hit.id
    assert chains.of("nothing") == ()


def test_a_change_that_hits_no_service_says_so(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "alone.db") as graph:
        graph.apply(ChangeSet([Entity("rfc-1", "RequestForChange")]))
        page = graph.change.pack("rfc-1").to_bytes("html").decode()
    assert "No service is hit." in page
    assert "Nothing: the request does not say what it touches" in page


def test_the_map_leads_from_what_is_touched_to_the_customers_and_leaves_out_what_has_no_part_in_it(pack: Pack) -> None:
    (chapter,) = pack.document().chapters
    assert chapter.map is not None
    begins = {box.id for box in chapter.map.boxes if box.begins}
    assert {"firewall-n-1", "firewall-n-2"} <= begins  # touched; and its partner, which is down already
    assert "shop-search" not in begins  # degraded already, and nothing to do with it
    assert [band.name for band in chapter.map.bands] == [
        "Customers and other parties",
        "Services",
        "Configuration items",
    ]


def test_a_workbook_holds_every_hit(pack: Pack) -> None:
    book = load_workbook(BytesIO(pack.to_bytes("xlsx")), read_only=True)
    name = next(one for one in book.sheetnames if one.startswith("All that is hit"))
    assert len(list(book[name].iter_rows())) == len(pack.assessments[0].hits) + 1


def test_on_paper_it_is_of_a_length_that_people_read(pack: Pack) -> None:
    assert 4 <= len(re.findall(rb"/Type /Page\b(?!s)", pack.to_bytes("pdf"))) <= 14


def test_of_very_many_hits_the_page_says_how_many_there_are_and_the_workbook_has_all(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "many.db") as graph:
        services = [Entity(f"s-{number:04}", "Service") for number in range(1_200)]
        rest = [Entity("rfc-1", "RequestForChange"), Entity("db-1", "Database")]
        relations = [Relation("dependsOn", one.id, "db-1") for one in services]
        graph.apply(
            ChangeSet([*rest, *services], [*relations, Relation("touches", "rfc-1", "db-1", {"mode": "outage"})])
        )
        pack = graph.change.pack("rfc-1")
        page = pack.to_bytes("html").decode()
        assert "The first 500 of 1,200. All of them stand in the XLSX and JSON forms of this." in page
        assert "1200 × service" in page
        book = load_workbook(BytesIO(pack.to_bytes("xlsx")), read_only=True)
        assert len(list(book["Services"].iter_rows())) == 1_201
        assert sum(hit["type"] == "Service" for hit in said(pack)["changes"][0]["hits"]) == 1_200
        assert len(re.findall(rb"/Type /Page\b(?!s)", pack.to_bytes("pdf"))) < 30


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    hostile = "</script><script>alert(1)</script>"
    with graphsms.open(tmp_path / "hostile.db") as graph:
        graph.apply(
            ChangeSet(
                [
                    Entity("rfc-1", "RequestForChange", {"name": hostile, "riskStatement": '=cmd|"/c calc"!A0'}),
                    Entity("db-1", "Database", {"name": hostile}),
                    Entity('we"b<', "Service", {"name": hostile}),
                ],
                [Relation("touches", "rfc-1", "db-1", {"mode": "outage"}), Relation("dependsOn", 'we"b<', "db-1")],
            )
        )
        pack = graph.change.pack("rfc-1")
        page = pack.to_bytes("html").decode()
        assert page.count("<script") == page.count("</script>") == 1
        assert data_of(page) == said(pack)
        assert pack.to_bytes("pdf").startswith(b"%PDF")
        assert load_workbook(BytesIO(pack.to_bytes("xlsx")))


# ---------------------------------------------------------------------------------------------- that it is frozen


def test_what_it_was_made_of_is_printed_in_it(graph: Graph, pack: Pack) -> None:
    inputs = said(pack)["inputs"]
    assert inputs["revision"] == graph.revision.number
    assert inputs["revision_hash"] == graph.revision.hash
    assert inputs["as_of"] == {"rfc-2041": "2026-11-22T01:00:00Z"}
    assert inputs["ontology"] == graph.vocabulary.hash
    assert inputs["policy"] == graph.change.policy().hash
    assert inputs["version"] == __version__
    assert inputs["visible_up_to"] == "secret"
    printed = pack.to_bytes("html").decode()
    for value in (inputs["revision_hash"], inputs["ontology"], inputs["policy"], "2026-11-22T01:00:00Z", pack.hash):
        assert value in printed


def test_it_is_the_same_byte_for_byte_in_another_process_zone_and_order_of_hashes(url: str, tmp_path: Path) -> None:
    made = []
    for seed, zone in (("0", "UTC"), ("4711", "Pacific/Auckland")):
        folder = tmp_path / seed
        folder.mkdir()
        outs = [part for form in FORMS for part in ("--out", str(folder / f"cab.{form}"))]
        subprocess.run(
            [sys.executable, "-m", "graphsms", "change", "pack", "rfc-2041", "rfc-2042", "--store", url, *outs],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)},
        )
        made.append({form: (folder / f"cab.{form}").read_bytes() for form in FORMS})
    assert made[0] == made[1]


def test_it_is_made_again_from_its_revision_when_the_graph_has_moved_on(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.ingest(ESTATE)
        before = graph.change.pack("rfc-2046")  # without a window: as of the revision's own time
        graph.apply(ChangeSet([Entity("web-2", "Service")], [Relation("dependsOn", "web-2", "printing")]))
        assert graph.change.pack("rfc-2046", at=before.inputs.revision).to_json() == before.to_json()
        assert graph.change.pack("rfc-2046").hash != before.hash


# ------------------------------------------------------------------------------------------ how confidential it is


def test_it_is_as_confidential_as_the_most_confidential_thing_in_it(tmp_path: Path) -> None:
    def service(level: str) -> Entity:
        return Entity("web", "Service", {"confidentiality": level} if level else {})

    with graphsms.open(tmp_path / "levels.db") as graph:
        rest = [Entity("rfc-1", "RequestForChange"), Entity("db-1", "Database", {"confidentiality": "internal"})]
        relations = [Relation("touches", "rfc-1", "db-1", {"mode": "outage"}), Relation("dependsOn", "web", "db-1")]
        # What has nothing to do with the change does not count.
        graph.apply(ChangeSet([*rest, service(""), Entity("vault", "Site", {"confidentiality": "secret"})], relations))
        internal = str(graph.change.pack("rfc-1").marking)
        assert internal == "internal, as db-1 is; of 2 more in it that is not recorded", "what is unknown is not fine"
        graph.apply(ChangeSet([service("confidential")]))
        pack = graph.change.pack("rfc-1")
        assert (pack.marking.level, pack.marking.by) == ("confidential", ("web",))
        assert pack.document().classification == "confidential"
        assert ">confidential</span>" in pack.to_bytes("html").decode()


def test_what_is_only_named_in_a_sentence_counts_as_well(graph: Graph) -> None:
    found = marking_of(graph.store, {"why": "It is held in payments-db, of which nobody is told."})
    assert str(found) == "secret, as payments-db is"


def test_where_nothing_says_how_confidential_it_is_that_is_said(pack: Pack) -> None:
    assert pack.marking.level == ""
    assert "not classified: nothing in it says how confidential it is" in pack.to_bytes("html").decode()


# ---------------------------------------------------------------------------------------------------- of a meeting


def test_an_agenda_is_of_the_changes_in_its_time_the_riskiest_first(agenda: Pack) -> None:
    ids = [one.requests[0].id for one in agenda.assessments]
    assert sorted(ids) == ["rfc-2041", "rfc-2042", "rfc-2045", "rfc-2048", "rfc-2049", "rfc-2051", "rfc-2052"]
    ranks = {"low": 1, "moderate": 2, "high": 3, "very high": 4}
    risks = [
        max(ranks[one.classification[0].risk.says], ranks.get(one.requests[0].says("riskLevel"), 0))
        for one in agenda.assessments
    ]
    assert risks == sorted(risks, reverse=True)
    assert ids[0] == "rfc-2051"


def test_each_change_of_an_agenda_is_assessed_as_by_itself(graph: Graph, agenda: Pack) -> None:
    for one in agenda.assessments:
        assert one.to_json() == graph.change.assess(one.requests[0].id).to_json()


def test_conflicts_stand_on_the_first_page_of_an_agenda(graph: Graph, agenda: Pack) -> None:
    front = agenda.document().chapters[0]
    assert front.sections[0].title == "Conflicts"
    text = json.dumps([row.cells for row in front.sections[0].listings[0].rows], default=list)
    assert "rfc-2051 and rfc-2052" in text
    assert "rfc-2041 and rfc-2042" in text
    assert agenda.conflicts is not None
    assert front.answer == agenda.conflicts.sentence()
    first = re.search(r'<section class="chapter" id="c1">.*?</section>', agenda.to_bytes("html").decode(), re.DOTALL)
    assert first
    assert "grp-payments: 2 of 2 lost, needs 1" in first[0]


def test_the_first_page_leads_to_each_change(agenda: Pack) -> None:
    page = agenda.to_bytes("html").decode()
    for number, one in enumerate(agenda.assessments, start=2):
        assert f'href="#c{number}">{one.requests[0].id}' in page.replace("\n", "")


def test_links_lead_to_rows_of_the_same_chapter(agenda: Pack) -> None:
    page = agenda.to_bytes("html").decode()
    for chapter in re.findall(r'<section class="chapter".*?</section>', page, re.DOTALL):
        ids = set(re.findall(r' id="([^"]+)"', chapter))
        links = set(re.findall(r'href="#(c\d+r\d+)"', chapter))
        assert links <= ids
        assert links or 'id="c1"' in chapter


def test_an_agenda_without_changes_says_so(graph: Graph) -> None:
    with pytest.raises(InputError, match="No change that is still to be made has a window"):
        graph.change.pack(agenda=True, start="2031-01-01", end="2031-01-02")


# ----------------------------------------------------------------------------------------------------- bad input


def test_what_is_no_request_is_refused(graph: Graph) -> None:
    with pytest.raises(UnknownIdError, match="rfc-2039"):
        graph.change.pack("rfc-20399")
    with pytest.raises(InputError, match="no request for change"):
        graph.change.pack("web-shop")
    with pytest.raises(InputError, match="at least one"):
        graph.change.pack()
    with pytest.raises(InputError, match="There is no revision 99"):
        graph.change.pack("rfc-2041", at=99)


def test_a_form_that_there_is_not_is_refused_before_anything_is_written(pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends with \.html, \.pdf, \.xlsx, \.json"):
        pack.write(tmp_path / "cab.json", tmp_path / "cab.doc")
    assert list(tmp_path.iterdir()) == []
