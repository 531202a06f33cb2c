"""A process that imports: ``python importer.py URL NAME SIZE`` states SIZE servers in a ring, all named NAME-…,
and says on its output how far it is. Killed at any moment, it must leave all or nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load
from graphsms.store import open_store


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(url: str, name: str, size: int) -> None:
    def entities() -> Iterator[Entity]:
        for number in range(size):
            if number % (size // 10) == 0:
                say(f"entity {number}")
            yield Entity(f"{name}-{number}", "Server", {"name": f"{name} {number}"}, name)

    def relations() -> Iterator[Relation]:
        for number in range(size):
            if number % (size // 10) == 0:
                say(f"relation {number}")
            yield Relation("dependsOn", f"{name}-{number}", f"{name}-{(number + 1) % size}", {}, name)
        say("all stated")

    with open_store(url, vocabulary=load()) as store:
        store.apply(ChangeSet(entities(), relations(), actor=name))
        say("done")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
