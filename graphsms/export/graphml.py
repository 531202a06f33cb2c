"""GraphML for networkx, Gephi and yEd: nodes with label, type and state, edges with the relation as label.

It is a picture of the graph for tools that draw and measure; several values of one property become one text. yEd
draws what stands in its own elements: the label, and the colour of the state.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from graphsms.export.content import Content
from graphsms.model import Value
from graphsms.rdf import iri_of
from graphsms.report.marks import MARKS, UNKNOWN
from graphsms.vocabulary import Vocabulary

__all__ = ["lines"]

_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://www.yworks.com/xml/schema/graphml/1.1/ygraphml.xsd">
<key id="drawn" for="node" yfiles.type="nodegraphics"/>
<key id="drawnEdge" for="edge" yfiles.type="edgegraphics"/>
"""
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0
_TYPES: Final = {"boolean": "boolean", "integer": "long", "decimal": "double", "double": "double"}
_OF_NODES: Final = ("label", "type", "state")
_OF_EDGES: Final = ("label", "type")


def lines(content: Content, states: Mapping[str, str]) -> Iterator[str]:
    """The document in pieces.

    Parameters
    ----------
    content : Content
    states : mapping of str to str
        The state of each entity that has one, by its id, as an analysis gives it.
    """
    vocabulary = content.vocabulary
    keys = {
        "node": _keys("node", _OF_NODES, content.entity_properties, vocabulary),
        "edge": _keys("edge", _OF_EDGES, content.relation_properties, vocabulary),
    }
    yield _HEAD
    for of, named in keys.items():
        for name, (key, type) in named.items():
            if (of, name) == ("node", "state") and not states:
                continue  # ours; a property of that name keeps its prefix whether or not states are given
            yield f'<key id="{key}" for="{of}" attr.name={quoteattr(name)} attr.type="{type}"/>\n'
    yield '<graph edgedefault="directed">\n'
    for entity in content.entities():
        state = states.get(entity.id)
        yield f"<node id={quoteattr(_id(entity.id))}>"
        yield from _data(
            keys["node"], {"label": entity.name, "type": entity.type} | ({"state": state} if state else {})
        )
        yield from _data(keys["node"], _unmistakable(entity.properties, _OF_NODES))
        colour = MARKS.get(state, UNKNOWN).light if state else "#ffffff"
        yield (
            f'<data key="drawn"><y:ShapeNode><y:Fill color="{colour}"/>'
            f"<y:NodeLabel>{_text(entity.name)}</y:NodeLabel></y:ShapeNode></data></node>\n"
        )
    for relation in content.relations():
        label = vocabulary.relations[relation.type].label if relation.type in vocabulary.relations else relation.type
        yield f"<edge source={quoteattr(_id(relation.subject))} target={quoteattr(_id(relation.object))}>"
        yield from _data(keys["edge"], {"label": label, "type": relation.type})
        yield from _data(keys["edge"], _unmistakable(relation.properties, _OF_EDGES))
        yield (
            '<data key="drawnEdge"><y:PolyLineEdge><y:Arrows source="none" target="standard"/>'
            f"<y:EdgeLabel>{_text(label)}</y:EdgeLabel></y:PolyLineEdge></data></edge>\n"
        )
    yield "</graph>\n</graphml>\n"


def _keys(
    of: str, own: tuple[str, ...], properties: tuple[str, ...], vocabulary: Vocabulary
) -> dict[str, tuple[str, str]]:
    """By the name of an attribute, its key and type."""
    found = {name: (f"{of}-{name}", "string") for name in own}
    for number, name in enumerate(properties):
        property = vocabulary.properties.get(name)
        type = "string" if property is None or property.many else _TYPES.get(property.datatype, "string")
        found[_beside(name, own)] = (f"{of}-p{number}", type)
    return found


def _beside(name: str, own: tuple[str, ...]) -> str:
    """A property that is called like an attribute of our own keeps its prefix."""
    return f"sms:{name}" if name in own else name


def _unmistakable(properties: Mapping[str, Value], own: tuple[str, ...]) -> dict[str, Value]:
    return {_beside(name, own): properties[name] for name in sorted(properties)}


def _data(keys: Mapping[str, tuple[str, str]], values: Mapping[str, Value]) -> Iterator[str]:
    for name, value in values.items():
        yield f'<data key="{keys[name][0]}">{_text(value)}</data>'


def _id(id: str) -> str:
    """The id, or where XML cannot hold it, its IRI."""
    return iri_of(id) if _ILLEGAL.search(id) else id


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        value = "; ".join(str(one) for one in value)
    return escape(_ILLEGAL.sub("\ufffd", str(value)), {"\r": "&#13;"})
