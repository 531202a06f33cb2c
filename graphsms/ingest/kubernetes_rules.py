"""Rules of Kubernetes that decide what belongs to what: selectors, disruption budgets, names of Services.

Sources: Kubernetes API reference (LabelSelector, PodDisruptionBudget); `getExpectedPodCount` of the disruption
controller and `GetScaledValueFromIntOrPercent` of apimachinery; "DNS for Services and Pods".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from graphsms.ingest.foreign import at, text, texts

__all__ = ["Address", "addresses", "desired_healthy", "matches", "service_of"]

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST: Final = rf"{_LABEL}(?:\.{_LABEL})*\.?"
_URL: Final = re.compile(r"[A-Za-z][\w+.:-]*://(?:[^@/\s]*@)?(?P<authority>[^/?#\s]+)")
_IN_BRACKETS: Final = re.compile(r"\w\((?P<authority>[^()\s]+)\)")  # user:password@tcp(host:port)/db
_AUTHORITY: Final = re.compile(rf"(?P<host>{_HOST})(?::(?P<port>\d{{1,5}}))?")
_BARE: Final = re.compile(rf"(?P<host>{_HOST})(?::(?P<port>\d{{1,5}}))?(?:/\S*)?")


def matches(selector: object, labels: Mapping[str, str]) -> bool:
    """Whether a label selector selects what has these labels; no selector selects nothing, an empty one everything.

    Examples
    --------
    >>> matches({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["db"]}]}, {"app": "web"})
    True
    """
    if not isinstance(selector, Mapping):
        return False
    wanted = selector.get("matchLabels")
    if isinstance(wanted, Mapping) and any(labels.get(key) != text(value) for key, value in wanted.items()):
        return False
    expressions = selector.get("matchExpressions")
    return not isinstance(expressions, list) or all(_holds(one, labels) for one in expressions)


def _holds(expression: object, labels: Mapping[str, str]) -> bool:
    key, values = text(at(expression, "key")), texts(at(expression, "values"))
    match text(at(expression, "operator")):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False


def desired_healthy(min_available: object, max_unavailable: object, expected: int) -> int | None:
    """How many of the expected pods a disruption budget keeps healthy, or None where it says nothing valid.

    Percentages are rounded up, both of what must be available and of what may be unavailable.

    Examples
    --------
    >>> desired_healthy("50%", None, 7), desired_healthy(None, "50%", 7), desired_healthy(2, None, 7)
    (4, 3, 2)
    """
    if max_unavailable is not None:
        away = _scaled(max_unavailable, expected)
        return None if away is None else max(0, expected - away)
    return _scaled(min_available, expected)


def _scaled(value: object, total: int) -> int | None:
    said = text(value)
    if re.fullmatch(r"\d{1,9}%", said):
        return -(-int(said[:-1]) * total // 100)
    return int(said) if re.fullmatch(r"\d{1,9}", said) else None


@dataclass(frozen=True, slots=True)
class Address:
    """A host that a value names, with the port if it does; ``plain`` where it might as well be a mere word."""

    host: str
    port: int | None
    plain: bool


def addresses(value: str) -> Iterator[Address]:
    """The addresses in the value of a variable: URLs, ``host:port``, names, and lists of them.

    Examples
    --------
    >>> [(one.host, one.port) for one in addresses("mongodb://u:p@a:27017,b/db")]
    [('a', 27017), ('b', None)]
    >>> [(one.host, one.port) for one in addresses("redis-cart:6379")]
    [('redis-cart', 6379)]
    >>> [*addresses("0.0.0.0:8080")], [*addresses("http://$(POD_IP):80")]
    ([], [])
    >>> [(one.host, one.port) for one in addresses("user:secret@tcp(mysql:3306)/shop")]
    [('mysql', 3306)]
    """
    pieces = [(found["authority"], False) for found in _URL.finditer(value)]
    pieces += [(found["authority"], True) for found in _IN_BRACKETS.finditer(value)]
    for piece, in_brackets in pieces:
        for authority in piece.split(","):
            found = _AUTHORITY.fullmatch(authority)
            if found is not None and not _is_number(found["host"]):
                # A word in brackets is an address where it has a port: "Shop(beta)" is none.
                yield Address(found["host"].lower(), _port(found), in_brackets and found["port"] is None)
    if not pieces:
        for token in re.split(r"[\s,;]+", value):
            found = _BARE.fullmatch(token)
            if found is not None and not _is_number(found["host"]):
                host = found["host"].lower()
                yield Address(host, _port(found), found["port"] is None and "svc" not in host.split("."))


def _port(found: re.Match[str]) -> int | None:
    return int(found["port"]) if found["port"] else None


def _is_number(host: str) -> bool:
    """Whether it is an address of IP version 4, or just a number."""
    return all(part.isdigit() for part in host.rstrip(".").split("."))


def service_of(host: str, namespace: str, known: Mapping[tuple[str, str], object]) -> tuple[str, str] | None:
    """Namespace and name of the Service that a host name means in a pod of a namespace; None where it means none.

    Parameters
    ----------
    host : str
        In lower case.
    namespace : str
    known : mapping
        By namespace and name; decides names that could be of this cluster or of elsewhere.

    Examples
    --------
    >>> service_of("db-0.db.shop.svc.cluster.local", "web", {})
    ('shop', 'db')
    >>> service_of("example.com", "web", {}) is None
    True
    """
    labels = host.rstrip(".").split(".")
    if len(labels) == 1:
        return (namespace, host)
    if "svc" in labels[2:4]:
        end = labels.index("svc", 2)
        return (labels[end - 1], labels[end - 2])
    candidates: list[tuple[str, str]] = []
    if len(labels) == 2:
        candidates = [(labels[1], labels[0]), (namespace, labels[1])]  # name.namespace, or pod.name
    elif len(labels) == 3:
        candidates = [(labels[2], labels[1])]  # pod.name.namespace
    return next((one for one in candidates if one in known), None)
