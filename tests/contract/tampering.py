"""Writing to a store behind its back, as somebody with the file or the database can."""

from __future__ import annotations

import sqlite3
from typing import Any, Protocol

from neo4j_server import server_at


class Tampering(Protocol):
    """Every way is one that leaves a store that can still be opened."""

    def edit_property(self, id: str) -> None:
        """Change a property of a live entity."""

    def edit_former(self, id: str) -> None:
        """Change a property of a superseded entity."""

    def edit_mark(self, id: str) -> None:
        """Change what the snapshot takes from a row without reading its properties."""

    def edit_type(self, id: str) -> None:
        """Make an application of a live entity."""

    def turn_round(self, subject: str) -> None:
        """Let the one relation of a live entity lead the other way."""

    def edit_relation(self, subject: str) -> None:
        """Change a property of a live relation."""

    def remove(self, id: str) -> None:
        """Remove a live entity that has no relations."""

    def remove_former(self, id: str) -> None:
        """Remove a superseded state of an entity."""

    def prolong_former(self, id: str, ended: int, until: int) -> None:
        """Move the end of a superseded state from one revision to another."""

    def insert(self, id: str, revision: int | None) -> None:
        """Put in an entity that is said to be from a revision."""

    def edit_revision(self, number: int) -> None:
        """Change who made a revision."""

    def remove_revision(self, number: int) -> None:
        """Remove a revision, and where it is the last one let the store believe that it never was."""

    def swap_revisions(self, one: int, other: int) -> None:
        """Give each of two revisions the number of the other."""


