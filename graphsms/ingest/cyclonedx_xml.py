"""A bill of materials in XML, as the same bill is in JSON.

The two forms of CycloneDX differ in more than brackets: lists have elements around them, kinds and marks are
attributes, and some names are singular. What a bill is read for is brought into the form of JSON here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from graphsms.ingest.documents import LocatedDict
from graphsms.ingest.xmltext import Element

__all__ = ["as_json"]

_PLAIN: Final = ("group", "name", "version", "description", "publisher", "author", "purl", "scope", "copyright")


def as_json(root: Element, needs_key: str) -> dict[str, object]:
    """The root element of a bill as the object of JSON that says the same; dependencies stand under ``needs_key``.

    Examples
    --------
    >>> from graphsms.ingest.xmltext import xml_document
    >>> text = '<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component type="library">'
    >>> text += '<name>x</name></component></components></bom>'
    >>> as_json(xml_document(text.encode(), "bom.xml"), "needs")
    {'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'components': [{'type': 'library', 'name': 'x'}]}
    """
    found: dict[str, object] = {"bomFormat": "CycloneDX", "specVersion": root.namespace.rpartition("/")[2]}
    metadata = root.child("metadata")
    component = metadata.child("component") if metadata is not None else None
    if component is not None:
        found["metadata"] = {"component": _component(component)}
    for name, item, convert in (
        ("components", "component", _component),
        ("services", "service", _service),
        ("dependencies", "dependency", partial(_dependency, needs_key)),
    ):
        _list(found, root, name, item, convert)
    return found


def _list(
    into: dict[str, object], element: Element, name: str, item: str, convert: Callable[[Element], object]
) -> None:
    holder = element.child(name)
    if holder is not None:
        into[name] = [convert(one) for one in holder.all(item)]


def _plain(element: Element) -> LocatedDict:
    found = LocatedDict(element.line)
    for name in ("type", "bom-ref"):
        if name in element.attributes:
            found[name] = element.attributes[name]
    for name in _PLAIN:
        if text := element.said(name):
            found[name] = text
    return found


def _component(element: Element) -> LocatedDict:
    found = _plain(element)
    for name in ("supplier", "manufacturer", "manufacture"):
        _organization(found, element, name)
    _list(found, element, "hashes", "hash", lambda one: {"alg": one.attributes.get("alg", ""), "content": one.text})
    _licences(found, element)
    _list(found, element, "components", "component", _component)
    return found


def _service(element: Element) -> LocatedDict:
    found = _plain(element)
    _organization(found, element, "provider")
    _list(found, element, "endpoints", "endpoint", lambda one: one.text)
    data = element.child("data")
    if data is not None:
        # Until 1.4 a classification with its flow; since, a dataflow around it, with where data comes from and goes.
        found["data"] = [_flow(one) for one in data.children if one.name in ("classification", "dataflow")]
    _licences(found, element)
    _list(found, element, "services", "service", _service)
    return found


def _organization(into: LocatedDict, element: Element, name: str) -> None:
    holder = element.child(name)
    if holder is not None:
        into[name] = {"name": holder.said("name"), "url": [one.text for one in holder.all("url")]}


def _licences(into: LocatedDict, element: Element) -> None:
    holder = element.child("licenses")
    if holder is not None:
        into["licenses"] = [
            {"expression": one.text}
            if one.name == "expression"
            else {"license": {key: one.said(key) for key in ("id", "name") if one.said(key)}}
            for one in holder.children
            if one.name in ("license", "expression")
        ]


def _flow(element: Element) -> dict[str, object]:
    said = element.child("classification") or element
    found: dict[str, object] = {"classification": said.text, "flow": said.attributes.get("flow", "")}
    if "name" in element.attributes:
        found["name"] = element.attributes["name"]
    for name in ("source", "destination"):
        holder = element.child(name)
        if holder is not None:
            found[name] = [one.text for one in holder.all("url")]
    return found


def _dependency(needs_key: str, element: Element) -> LocatedDict:
    found = LocatedDict(element.line)
    found["ref"] = element.attributes.get("ref", "")
    found[needs_key] = [one.attributes.get("ref", "") for one in element.all("dependency")]
    return found
