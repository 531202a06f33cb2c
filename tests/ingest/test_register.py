"""Registers of documents: pages with front matter and tables, placed by their words, and never better than they are."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.analysis.obligations import obligations
from graphsms.analysis.reconciliation import duplicates
from graphsms.clauses import catalogue
from graphsms.ingest import ImportVerdict, plan
from graphsms.ingest.files import choose
from graphsms.ingest.foreign import mapping
from graphsms.ingest.placement import NOT_PLACED, OF_THE_PAGE, PLACED, UNRELATED, UNUSED
from graphsms.ingest.reader import RawEntity
from graphsms.ingest.register import RegisterReader
from graphsms.ingest.register_tables import READY
from graphsms.ingest.register_words import RegisterWords
from graphsms.ingest.serving import served
from graphsms.ingest.tabular import read_mapping
from graphsms.ingest.wording import words
from graphsms.model import Entity, Fault
from graphsms.ontology import load
from graphsms.store import Store
from imported import Write, edges, imported, refused, rules, types

ROOT = Path(__file__).parent.parent.parent
TODAY = "2026-11-21T00:00Z"
HEADER = (
    "Name,Type,Reference,Version,Status,Owner,Approved by,Approved on,Issued on,"
    "Review interval,Next review,Location,Classification,Clause\n"
)


def page(*lines: str) -> str:
    return "\n".join(["---", *lines, "---", ""])


def outcomes(verdict: ImportVerdict, outcome: str) -> list[str]:
    return [one.text for one in verdict.placements if one.outcome == outcome]


def known(store: Store, id: str) -> Entity:
    found = store.entity(id)
    assert found is not None, id
    return found


def state_of(store: Store, anchor: str, as_of: str = TODAY) -> tuple[str, str]:
    """State and reason of the only requirement at an anchor, or of the one that wants the document."""
    found = [one for one in obligations(store, as_of=as_of).states.values() if one.requirement.anchor == anchor]
    return found[0].state, found[0].reason


@pytest.fixture
def register(store: Store, fixtures: Path) -> tuple[Store, ImportVerdict]:
    return store, imported(store, fixtures / "documents.md")


# ------------------------------------------------------------------------------------------- the page


def test_entries_become_documents_laws_and_objectives_of_the_type_that_their_words_say(
    register: tuple[Store, ImportVerdict],
) -> None:
    found = {id: type for id, type in types(register[0]).items() if not id.startswith("iso-20000-1")}
    assert found == {
        "register:vesper-service-management": "Register",
        "summary:summary-of-vesper-service-management": "DocumentedInformation",
        "person:odile-marran": "Person",
        "role:management-board": "Role",
        "document:service-management-policy": "ServiceManagementPolicy",
        "document:change-policy": "ChangeManagementPolicy",
        "document:parking-of-bicycles": "Policy",
        "document:capacity-plan": "CapacityPlan",
        "document:capacity-plan-2": "CapacityPlan",
        "document:risk-register": "Register",
        "document:supplier-register": "Register",
        "document:internal-audit-report": "Record",
        "law:fair-weather-act-2011": "Legislation",
        "law:obligations-under-fair-weather-act-2011": "LegalObligation",
        "objective:restore-every-service-within-four-hours": "ServiceManagementObjective",
        "framework:iso-iec-20000-2": "Framework",
    }


def test_every_entry_and_every_key_is_placed_or_listed(register: tuple[Store, ImportVerdict]) -> None:
    _, verdict = register
    assert outcomes(verdict, PLACED) == [
        "Service Management Policy", "Change Policy", "Capacity Plan", "capacity plan", "Risk register",
        "Supplier register", "Internal audit report", "Service Management Policy", "Fair Weather Act 2011",
        "1. Restore every service within four hours", "ISO/IEC 20000-2", "ISO/IEC 20000-1:2018",
    ]  # fmt: skip
    assert outcomes(verdict, NOT_PLACED) == ["Parking of bicycles", "Contract"]
    assert outcomes(verdict, UNRELATED) == ["Sick Leave Policy"]
    assert [(one.field, one.text, one.note) for one in verdict.placements if one.outcome == UNUSED] == [
        ("polices", "Something", "perhaps policy"),
        ("", "Some more words.", "what stands below the front matter is not read"),
    ]
    assert [one.field for one in verdict.placements if one.outcome == OF_THE_PAGE] == [
        "procedures", "title", "page_id", "exported_at", "status", "owner", "priority level", "ai-summary",
    ]  # fmt: skip


def test_what_nobody_could_place_comes_with_a_guess_and_is_kept(register: tuple[Store, ImportVerdict]) -> None:
    store, verdict = register
    guessed = {one.text: one for one in verdict.placements if one.outcome == NOT_PLACED}
    assert guessed["Parking of bicycles"].requirements == ("7.5.1 (1) b)",)
    assert edges(store, "satisfies") & {("document:parking-of-bicycles", to) for to in types(store)} == set()
    assert guessed["Contract"].note == "which contract? Name each one, and what it obliges to"
    note = known(store, "register:vesper-service-management").properties["note"]
    assert "Not placed: Contract" in str(note)
    assert "Nothing to do with service management: Sick Leave Policy" in str(note)


def test_what_a_page_lists_it_refers_to_and_a_law_states_its_obligations(
    register: tuple[Store, ImportVerdict],
) -> None:
    store, _ = register
    assert ("register:vesper-service-management", "document:risk-register") in edges(store, "refersTo")
    assert edges(store, "statedIn") == {
        ("law:obligations-under-fair-weather-act-2011", "law:fair-weather-act-2011"),
    }
    beside = obligations(store, as_of=TODAY).beside
    assert beside.total == 1
    assert known(store, "register:vesper-service-management").properties["documentStatus"] == "draft"


def test_what_a_machine_wrote_is_kept_and_marked_and_is_no_evidence(register: tuple[Store, ImportVerdict]) -> None:
    store, _ = register
    summary = known(store, "summary:summary-of-vesper-service-management")
    assert summary.properties["machineWritten"] is True
    assert "Everything is fine" in str(summary.properties["description"])
    assert not any(subject == summary.id for subject, _ in edges(store, "satisfies") | edges(store, "demonstrates"))


def test_a_clause_leads_to_what_wants_a_document_of_the_type(register: tuple[Store, ImportVerdict]) -> None:
    store, _ = register
    assert {to for by, to in edges(store, "satisfies") if by == "document:change-policy"} == {
        "iso-20000-1-2018/8.5.1.1-1",
        "iso-20000-1-2018/7.5.4-1-d",
    }
    assert state_of(store, "7.5.4 (1) d)") == (
        "evidenced",
        "Change Policy: approved and current, to be reviewed by 2027-03-02",
    )


def test_importing_again_changes_nothing_and_a_dry_run_tells_the_same(store: Store, fixtures: Path) -> None:
    path = fixtures / "documents.md"
    planned = plan(store, [path])
    first = imported(store, path)
    assert planned.placements == first.placements
    assert imported(store, path).revision == first.revision == 1


def test_pages_of_documents_are_recognized_and_other_pages_are_not(write: Write, fixtures: Path) -> None:
    write("notes.md", "---\ntitle: Notes\nstatus: draft\n---\n\nplans: none\n")
    write("page.md", page("policies:", "- A", "plans:", "- B"))
    write("documents.csv", HEADER + "A,Policy" + "," * 12 + "\n")
    folder = write("servers.csv", "name,type,version,status,owner,location\nweb,server,1,live,Ada,here\n").parent
    assert [path.name for path in choose([folder]).files] == ["documents.csv", "page.md"]


def test_a_page_that_is_not_recognized_says_how_it_is_read(store: Store, write: Write) -> None:
    broken = write("page.md", "---\npolicies: [A\n---\n")
    (fault,) = refused(store, broken)
    assert "A page whose front matter lists documents is a register." in fault.message
    assert rules(refused(store, broken, format="register")) == [("not-yaml", 3)]


# ----------------------------------------------------------------------- never better than it is


def every_name() -> list[str]:
    return [f"- {' '.join(rule['words'][0].split()).title()}" for rule in mapping("register")["entries"]]  # type: ignore[attr-defined]


def test_names_alone_never_make_a_requirement_better_than_missing(store: Store, write: Write) -> None:
    lists = [line for key in ("policies", "plans", "records", "registers", "procedures", "agreements", "objectives")
             for line in (f"{key}:", *every_name())]  # fmt: skip
    verdict = imported(store, write("all.md", page(*lists)), format="register")
    assert len(verdict.placements) > 400
    states = obligations(store, as_of=TODAY)
    assert {one.state for one in states.states.values() if one.proofs and not one.requirement.items} == {"missing"}
    assert {one.state for one in states.states.values()} <= {"missing", "not assessed", "partial"}
    assert states.overall.counts["partial"] == 0


def test_a_later_register_with_version_approval_and_location_upgrades_a_planned_policy(
    store: Store, write: Write
) -> None:
    anchor = "7.5.4 (1) c)"
    imported(
        store, write("page.md", page("plans:", "- Service management plan")), format="register", source="documents"
    )
    assert state_of(store, anchor)[0] == "missing"
    row = "Service management plan,Plan,SMP-1,{},Ada Lang,{},,P1Y,,{},internal,\n"
    steps = [
        ("1.0,draft", ",", "", "partial"),
        ("1.0,", ",", "", "partial"),
        ("1.0,approved", "Board,2026-09-01", "", "partial"),
        ("1.0,approved", "Board,2026-09-01", "https://docs.example.org/smp", "evidenced"),
    ]
    for version, approval, location, expected in steps:
        path = write("documents.csv", HEADER + row.format(version, approval, location))
        imported(store, path, format="register", source="documents")
        assert state_of(store, anchor)[0] == expected, (version, approval, location)
    plan_ = known(store, "document:service-management-plan")
    assert (plan_.type, plan_.properties["documentStatus"]) == ("ServiceManagementPlan", "approved")
    assert state_of(store, anchor, "2027-09-01T00:00Z")[0] == "evidenced"
    assert state_of(store, anchor, "2027-09-02T00:00Z")[0] == "stale"


def test_a_name_that_is_also_described_is_what_the_description_says(store: Store, write: Write) -> None:
    described = ["- name: Capacity plan", "  version: '1'", "  approved on: 2026-02-01", "  location: shelf 4"]
    for order in (["plans:", *described, "documents:", "- Capacity plan"],
                  ["documents:", "- Capacity plan", "plans:", *described]):  # fmt: skip
        verdict = imported(store, write("page.md", page(*order)), format="register")
        assert verdict.warnings == ()
        assert "documentStatus" not in known(store, "document:capacity-plan").properties


def test_one_name_in_two_spellings_is_proposed_and_not_merged(store: Store, write: Write) -> None:
    imported(
        store,
        write("page.md", page("plans:", "- Resource Management Plan", "- Resource management plan")),
        format="register",
    )
    imported(
        store, write("own.yaml", "entities:\n- {id: rmp, type: Plan, name: Plan for the management of resources}\n")
    )
    (group,) = duplicates(store).groups
    assert {group.keep, *group.others} == {
        "document:resource-management-plan",
        "document:resource-management-plan-2",
        "rmp",
    }


def test_two_names_of_one_reference_are_one_document_and_that_is_told(store: Store, write: Write) -> None:
    rows = "Backup policy,Policy,POL-7,1" + "," * 10 + "\nPolicy for backups,Policy,POL-7,1" + "," * 10 + "\n"
    verdict = imported(store, write("documents.csv", HEADER + rows), format="register")
    assert [one.rule for one in verdict.warnings] == ["same-reference"]
    assert [id for id in types(store) if id.startswith("document:")] == ["document:backup-policy"]


# ---------------------------------------------------------------------------------------------- tables


def test_a_table_says_the_same_as_a_page(store: Store, write: Write) -> None:
    row = (
        "Incident policy,Policy,POL-2,3.0,in force,Ada Lang; Bo Tan,Management board,2026-02-03,2026-02-10,"
        "P2Y,2028-02-03,https://docs.example.org/p2,internal use only,8.6.1 (1) a); 8.6.1 (3)\n"
    )
    verdict = imported(store, write("documents.csv", HEADER + row), format="register")
    assert (verdict.warnings, verdict.placeholders) == ((), ())
    assert dict(known(store, "document:incident-policy").properties) == {
        "name": "Incident policy",
        "reference": "POL-2",
        "version": "3.0",
        "documentStatus": "approved",
        "approvedOn": "2026-02-03",
        "issuedOn": "2026-02-10",
        "reviewInterval": "P2Y",
        "reviewDueOn": "2028-02-03",
        "fileLocation": "https://docs.example.org/p2",
        "confidentiality": "internal",
    }
    assert edges(store, "ownedBy") == {
        ("document:incident-policy", one) for one in ("person:ada-lang", "person:bo-tan")
    }
    assert edges(store, "approvedBy") == {("document:incident-policy", "role:management-board")}
    assert {to.rpartition("/")[2] for _, to in edges(store, "satisfies")} == {"8.6.1-1-a", "8.6.1-1-a_2", "8.6.1-3"}
    (placed,) = verdict.placements
    assert (placed.line, placed.requirements) == (2, ("8.6.1 (1) a)", "8.6.1 (3)"))


def test_a_table_without_clauses_is_placed_by_its_words_and_a_record_demonstrates(store: Store, write: Write) -> None:
    table = "name,type,approved on,review interval\nInternal audit report,report,2026-02-03,\nBins,document,,\n"
    verdict = imported(store, write("documents.csv", table))
    assert [(one.text, one.outcome) for one in verdict.placements] == [
        ("Internal audit report", PLACED),
        ("Bins", NOT_PLACED),
    ]
    assert {subject for subject, _ in edges(store, "demonstrates")} == {"document:internal-audit-report"}


def test_a_type_that_the_name_says_narrows_what_a_clause_means(store: Store, write: Write) -> None:
    table = "name,type,clause\nCapacity plan,plan,8.4.3\nChange management policy,policy,7.5.4 d\n"
    imported(store, write("documents.csv", table), format="register")
    assert {(by, to.rpartition("/")[2]) for by, to in edges(store, "satisfies")} == {
        ("document:capacity-plan", "8.4.3-2"),
        ("document:change-management-policy", "7.5.4-1-d"),
    }


def test_a_workbook_is_a_register_where_that_is_said(store: Store, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("Documents", 0)
    sheet.append(["name", "type", "version", "clause"])
    sheet.append(["Scope of the SMS", "scope", "1.0", "4.3 (4)"])
    sheet.append(["Audit plan", "plan", "1.0", "9.2.9"])
    path = tmp_path / "documents.xlsx"
    book.save(path)
    (fault,) = refused(store, path, format="register")
    assert fault.rule == "unknown-clause"
    assert (fault.origin.line, getattr(fault.origin, "sheet", "")) == (3, "Documents")
    assert fault.field == "clause"
    assert "9.2.2" in fault.message


def test_a_workbook_with_the_columns_of_a_register_is_known_by_them(store: Store, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book, path = Workbook(), tmp_path / "documents.xlsx"
    sheet = book.worksheets[0]
    for row in csv.reader((HEADER + "A,Policy" + "," * 12).splitlines()):
        sheet.append(row)
    book.save(path)
    assert [one.text for one in imported(store, path).placements] == ["A"]
    sheet["B1"] = "kind"
    book.save(path)
    assert rules(refused(store, path)) == [("no-mapping", None)]
    path.write_bytes(path.read_bytes()[:900])
    assert rules(refused(store, path)) == [("no-mapping", None)]  # it is no workbook that can be known by anything


def test_the_ready_mapping_speaks_the_words_of_the_ontology() -> None:
    assert len(read_mapping(READY, load()).tables) == 1


def test_columns_of_ones_own_are_read_by_a_mapping_of_ones_own(store: Store, write: Write) -> None:
    mapping = READY.read_text("utf-8").replace("name|slug", "Titel|slug").replace("    name: name", "    Titel: name")
    own = write("own.yaml", mapping.replace("column: type", "column: Art").replace("[name, type]", "[Titel, Art]"))
    path = write("ours.csv", "Titel,Art\nChange management policy,Policy\n")
    verdict = imported(store, path, mapping=own, format="register")
    assert [(one.text, one.type) for one in verdict.placements] == [
        ("Change management policy", "ChangeManagementPolicy"),
    ]


def test_a_table_longer_than_any_register_is_refused(
    store: Store, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphsms.ingest.register_tables.MAX_ROWS", 2)
    rows = "".join(f"P{number},policy,\n" for number in range(3))
    (fault,) = refused(store, write("a.csv", "name,type,clause\n" + rows), format="register")
    assert fault.rule == "too-large"


def test_the_ready_mapping_is_one_as_any_other(store: Store, write: Write) -> None:
    path = write("ours.csv", "name,type,clause\nChange policy,change management policy,7.5.4 d\n")
    imported(store, path, mapping=READY, format="table")
    assert edges(store, "satisfies") == {("document:change-policy", "iso-20000-1-2018/7.5.4-1-d")}


# --------------------------------------------------------------------------------------- the words


def test_every_reference_of_the_words_is_a_place_in_the_standard() -> None:
    vocabulary = load()
    its = catalogue(vocabulary)
    document = vocabulary.known_as("documented information")
    stated = mapping("register")
    for rule in [*stated["entries"], *stated["vague"]]:  # type: ignore[misc]
        for reference in (*rule.get("requirements", ()), *rule.get("guess", ())):
            assert served(rule.get("type", document), reference, its, vocabulary), reference
        assert {"requirements", "guess", "unrelated"} & rule.keys(), rule


def test_codes_of_the_words_are_those_of_the_ontology() -> None:
    vocabulary = load()
    for rule in mapping("register")["fields"]:  # type: ignore[attr-defined]
        if "codes" in rule:
            codes = vocabulary.code_lists[vocabulary.properties[rule["property"]].code_list or ""]
            assert [one for one in rule["codes"].values() if codes.code(one) is None] == []


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("policies-", "documents"), ("POLICY", "documents"), ("guidance-(type-b)", "guidance"),
        ("Improvement_Actions", "documents"), ("priority-level", "notes"), ("requirement-(type-a)", "edition"),
        ("AI summary", "written_by_machine"), ("legal", "law"), ("next review", "field"), ("polices", None),
    ],
)  # fmt: skip
def test_keys_are_known_however_they_are_spelled(key: str, role: str | None) -> None:
    vocabulary = load()
    found = RegisterWords(mapping("register"), catalogue(vocabulary), vocabulary).key(key)
    assert (found.role if found else None) == role


def test_words_are_compared_in_the_singular() -> None:
    assert words("Policies, processes & analysis of the status") == words("policy processe and analysis status")


# ------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("# Documents\n\n- Policy\n", "no-front-matter", 1),
        ("---\npolicies: [A\nplans: B\n---\n", "not-yaml", 3),
        ("---\n- A\n---\n", "wrong-form", 1),
        (page("plans:", "- A", "policies:", "  service: A"), "wrong-form", 4),
        (page("policies:", "- [A, B]"), "wrong-form", 3),
        (page("policies:", "- version: 1"), "missing-name", 3),
        (page("policies:", "- name: A", "  approved on: 2999-01-01"), "future-date", 4),
        (page("issued on: 2999-01-01", "policies:", "- A"), "future-date", 2),
        (page("policies:", "- name: A", "  review interval: yearly"), "wrong-value", 4),
        (page("policies:", "- name: A", "  approved on: soon"), "wrong-value", 4),
        (page("policies:", "- name: A", "  status: perhaps"), "wrong-value", 4),
        (page("policies:", "- name: A", "  version: {a: 1}"), "wrong-form", 4),
        (page("policies:", "- name: A", "  clause: 8.2.3.1 z)"), "unknown-clause", 4),
        (page("policies:", f"- {'long ' * 80}"), "too-long", 3),
        (page("policies:", "- '!?'"), "missing-name", 3),
        (page("policies:", "- A", "owner: '?'"), "missing-name", 4),
    ],
)
def test_what_is_wrong_with_a_page_is_said_with_its_line(
    store: Store, write: Write, text: str, rule: str, line: int
) -> None:
    assert rules(refused(store, write("page.md", text), format="register")) == [(rule, line)]


def test_what_is_left_out_is_listed_as_that_and_the_rest_is_placed(store: Store, write: Write) -> None:
    rows = "A policy,policy,,,,,,2999-01-01,,,,,,\nCapacity plan,plan,,,,,,,,,,,,\n"
    verdict = imported(store, write("documents.csv", HEADER + rows), format="register", skip_invalid=True)
    assert [one.subject for one in verdict.rejected] == ["document:a-policy"]
    assert [one.text for one in verdict.placements] == ["Capacity plan"]
    listed = page("policies:", "- name: Change policy", "  clause: 8.99", "- B")
    verdict = imported(store, write("page.md", listed), format="register", skip_invalid=True)
    assert [(one.text, one.outcome) for one in verdict.placements] == [("Change policy", NOT_PLACED), ("B", NOT_PLACED)]


def test_dates_and_intervals_of_a_table_are_said_with_row_and_column(store: Store, write: Write) -> None:
    rows = "A,Policy,,,,,,2999-01-01,,,,,,\nB,Policy,,,,,,,,a year,,,,\nC,Policy,,,,,,,,,,,,8.99\n"
    faults = refused(store, write("documents.csv", HEADER + rows), format="register")
    assert [(one.rule, one.origin.line, one.field) for one in faults] == [
        ("future-date", 2, "approvedOn"),
        ("wrong-value", 3, "review interval"),
        ("unknown-clause", 4, "clause"),
    ]
    assert "8.5" in faults[-1].message


NAMES = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40))
LISTS = st.dictionaries(st.sampled_from(["policies", "Plans", "records-", "legal", "objectives", "actions"]), NAMES)


@given(LISTS)
@settings(max_examples=60, deadline=None)
def test_whatever_names_are_listed_each_is_told_of_once_and_the_same_each_time(lists: dict[str, list[str]]) -> None:
    named = {key: [one for one in names if any(map(str.isalnum, one))] for key, names in lists.items()}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "page.md"
        path.write_text(f"---\n{yaml.safe_dump({'title': 'T', **named}, allow_unicode=True)}---\n", encoding="utf-8")
        faults: list[Fault] = []
        reader = RegisterReader()
        first = list(reader.read([path], load(), faults.append, faults.append))
        told = reader.placements()
        again = list(reader.read([path], load(), faults.append, faults.append))
    assert first == again
    assert {one.rule for one in faults} <= {"missing-name"}
    entries = [one for one in told if one.outcome in (PLACED, NOT_PLACED, UNRELATED)]
    assert len(entries) + len(faults) // 2 == sum(map(len, named.values()))
    ids = [one.id for one in first if isinstance(one, RawEntity)]
    assert len(set(ids)) == len(ids)


def test_ten_thousand_entries_are_placed_or_listed(store: Store, write: Write) -> None:
    lines = [f"- Policy number {number}" for number in range(10_000)]
    verdict = imported(store, write("page.md", page("policies:", *lines)), format="register")
    assert len(verdict.placements) == 10_000
    assert {one.outcome for one in verdict.placements} == {NOT_PLACED}


def test_a_page_with_windows_line_ends_and_a_byte_order_mark_is_one(store: Store, write: Write) -> None:
    text = page("policies:", "- A", "plans:", "- Capacity plan").replace("\n", "\r\n")
    verdict = imported(store, write("page.md", "\ufeff" + text))
    assert [one.text for one in verdict.placements] == ["A", "Capacity plan"]


def test_more_entries_than_people_write_are_refused(store: Store, write: Write) -> None:
    lines = [f"- P{number}" for number in range(20_001)]
    (fault,) = refused(store, write("page.md", page("policies:", *lines)), format="register")
    assert fault.rule == "too-large"


# ------------------------------------------------------------------------------------- the user's own


@pytest.fixture(scope="session")
def own_page() -> Path:
    found = Path(os.environ.get("GRAPHSMS_SHARED", ROOT.parent / "shared")) / "seeds" / "itsm-page.md"
    if not found.is_file():
        pytest.skip(f"the page is not there: {found}")
    return found


def test_every_entry_of_the_users_own_page_is_placed_or_listed(store: Store, own_page: Path) -> None:
    head = yaml.safe_load(own_page.read_text("utf-8").split("---\n")[1])
    listed = {
        "procedures",
        "records",
        "plans",
        "guidelines",
        "policies-",
        "documents",
        "objectives",
        "legal",
        "registers",
    }
    stated = [" ".join(one.split()) for key in listed for one in head[key]]
    stated += [one for one in head["improvement-action"].split("\n") if one]
    stated += [head["guidance-(type-b)"], head["requirement-(type-a)"]]
    verdict = imported(store, own_page)
    entries = [one for one in verdict.placements if one.outcome in (PLACED, NOT_PLACED, UNRELATED)]
    assert sorted(one.text for one in entries) == sorted(stated)
    assert len(entries) == 70
    unused = [(one.field, one.text) for one in verdict.placements if one.outcome == UNUSED]
    assert unused == [("", "Unsupported block type: child_database")]  # what the export has left out
    assert {one.field for one in verdict.placements if one.outcome != UNUSED} == head.keys()
    assert sorted(outcomes(verdict, UNRELATED)) == [
        "2. Build a high-quality inbound lead funnel using automation, data, and targeted content",
        "Draft - Booking, Cancellations and Non-attendance (DNA) Policy",
    ]
    assert sorted(outcomes(verdict, NOT_PLACED)) == [
        "Contract", "Implementation Roadmap", "Open Source Policy", "Policy Engagement", "SAR Register",
        "Schedule/Timeline (Gantt Chart)", "Scope Management Plan", "Sustainable ICT Policy",
    ]  # fmt: skip
    assert all(one.requirements for one in entries if one.outcome == NOT_PLACED)
    assert verdict.placeholders == ()
    assert verdict.warnings == ()


def test_the_users_own_page_makes_nothing_better_than_missing(store: Store, own_page: Path) -> None:
    imported(store, own_page)
    counts = obligations(store, as_of=TODAY).overall.counts
    assert {state for state, count in counts.items() if count} == {"missing", "not assessed"}
    assert obligations(store, as_of=TODAY).beside.counts["not assessed"] == 7
    pairs = [{group.keep, *group.others} for group in duplicates(store).groups]
    assert {"document:resource-management-plan", "document:resource-management-plan-2"} in pairs


def test_names_of_the_users_own_page_lead_to_what_they_say(store: Store, own_page: Path) -> None:
    verdict = imported(store, own_page)
    placed = {one.text: (one.type, one.requirements) for one in verdict.placements}
    assert placed["Service management policy"] == ("ServiceManagementPolicy", ("5.2.1 (1)", "7.5.4 (1) b)"))
    assert placed["Nonconformance & Corrective Action Register"][1] == ("10.1.2 (1) a)", "10.1.2 (1) b)")
    assert placed["Management Review Actions Register"][1] == ("9.3 (2) a)", "9.3 (4)")
    assert placed["Right of Erasure (Right to be Forgotten) Policy"][1] == ("6.3 (3) c)", "8.7.3.2 (2)")
