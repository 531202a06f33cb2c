"""Whole files into the graph, read, checked, planned and stored, beside a bare loader of the same rows; all in one run.

::

    python benchmarks/ingest_files.py                                # 10,000 and 100,000 entities, JSON, YAML and CSV
    python benchmarks/ingest_files.py --nodes 1000000 --formats json csv
    python benchmarks/ingest_files.py --nodes 10000 --neo4j neo4j://user:password@localhost   # an empty database

Four relations an entity (CSV: lists in two columns). *First* goes into an empty store; *again* is the same file once
more, which changes nothing; *dry run* is the plan of a second source that calls every tenth entity otherwise, and
*second* its import. The *bare* loader parses the file with the same parser (json, yaml's C loader, csv), and inserts
its rows into two plain SQLite tables in one transaction, with an index on ids and one on each end: no types, no check
of anything, no history, no sources.

Each is a process of its own: seconds are those of its processor (server apart) and by the clock, and memory is its
peak. Prints a Markdown table, row by row. A Neo4j server needs some 4 KB of memory for each entity or relation that
*second* changes, which is all of them, or that import is refused.
"""

from __future__ import annotations

import argparse
import csv
import json
import platform
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from memory import peak

ROOT = Path(__file__).parent.parent
NEEDS, MEMBERS = "dependsOn", "hasMember"
COLUMNS = {NEEDS: "needs", MEMBERS: "members"}
MAPPING = """\
tables:
- id: "{id}"
  type: {column: type, values: {%s}}
  columns:
    name: name
    minimum: minimum
    needs: {relation: dependsOn, split: ";"}
    members: {relation: hasMember, split: ";"}
"""


# ------------------------------------------------------------------------------------------ files


