"""The analyses that checks can name instead of a query: each takes an `Estate` and the parameters of the check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, TypeAlias, cast

from graphsms.analysis.estate import Estate, Examined

__all__ = ["ANALYSES", "Analysis", "analysis"]

Analysis: TypeAlias = Callable[[Estate, Mapping[str, str]], Examined]

# What a check says → module and function. A file of checks can name these and nothing else of Python.
ANALYSES: Final = {
    "audit-programme": "graphsms.obligations.audit_programme:uncovered",
    "attestation": "graphsms.analysis.attestation_lists:overdue",
    "change-actions": "graphsms.change.deficiencies:actions_overdue",
    "change-assessments": "graphsms.change.deficiencies:unassessed",
    "change-control": "graphsms.analysis.control:without_request",
    "change-decisions": "graphsms.change.deficiencies:undecided",
    "change-records": "graphsms.analysis.control:without_revision",
    "change-remediation": "graphsms.change.deficiencies:without_remediation",
    "change-reviews": "graphsms.change.deficiencies:unreviewed",
    "change-trends": "graphsms.change.deficiencies:trends_overdue",
    "change-windows": "graphsms.analysis.control:outside_window",
    "completeness": "graphsms.analysis.configuration:incomplete",
    "ended-in-use": "graphsms.analysis.expiry:ended_in_use",
    "ends-soon": "graphsms.analysis.expiry:ends_soon",
    "corrective-actions": "graphsms.obligations.nonconformities:actions_overdue",
    "corrective-effects": "graphsms.obligations.nonconformities:without_effect",
    "documents-past-review": "graphsms.obligations.deficiencies:review_overdue",
    "documents-withdrawn": "graphsms.obligations.deficiencies:withdrawn_linked",
    "duplicates": "graphsms.analysis.reconciliation:suspected",
    "evidence-files": "graphsms.obligations.files:changed",
    "evidence-in-the-future": "graphsms.obligations.deficiencies:future",
    "expected-relations": "graphsms.analysis.configuration:unrelated",
    "law-uncovered": "graphsms.obligations.deficiencies:law_uncovered",
    "obligations-excluded": "graphsms.obligations.exclusions:excluded",
    "obligations-missing": "graphsms.obligations.deficiencies:missing",
    "obligations-partial": "graphsms.obligations.deficiencies:partial",
    "obligations-stale": "graphsms.obligations.deficiencies:stale",
    "obligations-without-interval": "graphsms.obligations.deficiencies:without_interval",
    "management-review-actions": "graphsms.obligations.review.deficiencies:actions_overdue",
    "management-review-inputs": "graphsms.obligations.review.deficiencies:inputs_left_out",
    "management-review-interval": "graphsms.obligations.review.deficiencies:review_overdue",
    "orphans": "graphsms.analysis.configuration:orphans",
    "rules-of-the-ontology": "graphsms.analysis.configuration:broken_rules",
    "stale-sources": "graphsms.analysis.freshness:stale_sources",
    "verification": "graphsms.analysis.freshness:unverified",
}


def analysis(name: str) -> Analysis:
    """The analysis of that name.

    Examples
    --------
    >>> analysis("rules-of-the-ontology").__name__
    'broken_rules'
    """
    module, _, function = ANALYSES[name].partition(":")
    return cast(Analysis, getattr(import_module(module), function))
