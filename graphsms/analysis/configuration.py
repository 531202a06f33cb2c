"""Configuration information (8.2.6): whether the graph keeps its rules, is complete, fresh, and not orphaned."""

from __future__ import annotations

from collections.abc import Mapping

from graphsms.analysis.estate import Deficiency, Estate, Examined
from graphsms.analysis.validation import validate

__all__ = ["broken_rules"]


def broken_rules(estate: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """What in the graph breaks the rules of the ontology and its shapes, as `graphsms.analysis.validation` has it."""
    messages: dict[tuple[str, str], list[str]] = {}
    for fault in validate(estate.store, estate.revision.number):
        if fault.subject in estate.entities:
            aspect = "/".join(filter(None, (fault.rule, fault.field)))
            messages.setdefault((fault.subject, aspect), []).append(fault.message)
    found = (Deficiency((id,), " ".join(said), aspect) for (id, aspect), said in messages.items())
    return Examined(len(estate.entities), tuple(found))
