"""The graph as networkx has it, for people who know networkx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphsms.store import Store

if TYPE_CHECKING:
    import networkx

__all__ = ["to_networkx"]


def to_networkx(store: Store, *, at: int | None = None) -> networkx.MultiDiGraph[str]:
    """The content of a store as a directed graph in memory.

    Nodes are ids, with the attributes ``type`` and the properties; edges lead from subject to object, their key is
    the relation, with its properties as attributes. Values are as in the model: several of one property are
    a tuple, dates and times canonical text.

    Parameters
    ----------
    store : Store
    at : int, optional
        As of that revision; without it, the present one.

    Returns
    -------
    networkx.MultiDiGraph

    Notes
    -----
    What an entity needs lies along its edges for most relations, but not all: the ontology says for each which way
    failure travels. Ask `graphsms.Graph.impact` for that, not `networkx.descendants`.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet([graphsms.Entity("web", "Service", {"name": "Web shop"})]))
    ...     dict(to_networkx(g.store).nodes(data=True))
    {'web': {'type': 'Service', 'name': 'Web shop'}}
    """
    import networkx

    at = store.revision().number if at is None else at
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(revision=at)
    for entity in store.entities(at=at):
        graph.add_node(entity.id, type=entity.type)
        graph.nodes[entity.id].update(entity.properties)
    for relation in store.relations(at=at):
        graph.add_edge(relation.subject, relation.object, key=relation.type)
        graph.edges[relation.subject, relation.object, relation.type].update(relation.properties)
    return graph
