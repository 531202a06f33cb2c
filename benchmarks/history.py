"""What keeping a history costs, on both stores, beside the same rows kept without one; all in one run.

::

    python benchmarks/history.py                               # SQLite with 50,000 entities, Neo4j with 10,000
    python benchmarks/history.py --sqlite 200000 --neo4j 50000
    python benchmarks/history.py --neo4j 0                     # SQLite alone

*Without* is the same rows in the same tables and indexes written by SQLite itself, and the same batches sent by the
driver of Neo4j itself: no history, no hash chain, no check. A load is one revision; a small revision changes one
property of one entity, and is kept on disk when it is measured. Small things are medians by the clock; large ones on
SQLite seconds of the processor, which tell more on a machine that others use too. Neo4j needs what the tests need
(tests/neo4j_server.py). Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from estates import Estate, estate
from graphsms.history import History
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load
from graphsms.store import Store, open_store
from graphsms.store.journal import Images, entity_image, relation_image
from neo4j_server import NoServerError, Server, started
from store_neo4j import CONSTRAINT, batches
from store_sqlite import Alone, processor_seconds

WORDS = load()
REVISIONS = 200
READS = 300

Clock = Callable[[Callable[[], object]], float]
Row = tuple[str, float | None, float]  # what, seconds without history, seconds with it


def seconds(task: Callable[[], object]) -> float:
    start = perf_counter()
    task()
    return perf_counter() - start


def each(task: Callable[[Entity], object], entities: list[Entity], times: int) -> float:
    """The median of one call."""
    chosen = cycle(entities[:: max(1, len(entities) // times)])
    return median(seconds(partial(task, next(chosen))) for _ in range(times))


def renamed(entity: Entity, name: str) -> Entity:
    return replace(entity, properties={**entity.properties, "name": name})


def in_turn(bare: Callable[[Entity], object], store: Store, entities: list[Entity]) -> tuple[float, float]:
    """Medians of a small revision without and with history, one after the other, so that both meet the same disk."""
    chosen = cycle(entities[:: max(1, len(entities) // REVISIONS)])
    without, kept = [], []
    for number in range(REVISIONS):
        one = next(chosen)
        changes = ChangeSet([renamed(one, f"Renamed {number}")])
        without.append(seconds(partial(bare, one)))
        kept.append(seconds(partial(store.apply, changes)))
    return median(without), median(kept)


def with_history(store: Store, made: Estate, clock: Clock) -> Iterator[tuple[str, float]]:
    """What the store takes for each thing, once it has the estate and small revisions; large things by that clock."""
    entities = list(made.entities())
    present = store.revision().number
    middle = present // 2
    yield "one entity, now", each(lambda one: store.entity(one.id), entities, READS)
    yield (
        f"one entity, {present - middle} revisions ago",
        each(lambda one: store.entity(one.id, middle), entities, READS),
    )
    yield "all entities, now", clock(lambda: sum(1 for _ in store.entities()))
    yield f"all entities, {present - middle} revisions ago", clock(lambda: sum(1 for _ in store.entities(at=middle)))
    history = History(store)
    yield "history of one entity and its relations", each(lambda one: history.of(one.id), entities, READS)
    yield (
        "difference of neighbouring revisions",
        median(
            seconds(partial(history.diff, number, number + 1)) for number in range(1, present, max(1, present // 50))
        ),
    )
    yield f"log of {present} revisions", seconds(history.log)
    verdicts = []
    taken = clock(lambda: verdicts.append(history.verify()))
    assert verdicts[0].intact, verdicts[0].sentence()
    yield f"proof of {verdicts[0].rows:,} states", taken


# ------------------------------------------------------------------------------------------- SQLite


def sqlite(nodes: int, folder: Path) -> list[Row]:
    made = estate(nodes)
    entities, relations = list(made.entities()), list(made.relations())
    alone = Alone(entities, relations)
    bare, kept = [], []
    for run in range(3):
        bare.append(processor_seconds(partial(alone.load, folder / f"bare-{run}.db")))
        with open_store(str(folder / f"kept-{run}.db"), vocabulary=WORDS) as store:
            kept.append(processor_seconds(lambda: store.apply(ChangeSet(entities, relations))))
    rows = len(entities) + len(relations)
    sizes = [(folder / f"{name}-0.db").stat().st_size / rows for name in ("bare", "kept")]
    connection = sqlite3.connect(folder / "bare-0.db", isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")

    def update(one: Entity) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE entity SET properties = json_set(properties, '$.name', 'x') WHERE id = ?", (one.id,))
        connection.execute("COMMIT")

    with open_store(str(folder / "kept-0.db"), vocabulary=WORDS) as store:
        small = in_turn(update, store, entities)
    read = each(
        lambda one: connection.execute("SELECT * FROM entity WHERE id = ?", (one.id,)).fetchone(), entities, READS
    )
    everything = processor_seconds(lambda: sum(1 for _ in connection.execute("SELECT * FROM entity ORDER BY id")))
    connection.close()
    without = {"one entity, now": read, "all entities, now": everything}
    with open_store(str(folder / "kept-0.db"), vocabulary=WORDS) as store:
        measured = list(with_history(store, made, processor_seconds))
    print(f"\nSQLite {sqlite3.sqlite_version}: {len(entities):,} entities, {len(relations):,} relations;", end=" ")
    print(f"{sizes[0]:.0f} bytes a row without history, {sizes[1]:.0f} with it")
    hashing = median(processor_seconds(partial(hashed, entities, relations)) for _ in range(3))
    return [
        (f"load of {rows:,} rows", median(bare), median(kept)),
        ("of that, the hash chain", None, hashing),
        ("small revision", *small),
        *table(measured, without),
    ]


def hashed(entities: list[Entity], relations: list[Relation]) -> bytes:
    """What a load does for the journal alone: whatever is new has no history yet but its image."""
    with Images() as images:
        for one in entities:
            images.add(entity_image(one.id, one.type, "{}", one.source))
        for edge in relations:
            images.add(relation_image(*edge.key, "{}", edge.source))
        return images.digest()


def table(measured: list[tuple[str, float]], without: dict[str, float]) -> list[Row]:
    return [(what, without.get(what), taken) for what, taken in measured]


# -------------------------------------------------------------------------------------------- Neo4j


def neo4j(nodes: int) -> list[Row]:
    made = estate(nodes)
    entities = list(made.entities())
    rows = len(made) + len(made.subject)
    with ExitStack() as servers:
        alone, ours = (servers.enter_context(started("5.26")) for _ in range(2))
        store = servers.enter_context(open_store(ours.url, vocabulary=WORDS))
        kept = seconds(lambda: store.apply(ChangeSet(made.entities(), made.relations())))
        bare, small, without = bare_neo4j(alone, made, entities, store)
        measured = list(with_history(store, made, seconds))
    print(f"\nNeo4j 5.26: {nodes:,} entities, {len(made.subject):,} relations")
    return [(f"load of {rows:,} rows", bare, kept), ("small revision", *small), *table(measured, without)]


def bare_neo4j(
    server: Server, made: Estate, entities: list[Entity], store: Store
) -> tuple[float, tuple[float, float], dict[str, float]]:
    with server.driver() as driver, driver.session() as session:
        session.run(CONSTRAINT).consume()
        before, after = batches(made)

        def send() -> None:
            for query, rows in before + after:
                session.run(query, rows=rows).consume()

        loaded = seconds(send)
        update = "MATCH (n:Entity {id: $id}) SET n.name = $name"
        read = "MATCH (n:Entity {id: $id}) RETURN labels(n), properties(n)"
        every = "MATCH (n:Entity) RETURN labels(n), properties(n) ORDER BY n.id"
        small = in_turn(lambda one: session.run(update, id=one.id, name="x").consume(), store, entities)
        return (
            loaded,
            small,
            {
                "one entity, now": each(lambda one: session.run(read, id=one.id).values(), entities, READS),
                "all entities, now": seconds(lambda: session.run(every).values()),
            },
        )


# ------------------------------------------------------------------------------------------- output


def shown(taken: float | None) -> str:
    if taken is None:
        return "–"
    return f"{taken:.2f} s" if taken >= 1 else f"{taken * 1e3:.1f} ms" if taken >= 1e-3 else f"{taken * 1e6:.0f} µs"


def print_rows(rows: list[Row]) -> None:
    print("\n| what | without history | with it | ratio |\n|---|---:|---:|---:|")
    for what, without, taken in rows:
        ratio = "–" if without is None else f"{taken / without:.1f}"
        print(f"| {what} | {shown(without)} | {shown(taken)} | {ratio} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sqlite", type=int, default=50_000, help="entities; 0 leaves it out")
    parser.add_argument("--neo4j", type=int, default=10_000, help="entities; 0 leaves it out")
    asked = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}")
    if asked.sqlite:
        with tempfile.TemporaryDirectory() as folder:
            print_rows(sqlite(asked.sqlite, Path(folder)))
    if asked.neo4j:
        try:
            print_rows(neo4j(asked.neo4j))
        except NoServerError as error:
            print(f"Neo4j left out: {error}")


if __name__ == "__main__":
    main()