class TamperingSqlite:
    def __init__(self, path: str) -> None:
        self._path = path

    def _run(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        connection = sqlite3.connect(self._path)
        with connection:
            for statement, values in statements:
                assert connection.execute(statement, values).rowcount > 0, statement
        connection.close()

    def edit_property(self, id: str) -> None:
        self._run(("UPDATE entity SET properties = json_set(properties, '$.name', 'forged') WHERE id = ?", (id,)))

    def edit_former(self, id: str) -> None:
        self._run(("UPDATE entity_h SET properties = json_set(properties, '$.name', 'forged') WHERE id = ?", (id,)))

    def edit_mark(self, id: str) -> None:
        self._run(("UPDATE entity SET marks = marks | 2 WHERE id = ?", (id,)))

    def edit_type(self, id: str) -> None:
        code = "(SELECT type FROM entity WHERE id = 'app')"
        self._run((f"UPDATE entity SET type = {code} WHERE id = ?", (id,)))

    def turn_round(self, subject: str) -> None:
        k = "(SELECT k FROM entity WHERE id = ?)"
        self._run((f"UPDATE relation SET subject = object, object = subject WHERE subject = {k}", (subject,)))

    def edit_relation(self, subject: str) -> None:
        self._run(
            (
                'UPDATE relation SET properties = \'{"strength":"soft"}\', marks = 16'
                " WHERE subject = (SELECT k FROM entity WHERE id = ?)",
                (subject,),
            )
        )

    def remove(self, id: str) -> None:
        self._run(("DELETE FROM entity WHERE id = ?", (id,)))

    def remove_former(self, id: str) -> None:
        self._run(("DELETE FROM entity_h WHERE id = ?", (id,)))

    def prolong_former(self, id: str, ended: int, until: int) -> None:
        self._run(("UPDATE entity_h SET rev_to = ? WHERE id = ? AND rev_to = ?", (until, id, ended)))

    def insert(self, id: str, revision: int | None) -> None:
        self._run(
            (
                "INSERT INTO entity (k, id, type, properties, source, marks, rev)"
                " SELECT max(k) + 1, ?, type, '{}', 0, 0, ? FROM entity",
                (id, 0 if revision is None else revision),
            )
        )

    def edit_revision(self, number: int) -> None:
        self._run(("UPDATE revision SET actor = 'Mallory' WHERE number = ?", (number,)))

    def remove_revision(self, number: int) -> None:
        self._run(("DELETE FROM revision WHERE number = ?", (number,)))

    def swap_revisions(self, one: int, other: int) -> None:
        move = "UPDATE revision SET number = ? WHERE number = ?"
        self._run((move, (-1, one)), (move, (one, other)), (move, (other, -1)))


class TamperingNeo4j:
    def __init__(self, url: str) -> None:
        self._url = url

    def _run(self, query: str, **values: Any) -> None:
        with server_at(self._url).driver() as driver:
            found = driver.execute_query(query, values)
        counters = found.summary.counters
        assert counters.contains_updates, query

    def edit_property(self, id: str) -> None:
        self._run("MATCH (n:Entity {id: $id}) SET n.name = 'forged'", id=id)

    def edit_former(self, id: str) -> None:
        self._run("MATCH (v:EntityVersion {id: $id}) SET v.name = 'forged'", id=id)

    def edit_mark(self, id: str) -> None:
        self._run("MATCH (n:Entity {id: $id}) SET n._marks = 1", id=id)

    def edit_type(self, id: str) -> None:
        labels = "MATCH (m:Entity {id: 'app'}) WITH labels(m) AS new MATCH (n:Entity {id: $id})"
        self._run(f"{labels} WITH n, labels(n) AS old, new REMOVE n:$(old) SET n:$(new)", id=id)

    def edit_labels(self, id: str) -> None:
        """Take one of the labels above its type from a live entity."""
        self._run("MATCH (n:Entity {id: $id}) REMOVE n:ConfigurationItem", id=id)

    def turn_round(self, subject: str) -> None:
        self._run(
            "MATCH (a:Entity {id: $id})-[r:DEPENDS_ON]->(b)"
            " CREATE (b)-[s:DEPENDS_ON]->(a) SET s = properties(r) DELETE r",
            id=subject,
        )

    def edit_relation(self, subject: str) -> None:
        self._run("MATCH (:Entity {id: $id})-[r]->() SET r.strength = 'soft', r._marks = 16", id=subject)

    def remove(self, id: str) -> None:
        self._run("MATCH (n:Entity {id: $id}) DETACH DELETE n", id=id)

    def remove_former(self, id: str) -> None:
        self._run("MATCH (v:EntityVersion {id: $id}) DELETE v", id=id)

    def prolong_former(self, id: str, ended: int, until: int) -> None:
        self._run("MATCH (v:EntityVersion {id: $id, _to: $ended}) SET v._to = $until", id=id, ended=ended, until=until)

    def insert(self, id: str, revision: int | None) -> None:
        self._run(
            "MATCH (n:Server) WITH labels(n) AS labels, n ORDER BY n._k DESC LIMIT 1"
            " CREATE (m:$(labels)) SET m = {id: $id, _k: n._k + 1000, _from: $revision}",
            id=id,
            revision=revision,
        )

    def edit_revision(self, number: int) -> None:
        self._run("MATCH (r:Revision {number: $number}) SET r.actor = 'Mallory'", number=number)

    def remove_revision(self, number: int) -> None:
        self._run("MATCH (r:Revision {number: $number}) DELETE r", number=number)
        with server_at(self._url).driver() as driver:
            last = f'"revision":{number}}}'
            driver.execute_query(
                "MATCH (m:GraphsmsStore) WHERE m.state CONTAINS $last SET m.state = replace(m.state, $last, $before)",
                {"last": last, "before": f'"revision":{number - 1}}}'},
            )

    def swap_revisions(self, one: int, other: int) -> None:
        for before, after in ((one, -1), (other, one), (-1, other)):
            self._run("MATCH (r:Revision {number: $before}) SET r.number = $after", before=before, after=after)


def tampering(url: str) -> Tampering:
    return TamperingNeo4j(url) if "://" in url else TamperingSqlite(url)
