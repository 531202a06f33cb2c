"""What is printed at 80 columns: ids stay in one piece; what there is no room for is left out or put below."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import run

LONG = "configuration-management-database-of-the-north"
ESTATE = """
entities:
  - {id: configuration-item-with-a-long-name-1, type: Server, hostname: a-host-name-of-some-length.in-a-long.example,
     serialNumber: HX40-00000000000000000000000000000001}
  - {id: src-asset-register-of-finance, type: InformationSource, authoritative: true}
"""


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def two_sources(tmp_path: Path) -> str:
    store = str(tmp_path / "narrow.db")
    (tmp_path / "all.yaml").write_text(ESTATE, encoding="utf-8")
    (tmp_path / "scan.yaml").write_text(ESTATE.replace("0001}", "0002}"), encoding="utf-8")
    for name, source in (("all.yaml", LONG), ("scan.yaml", "scan")):
        ran = run("ingest", str(tmp_path / name), "--source", source, "--store", store)
        assert ran.code == 0, ran.err
    return store


def lines(*arguments: str) -> list[str]:
    printed = run(*arguments).out.splitlines()
    assert max(map(len, printed)) <= 80
    return [line.strip() for line in printed]


def test_the_names_of_sources_stay_whole_and_columns_give_way(two_sources: str) -> None:
    printed = lines("sources", "--store", two_sources)
    heading, row = (next(line for line in printed if line.startswith(word)) for word in ("source ", LONG))
    assert "precedence" in heading
    assert "relations" not in heading
    assert "Z" in row
    assert "Named, and nothing was imported from: src-asset-register-of-finance." in printed
    assert '"relations"' in run("sources", "--json", "--store", two_sources).out


def test_a_history_too_wide_for_a_table_has_each_field_on_a_line_of_its_own(two_sources: str) -> None:
    printed = lines("history", "configuration-item-with-a-long-name-1", "--store", two_sources)
    assert "+ created  configuration-item-with-a-long-name-1" in printed
    assert any(line.split() == ["hostname", "a-host-name-of-some-length.in-a-long.example"] for line in printed)


def test_what_a_second_source_says_as_well_is_told_once_by_its_name(two_sources: str) -> None:
    printed = lines("diff", "1", "--id", "configuration-item-with-a-long-name-1", "--store", two_sources)
    told = [line for line in printed if "by " in line]
    assert len(told) == 2, told
    assert told[0].startswith("serial number (by scan)")
    assert told[0].endswith("HX40-00000000000000000000000000000002")
    assert told[1].startswith("stated by")
    assert "(by scan)" not in "".join(line for line in printed if "hostname" in line)
    assert '"source": "scan"' in run("diff", "1", "--json", "--store", two_sources).out


def test_an_id_too_long_for_a_column_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    store, id = str(tmp_path / "long.db"), "pkg:composer/" + "vendor-of-something/" * 2 + "library@1.0"
    (tmp_path / "bom.yaml").write_text(f"entities:\n  - {{id: '{id}', type: Application}}\n", encoding="utf-8")
    assert run("ingest", str(tmp_path / "bom.yaml"), "--store", store).code == 0
    printed = lines("completeness", "--items", "--store", store)
    assert id in printed
    assert printed[printed.index(id) + 1].startswith("type Application   lacks ")


def test_a_plan_shows_no_column_that_says_nothing(tmp_path: Path) -> None:
    store = str(tmp_path / "plan.db")
    (tmp_path / "all.yaml").write_text("entities:\n  - {id: web, type: Service}\n", encoding="utf-8")
    (heading,) = (
        line
        for line in run("ingest", str(tmp_path / "all.yaml"), "--dry-run", "--store", store).out.splitlines()
        if line.startswith("action")
    )
    assert heading.split() == ["action", "what", "change"]


def test_what_is_no_table_gets_no_mapping(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(ESTATE, encoding="utf-8")
    ran = run("mapping", "guess", str(tmp_path / "all.yaml"))
    assert (ran.code, ran.out) == (2, "")
    assert "is no table" in ran.err
