"""Whatever anybody changes in the file of a store behind its back, the journal shows it: every cell, every row."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from contract.samples import ESTATE, ONE, TWO, WEB, WEB_NEEDS_APP
from graphsms.history.verification import verify_journal
from graphsms.model import ChangeSet, Entity, Relation, Statement
from graphsms.ontology import load
from graphsms.store.sqlite import SqliteStore

# The columns that hold what the graph is; keys of rows that nothing refers to are none of them.
COLUMNS = {
    "entity": ("id", "type", "properties", "source", "marks", "stated", "rev"),
    "entity_h": ("id", "type", "properties", "source", "marks", "stated", "rev_from", "rev_to"),
    "relation": ("type", "subject", "object", "properties", "source", "marks", "stated", "rev"),
    "relation_h": ("type", "subject", "object", "properties", "source", "marks", "stated", "rev_from", "rev_to"),
    "revision": (
        *("number", "time", "actor", "reason", "request", "source"),
        *("created", "changed", "removed", "hash"),
    ),
    "term": ("name",),
    "source": ("name",),
}
SAID = {"cmdb": Statement("Server", {"name": "One"}), "": Statement("Server")}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which everything happened once: created, changed, removed, brought back; an entity and a relation."""
    path = tmp_path_factory.mktemp("store") / "estate.db"
    times = iter(f"2026-11-{day:02}T09:30:00Z" for day in range(1, 30))
    with SqliteStore.open(str(path), load(), clock=lambda: next(times)) as store:
        store.apply(ESTATE)
        store.apply(ChangeSet([replace(WEB, properties={"name": "Shop"})], [replace(WEB_NEEDS_APP, properties={})]))
        store.apply(ChangeSet([replace(ONE, stated=SAID)], removed_entities=["app"], actor="Ada"))
        store.apply(ChangeSet([Entity("app", "Service")], [Relation("dependsOn", "web", "app", {"strength": "soft"})]))
        store.apply(ChangeSet([replace(TWO, properties={"placeholder": True})], request="rfc-1", reason="why"))
        assert verify_journal(store).intact
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    return path


def rows(file: Path, table: str) -> list[int]:
    connection = sqlite3.connect(file)
    found = [row for (row,) in connection.execute(f"SELECT rowid FROM {table}")]
    connection.close()
    return found


def forged(file: Path, folder: Path, statement: str, row: int) -> bool:
    """Whether a copy of the store in which something is done to one row is found out."""
    copy = folder / "copy.db"
    shutil.copyfile(file, copy)
    connection = sqlite3.connect(copy)
    try:
        with connection:
            assert connection.execute(statement, (row,)).rowcount == 1
    except sqlite3.IntegrityError:
        return True  # the file itself does not let it happen
    finally:
        connection.close()
    with SqliteStore.open(str(copy), load()) as store:
        return not verify_journal(store).intact


@pytest.mark.parametrize(("table", "column"), [(table, column) for table in COLUMNS for column in COLUMNS[table]])
def test_a_cell_that_was_edited_is_found(file: Path, tmp_path: Path, table: str, column: str) -> None:
    # What is a number becomes the next one, a text another one, nothing something.
    value = (
        f"CASE typeof({column}) WHEN 'integer' THEN {column} + 1 WHEN 'null' THEN '[[\"x\",\"Server\",{{}}]]'"
        f" ELSE CASE WHEN {column} = '{{}}' THEN '{{\"name\":\"x\"}}' ELSE {column} || 'x' END END"
    )
    for row in rows(file, table):
        statement = f"UPDATE {table} SET {column} = {value} WHERE rowid = ?"
        assert forged(file, tmp_path, statement, row), f"{table} {row} {column}"


@pytest.mark.parametrize("table", ["entity", "entity_h", "relation", "relation_h", "revision"])
def test_a_row_that_was_removed_is_found(file: Path, tmp_path: Path, table: str) -> None:
    for row in rows(file, table):
        assert forged(file, tmp_path, f"DELETE FROM {table} WHERE rowid = ?", row), f"{table} {row}"


@pytest.mark.parametrize("table", ["entity_h", "relation_h"])
def test_a_row_of_the_past_that_stands_there_twice_is_found(file: Path, tmp_path: Path, table: str) -> None:
    for row in rows(file, table):
        again = f"INSERT INTO {table} SELECT * FROM {table} WHERE rowid = ?"
        assert forged(file, tmp_path, again, row), f"{table} {row}"
