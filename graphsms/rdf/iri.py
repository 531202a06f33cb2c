"""Ids as IRIs and back: one id for one IRI, one IRI for one id.

An id that is itself an IRI of the Web or a URN stands for itself. Every other id stands below `ID_BASE`,
with what an IRI cannot hold percent-encoded as UTF-8; letters of any script stay readable (RFC 3987).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

import pyoxigraph as ox

__all__ = ["ID_BASE", "id_of", "iri_of"]

ID_BASE: Final = "https://w3id.org/graphsms/id/"

_STANDS_FOR_ITSELF: Final = re.compile(r"(?i:https?://|urn:).")
_PLAIN: Final = re.compile(r"(?!(?i:urn:))[A-Za-z0-9_~:@-][A-Za-z0-9_~:@.-]*")
# ipchar of RFC 3987 and "/", without the percent sign.
_ENCODED: Final = re.compile(
    r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    + "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 0xE))
    + "\U000e1000-\U000efffd]"
)
# A path segment of dots would be resolved away by whoever reads the IRI as a relative one.
_DOTS: Final = re.compile(r"(?<![^/])\.\.?(?![^/])")


def iri_of(id: str) -> str:
    """The IRI of the entity with an id.

    Raises
    ------
    ValueError
        The id is empty, or is no text of whole characters.

    Examples
    --------
    >>> iri_of("web shop #1")
    'https://w3id.org/graphsms/id/web%20shop%20%231'
    >>> iri_of("https://example.com/web")
    'https://example.com/web'
    """
    if _PLAIN.fullmatch(id):
        return ID_BASE + id
    if not id:
        raise ValueError("an id cannot be empty")
    return id if _stands_for_itself(id) else ID_BASE + _encoded(id)


def id_of(iri: str) -> str:
    """The id of the entity with an IRI: the one whose `iri_of` it is.

    Raises
    ------
    ValueError
        The IRI is the one of no id; the message says what would do.

    Examples
    --------
    >>> id_of("https://w3id.org/graphsms/id/web%20shop")
    'web shop'
    >>> id_of("mailto:ops@example.com")
    Traceback (most recent call last):
    ValueError: the IRI <mailto:ops@example.com> begins with none of http://, https:// and urn:
    """
    if not iri.startswith(ID_BASE):
        if _stands_for_itself(iri):
            return iri
        if not _STANDS_FOR_ITSELF.match(iri):
            raise ValueError(f"the IRI <{iri}> begins with none of http://, https:// and urn:")
        raise ValueError(f"<{iri}> is no IRI; percent-encode what an IRI cannot hold")
    local = iri[len(ID_BASE) :]
    if _PLAIN.fullmatch(local):
        return local
    if not local:
        raise ValueError(f"<{iri}> stands for no entity, since its id would be empty")
    try:
        id = unquote(local, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"<{iri}> holds percent-encoded bytes that are not UTF-8") from None
    if iri_of(id) != iri:
        raise ValueError(f"<{iri}> must be written <{iri_of(id)}>, the one IRI of the id {id!r}")
    return id


@lru_cache(maxsize=65536)
def _stands_for_itself(id: str) -> bool:
    if not _STANDS_FOR_ITSELF.match(id) or id.startswith(ID_BASE):
        return False
    try:
        ox.NamedNode(id)
    except ValueError:
        return False
    return True


def _encoded(id: str) -> str:
    """An id as the path of an IRI."""
    if "\x00" in id:
        raise ValueError("an id cannot contain a NUL character")
    try:
        path = _ENCODED.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8")), id)
    except UnicodeEncodeError:
        raise ValueError(f"the id {id!r} contains half of a surrogate pair, which is no character") from None
    return _DOTS.sub(lambda found: found[0].replace(".", "%2E"), path)
