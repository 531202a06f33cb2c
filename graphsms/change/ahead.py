"""What requests for change say of risks, benefits, feasibility and money, ahead of what is computed (8.5.1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from graphsms.change.considered import Statement
from graphsms.change.requests import Request
from graphsms.vocabulary import Vocabulary

__all__ = ["MATTERS", "ahead_of"]

MATTERS: Final = ("Risks", "Business benefits", "Feasibility", "Financial impact", "Remediation")


def ahead_of(requests: Iterable[Request], vocabulary: Vocabulary) -> Iterator[Statement]:
    """Each matter of each request; where nothing is recorded the text is empty.

    Examples
    --------
    >>> from graphsms.model import Entity
    >>> from graphsms.ontology import load
    >>> request = Request(Entity("rfc-1", "RequestForChange", {"feasibility": "Done twice before"}), ())
    >>> [one.matter for one in ahead_of([request], load()) if one.stated]
    ['Feasibility']
    >>> request = Request(Entity("rfc-1", "RequestForChange", {"estimatedCost": 41000.0, "currency": "GBP"}), ())
    >>> [one.text for one in ahead_of([request], load()) if one.stated]
    ['Estimated at 41,000 GBP']
    """
    for request in requests:
        said = (
            _risks(request, vocabulary),
            [request.says("businessBenefit")],
            [request.says("feasibility"), _tested(request, "testedSuccessfully", "Tested successfully", "Test failed")],
            [request.says("financialImpact"), _cost(request)],
            _remediation(request, vocabulary),
        )
        for matter, parts in zip(MATTERS, said, strict=True):
            yield Statement(request.id, matter, ". ".join(part.rstrip(".") for part in parts if part))


def _risks(request: Request, vocabulary: Vocabulary) -> list[str]:
    level = request.says("riskLevel")
    raised = request.leading_to.get(vocabulary.known_as("risk raised by change"), ())
    return [
        f"{level.capitalize()} risk" if level else "",
        request.says("riskStatement"),
        *(f"{one.name} ({one.id})" for one in raised),
    ]


def _cost(request: Request) -> str:
    cost = request.entity.properties.get("estimatedCost")
    if not isinstance(cost, int | float):
        return ""
    amount = f"{cost:,.2f}".removesuffix(".00")
    return f"Estimated at {amount} {request.says('currency')}".rstrip()


def _remediation(request: Request, vocabulary: Vocabulary) -> list[str]:
    plans = request.leading_to.get(vocabulary.known_as("remediated by"), ())
    return [
        request.says("remediation"),
        *(f"{one.name} ({one.id})" for one in plans),
        _tested(request, "remediationTested", "Tried out", "Not tried out"),
    ]


def _tested(request: Request, property: str, yes: str, no: str) -> str:
    said = request.entity.properties.get(property)
    return "" if not isinstance(said, bool) else yes if said else no
