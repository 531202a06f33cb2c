"""A small estate with changes that were made and incidents after them."""

from __future__ import annotations

from graphsms.model import ChangeSet, Entity, Relation

ESTATE = ChangeSet(
    entities=[
        Entity("web", "Service", {"name": "Web shop"}),
        Entity("mail", "Service"),
        Entity("wiki", "Service"),
        Entity("pair", "RedundancyGroup", {"minimum": 1}),
        *(Entity(id, "Database") for id in ("db", "db-1", "db-2")),
        Entity("host", "Server"),
        Entity("ops", "Team"),
        Entity("ann", "Person"),
    ],
    relations=[
        Relation("dependsOn", "web", "db"),
        Relation("dependsOn", "db", "host"),
        Relation("dependsOn", "mail", "pair"),
        Relation("hasMember", "pair", "db-1"),
        Relation("hasMember", "pair", "db-2"),
    ],
)


def a_change(
    id: str,
    *touches: tuple[str, str],
    start: str = "2026-11-02T20:00:00Z",
    end: str = "2026-11-02T21:00:00Z",
    team: str = "",
    **says: object,
) -> ChangeSet:
    """A change that was made then; what it says beside that may be given."""
    said = {"changeStatus": "deployed", "changeCategory": "normal", "startedAt": start, "endedAt": end, **says}
    known = {name: value for name, value in said.items() if value}
    relations = [Relation("touches", id, to, {"mode": mode}) for to, mode in touches]
    if team:
        relations.append(Relation("assignedTo", id, team))
    return ChangeSet([Entity(id, "RequestForChange", known)], relations)  # type: ignore[arg-type]


def an_incident(id: str, began: str, *affects: tuple[str, str], causes: tuple[str, ...] = (), **says: str) -> ChangeSet:
    """An incident that began then and put these into these states."""
    relations = [Relation("affects", id, to, {"state": state} if state else {}) for to, state in affects]
    relations += [Relation("causedBy", id, cause) for cause in causes]
    said = {"startedAt": began, **says} if began else dict(says)
    return ChangeSet([Entity(id, "Incident", said)], relations)
