"""Every list for programs has beside it, on standard error, what it rests on on both axes of time."""

from __future__ import annotations

import re

import pytest

from command_line import run

ESTATE = """
entities:
  - {id: web, type: Service, name: Web, dependsOn: db}
  - {id: db, type: Database, name: Db}
"""
TIMES = r"Revision 1 of \S+Z, (as of \S+Z|whenever valid|valid as the query asks)\.\n"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("times")
    (folder / "estate.yaml").write_text(ESTATE)
    assert run("ingest", str(folder / "estate.yaml"), "--store", str(folder / "estate.db")).code == 0
    return str(folder / "estate.db")


@pytest.mark.parametrize(
    "command",
    [
        ("impact", "db", "--csv"),
        ("impact", "db", "--unknown", "--csv"),
        ("explain", "web", "db", "--csv"),
        ("allowance", "--csv"),
        ("completeness", "--csv"),
        ("expiring", "--csv"),
        ("findings", "--csv"),
        ("reconcile", "--csv"),
        ("show", "web", "--csv"),
        ("log", "--csv"),
        ("history", "web", "--csv"),
        *((name, form) for name in ("find", "validate", "sources") for form in ("--csv", "--json")),
        *(("baseline", "list", form) for form in ("--csv", "--json")),
        *(("query", "services-on-a-ci", "--param", "ci=db", form) for form in ("--csv", "--json")),
    ],
    ids=" ".join,
)
def test_a_list_has_its_revision_and_moment_beside_it(command: tuple[str, ...], url: str) -> None:
    ran = run(*command, "--store", url)
    assert re.fullmatch(TIMES, ran.err)
    assert "Revision 1 of" not in ran.out


def test_a_difference_has_both_of_its_revisions_beside_it(url: str) -> None:
    said = run("diff", "0", "1", "--csv", "--store", url).err.splitlines()
    assert said[0] == "Revision 0, before anything was recorded, whenever valid."
    assert said[1].startswith("Revision 1 of ")


def test_people_see_them_below_the_answer_alone(url: str) -> None:
    for command in (("find",), ("impact", "db"), ("impact", "db", "--unknown"), ("sources",)):
        ran = run(*command, "--store", url)
        assert (ran.err, "Revision 1 of" in ran.out) == ("", True), command
