"""Canonical values: what a file says, turned into the one form in which the graph holds it.

Two values that mean the same become equal, so that importing a file again finds nothing to change.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Final

from graphsms.model import Scalar, Value
from graphsms.vocabulary import PropertyType, Vocabulary

__all__ = ["MAX_TEXT", "canonical", "canonical_all"]

MAX_TEXT: Final = 1 << 20  # characters: as long as a line of CSV may be

_DURATION: Final = re.compile(r"-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
_SAFE_DIGITS: Final = 15  # decimal digits that a double holds whatever they are
_SAFE_INTEGER: Final = 2**63


def canonical(property: PropertyType, raw: object, vocabulary: Vocabulary, zone: tzinfo = UTC) -> Value:
    """The value of a property in the form in which the graph holds it.

    Parameters
    ----------
    property : PropertyType
    raw : object
        A scalar, or a list of them, as a parser of YAML, JSON, CSV or RDF yields it.
    vocabulary : Vocabulary
        For code lists.
    zone : tzinfo
        Of dates and times that say none.

    Returns
    -------
    Value
        A scalar, or for a property with many values a sorted tuple without repetition.

    Raises
    ------
    ValueError
        The value is not one of the property's; the message says which rule it breaks and what would do.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> vocabulary = load()
    >>> canonical(vocabulary.properties["validTo"], "2026-11-21", vocabulary)
    '2026-11-22T00:00:00Z'
    >>> canonical(vocabulary.properties["tag"], ["b", "a", "b"], vocabulary)
    ('a', 'b')
    """
    given = list(raw) if isinstance(raw, list | tuple | set | frozenset) else [raw]
    if not property.many and len(given) != 1:
        raise ValueError(f"has one value, not {len(given)}")
    values = [_scalar(property, one, vocabulary, zone) for one in given]
    if not property.many:
        return values[0]
    return tuple(sorted(set(values), key=lambda v: (str(type(v)), v)))


def canonical_all(raw: Mapping[str, object], vocabulary: Vocabulary, zone: tzinfo = UTC) -> dict[str, Value]:
    """`canonical` for every property of a mapping, in alphabetical order; None and empty lists are left out.

    Raises
    ------
    ValueError
        A property is unknown, or a value is not one of its property's.
    """
    found: dict[str, Value] = {}
    for name in sorted(raw):
        value = raw[name]
        if value is None or value in ([], ()):
            continue
        if name not in vocabulary.properties:
            raise ValueError(f"{name} is no property of the ontology")
        try:
            found[name] = canonical(vocabulary.properties[name], value, vocabulary, zone)
        except ValueError as error:
            raise ValueError(f"{name} {error}") from None
    return found


def _scalar(property: PropertyType, raw: object, vocabulary: Vocabulary, zone: tzinfo) -> Scalar:
    if property.code_list is not None:
        return _code(property.code_list, raw, vocabulary)
    if property.datatype == "dateTime":
        return _date_time(raw, property, zone)
    return _READ[property.datatype](raw)


def _code(code_list: str, raw: object, vocabulary: Vocabulary) -> str:
    codes = vocabulary.code_lists[code_list].codes
    wanted = str(raw).strip()
    for code in codes:
        if wanted in (code.notation, code.iri):
            return code.notation
    for code in codes:
        if wanted.casefold() in (code.notation.casefold(), code.label.casefold()):
            return code.notation
    raise ValueError(f"is {_short(raw)}; it must be one of {', '.join(code.notation for code in codes)}")


def _string(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, dict | list):
        raise ValueError(f"is {_short(raw)}; it must be text")
    text = raw.isoformat() if isinstance(raw, date) else str(raw)
    if len(text) > MAX_TEXT:
        raise ValueError(
            f"has {len(text):,} characters; at most {MAX_TEXT:,} are kept: keep it as a file and link to it"
        )
    if "\x00" in text:
        raise ValueError("contains a NUL character; take it out")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("contains half of a surrogate pair, which is no character; mend the encoding") from None
    return text


def _boolean(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().lower() in ("true", "1", "yes"):
        return True
    if isinstance(raw, str) and raw.strip().lower() in ("false", "0", "no"):
        return False
    raise ValueError(f"is {_short(raw)}; it must be true or false")


def _integer(raw: object) -> int:
    try:
        if isinstance(raw, bool) or (isinstance(raw, float) and not raw.is_integer()):
            raise ValueError
        number = int(raw) if isinstance(raw, int | float) else int(str(raw).strip())
    except (ValueError, OverflowError):
        raise ValueError(f"is {_short(raw)}; it must be a whole number") from None
    if not -_SAFE_INTEGER <= number < _SAFE_INTEGER:
        raise ValueError(f"is {_short(raw)}; it must fit in 64 bits")
    return number


def _decimal(raw: object) -> float:
    try:
        if isinstance(raw, bool):
            raise InvalidOperation
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        raise ValueError(f"is {_short(raw)}; it must be a number") from None
    if not number.is_finite():
        raise ValueError(f"is {_short(raw)}; it must be a finite number")
    if len(number.normalize().as_tuple().digits) > _SAFE_DIGITS + 2:
        raise ValueError(f"is {_short(raw)}; more than {_SAFE_DIGITS} digits cannot be held exactly")
    return _no_negative_zero(float(number))


def _double(raw: object) -> float:
    try:
        if isinstance(raw, bool):
            raise ValueError
        number = float(str(raw).strip())
    except ValueError:
        raise ValueError(f"is {_short(raw)}; it must be a number") from None
    if not math.isfinite(number):
        raise ValueError(f"is {_short(raw)}; it must be a finite number")
    return _no_negative_zero(number)


def _no_negative_zero(number: float) -> float:
    return number + 0.0 if number else 0.0


def _date_time(raw: object, property: PropertyType, zone: tzinfo) -> str:
    if isinstance(raw, datetime):
        moment = raw
    elif isinstance(raw, date) or (isinstance(raw, str) and _DATE.fullmatch(raw.strip())):
        day = _parsed_date(raw)
        moment = datetime.combine(day, datetime.min.time())
        if property.inclusive_end:
            try:
                moment += timedelta(days=1)
            except OverflowError:
                raise ValueError(f"is {_short(raw)}; the day after it must exist") from None
    else:
        try:
            moment = datetime.fromisoformat(str(raw).strip())
        except ValueError:
            raise ValueError(
                f"is {_short(raw)}; it must be a date (2026-11-21) or a date and time (2026-11-21T09:30:00Z)"
            ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise ValueError(f"is {_short(raw)}; it is outside the years 1 to 9999") from None


def _parsed_date(raw: object) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    try:
        if not _DATE.fullmatch(str(raw).strip()):
            raise ValueError
        return date.fromisoformat(str(raw).strip())
    except ValueError:
        raise ValueError(f"is {_short(raw)}; it must be a date such as 2026-11-21") from None


def _duration(raw: object) -> str:
    text = str(raw).strip()
    if not _DURATION.fullmatch(text):
        raise ValueError(f"is {_short(raw)}; it must be a duration such as P1Y, P30D or PT4H")
    return text


def _any_uri(raw: object) -> str:
    text = _string(raw).strip()
    if not _IRI.fullmatch(text):
        raise ValueError(f"is {_short(raw)}; it must be a URL or other IRI")
    return text


_READ: Final[Mapping[str, Callable[[object], Scalar]]] = {
    "string": _string,
    "date": lambda raw: _parsed_date(raw).isoformat(),
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "double": _double,
    "duration": _duration,
    "anyURI": _any_uri,
}


def _short(raw: object) -> str:
    text = repr(raw)
    return text if len(text) <= 60 else text[:57] + "..."
