"""``graphsms change decide`` and ``decisions`` as people and programs meet them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import graphsms.moments
from command_line import run


@pytest.fixture
def asked(tmp_path: Path) -> str:
    """A store with one request for change that takes down a database under a service."""
    file = tmp_path / "estate.yaml"
    file.write_text(
        "entities:\n"
        "  - {id: rfc-1, type: RequestForChange, changeStatus: assessed, touches: {to: db-1, mode: outage}}\n"
        "  - {id: db-1, type: Database}\n"
        "  - {id: web, type: Service, dependsOn: db-1}\n"
        "  - {id: board, type: Team}\n",
        "utf-8",
    )
    url = str(tmp_path / "estate.db")
    assert run("ingest", str(file), "--store", url).code == 0
    return url


def test_a_decision_is_said_in_a_sentence(asked: str) -> None:
    ran = run("change", "decide", "rfc-1", "--approve", "--by", "board", "--at", "1", "--store", asked)
    assert (ran.code, ran.out) == (
        0,
        "rfc-1 is approved by board, on what revision 1 says. Recorded in revision 2.\n",
    )


def test_a_decision_that_rests_on_what_is_not_so_any_more_leaves_with_1(asked: str, tmp_path: Path) -> None:
    run("change", "decide", "rfc-1", "--approve", "--by", "board", "--at", "1", "--store", asked)
    assert run("change", "decisions", "--store", asked).code == 0
    more = tmp_path / "more.yaml"
    more.write_text("entities: [{id: mail, type: Service, dependsOn: db-1}]\n", "utf-8")
    assert run("ingest", str(more), "--store", asked).code == 0
    ran = run("change", "decisions", "--store", asked)
    assert ran.code == 1
    assert "1 decision on 1 request; 1 rests on what is not so any more." in ran.out
    assert "hit mail state ok down" in " ".join(ran.out.split())
    answer = json.loads(run("change", "decisions", "--json", "--store", asked).out)
    (one,) = answer["decisions"]
    assert (one["standing"], [it["id"] for it in one["moved"]]) == ("moved", ["mail"])
    (row,) = csv.DictReader(io.StringIO(run("change", "decisions", "--csv", "--store", asked).out))
    assert (row["standing"], row["moved"]) == ("moved", "mail: state was ok, and is down.")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "--approve, --defer or --reject"),
        (("--approve", "--pack", "p.json", "--at", "1"), "--pack or --at, not both"),
        (("--approve", "--pack", "no-such-file.json"), "no-such-file.json cannot be read"),
        (("--approve", "--priority", "tomorrow"), "tomorrow"),
        (("--approve", "--on", "2999-01-01"), "It cannot have been decided yet: 2999-01-01T23:59:59.999999Z"),
    ],
)
def test_what_cannot_be_recorded_leaves_with_2_and_changes_nothing(
    asked: str, options: tuple[str, ...], says: str
) -> None:
    ran = run("change", "decide", "rfc-1", *options, "--by", "board", "--store", asked)
    assert ran.code == 2
    assert says in ran.err
    assert json.loads(run("log", "--json", "--store", asked).out)["revisions"][0]["number"] == 1


def test_of_a_decision_without_a_revision_it_is_said_that_it_cannot_be_held_against_anything(asked: str) -> None:
    run("change", "decide", "rfc-1", "--approve", "--by", "board", "--store", asked)
    out = " ".join(run("change", "decisions", "--store", asked).out.split())
    assert out.startswith(
        "1 decision on 1 request; none rests on what is known to be different now; "
        "of 1 it cannot be told, since no revision is recorded that it rests on."
    )


def test_what_is_decided_today_was_decided_by_now(asked: str) -> None:
    today = graphsms.moments.now()[:10]
    ran = run("change", "decide", "rfc-1", "--approve", "--by", "board", "--on", today, "--json", "--store", asked)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["at"] <= graphsms.moments.now()
