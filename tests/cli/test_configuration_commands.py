"""``completeness``, ``expiring``, ``reconcile``, ``verify``, ``attest`` as people and programs meet them."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from command_line import run

TWICE = """
entities:
  - {id: web-1, type: Server, name: Web 1, serialNumber: HX40-1, locatedAt: dc, endOfSupport: 2020-01-31}
  - {id: "scan:7", type: Server, name: web-1.local, serialNumber: hx40 1, locatedAt: dc}
  - {id: dc, type: Site}
  - {id: shop, type: Service, dependsOn: "scan:7"}
"""


@pytest.fixture
def twice(tmp_path: Path) -> str:
    """A store in which one host is recorded twice."""
    file, url = tmp_path / "twice.yaml", str(tmp_path / "twice.db")
    file.write_text(TWICE)
    assert run("ingest", str(file), "--store", url).code == 0
    return url


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_completeness_says_it_in_a_sentence_and_leaves_with_1_where_something_is_missing(twice: str) -> None:
    ran = run("completeness", "--store", twice)
    assert ran.code == 1
    assert ran.out.startswith("0 of 4 live configuration items have all that 8.2.6 a to e want recorded")
    assert max(map(len, ran.out.splitlines())) <= 80
    by_type = {one["type"]: one for one in rows(run("completeness", "--csv", "--store", twice).out)}
    assert (by_type["Server"]["total"], by_type["Server"]["recorded_c"]) == ("2", "0")
    types = json.loads(run("completeness", "--json", "--store", twice).out)["types"]
    (of_servers,) = [one for one in types if one["type"] == "Server"]
    recorded = {f"recorded_{letter}" for letter in of_servers["recorded"]}
    assert by_type["Server"].keys() == of_servers.keys() - {"label", "recorded"} | recorded
    items = rows(run("completeness", "--items", "--csv", "--store", twice).out)
    assert {one["id"] for one in items} == {"web-1", "scan:7", "dc", "shop"}
    assert json.loads(run("completeness", "--json", "--store", twice).out)["total"] == 4
    assert run("completeness", "--type", "Sevrer", "--store", twice).code == 2


def test_expiring_lists_what_is_over_with_its_services(twice: str) -> None:
    ran = run("expiring", "--store", twice)
    assert (ran.code, "Ended (1)" in ran.out) == (1, True)
    (one,) = rows(run("expiring", "--csv", "--store", twice).out)
    assert (one["id"], one["what"], one["last_day"]) == ("web-1", "support", "2020-01-31")
    assert run("expiring", "--within", "soon", "--store", twice).code == 2
    assert run("expiring", "--type", "Certificate", "--store", twice).code == 0


def test_reconcile_proposes_and_merges_only_when_told(twice: str) -> None:
    ran = run("reconcile", "--store", twice)
    assert (ran.code, "serial-number" in ran.out) == (1, True)
    (one,) = rows(run("reconcile", "--csv", "--store", twice).out)
    assert {one["id"], one["other"]} == {"web-1", "scan:7"}
    dry = run("reconcile", "merge", "web-1", "scan:7", "--dry-run", "--store", twice)
    assert (dry.code, dry.out.startswith("Nothing was changed; would merge scan:7 into web-1")) == (0, True)
    done = json.loads(run("reconcile", "merge", "web-1", "scan:7", "--json", "--store", twice).out)
    assert (done["revision"], done["rewired"]) == (2, [["shop", "dependsOn", "web-1"], ["web-1", "locatedAt", "dc"]])
    assert [one["field"] for one in done["conflicts"]] == ["name", "serialNumber"]
    assert run("reconcile", "--store", twice).code == 0


def test_reconcile_remembers_what_was_said_to_differ(twice: str) -> None:
    assert run("reconcile", "reject", "web-1", "scan:7", "--why", "two of them", "--store", twice).code == 0
    again = run("reconcile", "--store", twice)
    assert (again.code, "1 pair was said to be different" in " ".join(again.out.split())) == (0, True)
    assert run("reconcile", "reject", "web-1", "web-1", "--store", twice).code == 2
    assert run("reconcile", "merge", "web-1", "no-such", "--store", twice).code == 2


def test_verify_shows_what_differs_and_keeps_it_as_evidence_when_told(twice: str, tmp_path: Path) -> None:
    scan = tmp_path / "scan.yaml"
    scan.write_text("entities:\n- {id: web-1, type: Server, model: X1}\n- {id: new, type: Server}\n")
    ran = run("verify", str(scan), "--store", twice)
    assert (ran.code, ran.out.startswith("0 of 3 configuration items agree with scan.yaml")) == (1, True)
    listed = rows(run("verify", str(scan), "--csv", "--store", twice).out)
    assert [(one["deviation"], one["id"] or one["theirs"], one["field"]) for one in listed] == [
        ("differs", "web-1", "model"),
        ("recorded only", "scan:7", ""),
        ("found only", "new", "type"),
    ]
    kept = json.loads(run("verify", str(scan), "--record", "--json", "--store", twice).out)
    assert (kept["checked"], kept["deficient"], kept["recorded_in"]) == (3, 3, 2)
    assert "Verification against scan.yaml" in run("find", "verification", "--json", "--store", twice).out
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("entities:\n- {id: x, type: Sevrer}\n")
    assert run("verify", str(wrong), "--store", twice).code == 2
    assert run("verify", str(tmp_path / "none.yaml"), "--store", twice).code == 2
    agreeing = tmp_path / "agreeing.yaml"
    agreeing.write_text("entities:\n- {id: dc, type: Site}\n")
    assert run("verify", str(agreeing), "--store", twice).code == 0


def test_what_was_recorded_before_can_be_verified_and_reconciled_and_both_times_are_said(
    twice: str, tmp_path: Path
) -> None:
    scan = tmp_path / "scan.yaml"
    scan.write_text("entities:\n- {id: web-1, type: Server, serialNumber: HX40-1}\n")
    assert run("reconcile", "merge", "web-1", "scan:7", "--store", twice).code == 0
    (before, now) = (
        json.loads(run("verify", str(scan), *at, "--json", "--store", twice).out) for at in (("--at", "1"), ())
    )
    assert (before["revision"], before["only_recorded"]) == (1, ["scan:7"])
    assert (now["revision"], now["only_recorded"]) == (2, [])
    for command in (("verify", str(scan)), ("reconcile",)):
        said = run(*command, "--at", "1", "--as-of", "2026-03-01T12:00Z", "--store", twice).out
        assert "Revision 1 of " in said
        assert "as of 2026-03-01T12:00Z." in said
    assert json.loads(run("reconcile", "--at", "1", "--json", "--store", twice).out)["as_of"]
    refused = run("verify", str(scan), "--record", "--at", "1", "--store", twice)
    assert (refused.code, "leave out --at" in refused.err) == (2, True)


def test_lists_as_csv_have_their_revision_and_moment_beside_them(twice: str, tmp_path: Path) -> None:
    scan = tmp_path / "scan.yaml"
    scan.write_text("entities:\n- {id: web-1, type: Server, model: X1}\n")
    for command in (("completeness",), ("expiring",), ("findings",), ("reconcile",), ("verify", str(scan))):
        ran = run(*command, "--csv", "--at", "1", "--as-of", "2026-03-01T12:00Z", "--store", twice)
        assert "Revision" not in ran.out.partition("\n")[0]
        assert re.fullmatch(r"Revision 1 of \S+Z, as of 2026-03-01T12:00Z\.\n", ran.err), command


def test_attest_writes_lists_and_takes_in_the_answers(tmp_path: Path) -> None:
    file, url, lists = tmp_path / "owned.yaml", str(tmp_path / "owned.db"), tmp_path / "lists"
    file.write_text("entities:\n- {id: ann, type: Person}\n- {id: web, type: Server, name: Web, ownedBy: ann}\n")
    assert run("ingest", str(file), "--store", url).code == 0
    assert run("attest", "export", "--into", str(lists), "--store", url).code == 2
    ran = run("attest", "export", "--all", "--into", str(lists), "--store", url)
    assert (ran.code, ran.out.startswith("1 list with 1 items written")) == (0, True)
    assert "Revision 1 of " in ran.out
    assert ", as of " in ran.out
    answers = lists / "ann.csv"
    text = answers.read_text("utf-8-sig")
    answers.write_text(text.replace("\n,web,Server,Web", "\ncorrected,web,Server,Web shop"))
    ran = run("attest", "import", str(answers), "--store", url)
    assert (ran.code, "Recorded in revision 2" in ran.out) == (1, True)
    (one,) = rows(run("attest", "import", str(answers), "--apply", "--csv", "--store", url).out)
    assert (one["id"], one["field"], one["becomes"]) == ("web", "name", "Web shop")
    assert json.loads(run("show", "web", "--json", "--store", url).out)["properties"]["name"] == "Web shop"
    assert run("attest", "import", str(file), "--store", url).code == 2