def write(folder: Path, nodes: int, formats: list[str]) -> None:
    """The files of an estate, in every format; and those of a second source."""
    from estates import LAYERS, estate

    made = estate(nodes)
    entities: dict[str, dict[str, Any]] = {
        one.id: {"id": one.id, "type": one.type, **one.properties} for one in made.entities()
    }
    for relation in made.relations():
        entities[relation.subject].setdefault(relation.type, []).append(relation.object)
    for number, one in enumerate(entities.values()):  # what is stated twice counts once
        for type in (NEEDS, MEMBERS):
            if type in one:
                one[type] = list(dict.fromkeys(one[type]))
        one["other"] = f"Other {number}" if number % 10 == 0 else one["name"]
    for source in ("first", "second"):
        named = "name" if source == "first" else "other"
        every = [
            {**{key: value for key, value in one.items() if key != "other"}, "name": one[named]}
            for one in entities.values()
        ]
        if "json" in formats:
            (folder / f"{source}.json").write_text(json.dumps({"entities": every}))
        if "yaml" in formats:
            with (folder / f"{source}.yaml").open("w") as out:
                out.write("entities:\n")
                out.writelines(f"- {json.dumps(one)}\n" for one in every)
        if "csv" in formats:
            types = ", ".join(f"{name}: {name}" for name, _ in LAYERS)
            (folder / f"{source}.mapping.yaml").write_text(MAPPING % types)
            with (folder / f"{source}.csv").open("w", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(["id", "type", "name", "minimum", "needs", "members"])
                for one in every:
                    ends = [";".join(one.get(type, ())) for type in (NEEDS, MEMBERS)]
                    writer.writerow([one["id"], one["type"], one["name"], one.get("minimum", ""), *ends])


# ----------------------------------------------------------------------- what is measured, each in a process


def ours(task: str, url: str, file: Path) -> int:
    """Import a file, or plan it; how many entities it states."""
    from graphsms.ingest import ingest, plan
    from graphsms.ontology import load
    from graphsms.store import open_store

    with open_store(url, vocabulary=load()) as store:
        if task == "dry run":
            return plan(store, [file], source="second").read[0].entities
        return ingest(store, [file], source="second" if task == "second" else "first").files[0].entities


def bare(file: Path, database: Path) -> int:
    """The rows of a file in two tables."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE entity (k INTEGER PRIMARY KEY, id TEXT, type TEXT, properties TEXT)")
    connection.execute("CREATE TABLE relation (type TEXT, subject INTEGER, object INTEGER)")
    keys: dict[str, int] = {}
    edges: list[tuple[str, str, str]] = []

    def rows() -> Iterator[tuple[int, str, str, str]]:
        for k, one in enumerate(parsed(file)):
            keys[one["id"]] = k
            edges.extend((type, one["id"], object) for type in (NEEDS, MEMBERS) for object in one.get(type, ()))
            yield k, one["id"], one["type"], json.dumps({"name": one["name"]})

    connection.executemany("INSERT INTO entity VALUES (?, ?, ?, ?)", rows())
    connection.execute("CREATE UNIQUE INDEX entity_id ON entity (id)")
    connection.executemany("INSERT INTO relation VALUES (?, ?, ?)", ((t, keys[s], keys[o]) for t, s, o in edges))
    connection.execute("CREATE INDEX relation_subject ON relation (subject)")
    connection.execute("CREATE INDEX relation_object ON relation (object)")
    connection.execute("COMMIT")
    connection.close()
    return len(keys)


def parsed(file: Path) -> Iterator[dict[str, Any]]:
    if file.suffix == ".json":
        yield from json.loads(file.read_text())["entities"]
    elif file.suffix == ".yaml":
        import yaml

        yield from yaml.load(file.read_text(), yaml.CSafeLoader)["entities"]
    else:
        with file.open(newline="") as lines:
            for row in csv.DictReader(lines):
                yield {**row, **{type: list(filter(None, row[name].split(";"))) for type, name in COLUMNS.items()}}


def measured(task: str, url: str, file: Path) -> dict[str, float]:
    """Run in a process of its own: seconds of the processor, and MB at most."""
    command = [sys.executable, __file__, "--task", task, "--url", url, "--file", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def task(name: str, url: str, file: Path) -> None:
    work: Callable[[], int] = (lambda: bare(file, Path(url))) if name == "bare" else (lambda: ours(name, url, file))
    if name != "bare":  # what every command pays, whatever it imports
        from graphsms.ontology import load

        load()
    start, begun = process_time(), perf_counter()
    entities = work()
    seconds, waited = process_time() - start, perf_counter() - begun
    sys.stdout.write(json.dumps({"entities": entities, "seconds": seconds, "waited": waited, "MB": peak()}))


# ----------------------------------------------------------------------------------------- the table


def measure(nodes: int, format: str, folder: Path, neo4j: str | None) -> None:
    first, second = folder / f"first.{format}", folder / f"second.{format}"
    url = neo4j or str(folder / f"{format}-{nodes}.db")
    size = first.stat().st_size / 2**20
    alone = measured("bare", str(folder / f"bare-{format}-{nodes}.db"), first)
    for name, file in (("bare", first), ("first", first), ("again", first), ("dry run", second), ("second", second)):
        one = alone if name == "bare" else measured(name, url, file)
        rate, ratio = one["entities"] / one["seconds"], one["seconds"] / alone["seconds"]
        print(
            f"| {nodes:,} as {format}, {size:,.0f} MB | {name} | {one['seconds']:.2f} | {one['waited']:.1f} |"
            f" {rate:,.0f} | {ratio:.1f} | {one['MB']:,.0f} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--formats", nargs="+", default=["json", "yaml", "csv"], choices=["json", "yaml", "csv"])
    parser.add_argument("--neo4j", metavar="URL", help="Import into this empty database; with one size and one format.")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.task:
        task(asked.task, asked.url, asked.file)
        return
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}\n")
    print("| estate | import | s | s by the clock | entities/s | × bare loader | peak MB |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for nodes in asked.nodes:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), nodes, asked.formats)
            for format in asked.formats:
                measure(nodes, format, Path(folder), asked.neo4j)


if __name__ == "__main__":
    main()
