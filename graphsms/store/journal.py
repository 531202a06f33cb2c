"""What makes a store's history provable: one canonical form of what it holds, and the hash chain over it.

Both stores seal their revisions here, so the same change sets give the same hashes in either. A
revision's hash covers the hash before it, its own fields, and the image of all that it touched: what
was created or changed as it became, what was removed by its key. So whoever keeps one hash can prove
everything up to it, and what was edited behind the store's back is found by `graphsms.history.verification`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Final

from graphsms.errors import CorruptError, InputError
from graphsms.model import ChangeSet, Entity, Relation, Revision, Statement, Touched, Value

if TYPE_CHECKING:
    pass

__all__ = [
    "EMPTY",
    "Clock",
    "Images",
    "canonical_json",
    "entity_image",
    "hashed",
    "image",
    "properties_from",
    "recorded",
    "relation_image",
    "removed_entity_image",
    "removed_relation_image",
    "sealed",
    "statements_from",
    "statements_json",
]

# Gives the present moment in canonical form (`graphsms.moments.now`).
Clock = Callable[[], str]

# The revision of a graph into which nothing has been stored yet.
EMPTY: Final = Revision(0, "")

_HELD: Final = 2**19  # digests that are held in memory at once
_sha256: Final = hashlib.sha256
_BYTES: Final = _sha256().digest_size

_MANY: Final = 100_000  # images for which it pays to load what sorts them quickly

_encode: Final = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode


def canonical_json(properties: Mapping[str, Value]) -> str:
    """Properties as the one text by which two of them are compared, stored and hashed.

    Parameters
    ----------
    properties : mapping of str to Value

    Returns
    -------
    str
        JSON without white space, keys sorted, characters beyond ASCII as they are.

    Examples
    --------
    >>> canonical_json({"tag": ("a", "b"), "name": "Büro"})
    '{"name":"Büro","tag":["a","b"]}'
    """
    return _encode(properties if type(properties) is dict else dict(properties)) if properties else "{}"


def properties_from(text: str) -> dict[str, Value]:
    """The properties that `canonical_json` made a text of.

    Raises
    ------
    CorruptError
        The text is none that it makes.

    Examples
    --------
    >>> properties_from('{"name":"Büro","tag":["a","b"]}')
    {'name': 'Büro', 'tag': ('a', 'b')}
    """
    if text == "{}":
        return {}
    try:
        if not text.startswith("{"):
            raise ValueError("it begins otherwise")
        found: dict[str, Value] = json.loads(text)
        if "[" in text:
            return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    except ValueError as error:
        raise CorruptError(f"The store holds properties that are no JSON object ({error}): restore a backup.") from None
    return found


def statements_json(stated: Mapping[str, Statement]) -> str:
    """What each source says, as one text, in their order; "" where there is nothing to keep apart.

    Examples
    --------
    >>> statements_json({"cmdb": Statement("Server", {"name": "db-1"}), "": Statement("Server")})
    '[["cmdb","Server",{"name":"db-1"}],["","Server",{}]]'
    >>> statements_json({})
    ''
    """
    if not stated:
        return ""
    if not any(one.type or one.properties for one in stated.values()):
        return _all_plain(tuple(stated))
    return _encode([[source, one.type, dict(one.properties)] for source, one in stated.items()])


@lru_cache(maxsize=1_000)
def _all_plain(sources: tuple[str, ...]) -> str:
    """The text of sources that say no more than that something is there: that of very many relations."""
    return _encode([[source, "", {}] for source in sources])


def statements_from(text: str | None) -> dict[str, Statement]:
    """The statements that `statements_json` made a text of.

    Raises
    ------
    CorruptError
        The text is none that it makes.

    Examples
    --------
    >>> statements_from('[["cmdb","Server",{"tag":["a"]}]]')
    {'cmdb': Statement(type='Server', properties={'tag': ('a',)})}
    """
    if not text:
        return {}
    try:
        return {
            str(source): Statement(
                str(type),
                {name: tuple(value) if isinstance(value, list) else value for name, value in properties.items()},
            )
            for source, type, properties in json.loads(text)
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise CorruptError(
            f"The store holds statements of sources that are none ({error}): restore a backup."
        ) from None


# ------------------------------------------------------------------------------------------ images


def entity_image(id: str, type: str, properties: str, source: str | None, stated: str | None = None) -> str:
    """What an entity became; ``properties`` as `canonical_json`, ``stated`` as `statements_json`, which is left
    out where it is empty. Each field follows its length."""
    source = source or ""
    by_source = f"{len(stated)}:{stated}" if stated else ""
    return f"entity {len(id)}:{id}{len(type)}:{type}{len(properties)}:{properties}{len(source)}:{source}{by_source}"


def relation_image(
    subject: str, type: str, object: str, properties: str, source: str | None, stated: str | None = None
) -> str:
    """What a relation became; likewise."""
    source = source or ""
    by_source = f"{len(stated)}:{stated}" if stated else ""
    return (
        f"relation {len(subject)}:{subject}{len(type)}:{type}{len(object)}:{object}"
        f"{len(properties)}:{properties}{len(source)}:{source}{by_source}"
    )


def removed_entity_image(id: str) -> str:
    """That an entity was removed."""
    return f"no entity {len(id)}:{id}"


def removed_relation_image(subject: str, type: str, object: str) -> str:
    """That a relation was removed, by itself or with one of its ends."""
    return f"no relation {len(subject)}:{subject}{len(type)}:{type}{len(object)}:{object}"


def image(touched: Touched) -> str:
    """The image of what a revision did to one entity or relation."""
    match touched.after, touched.before:
        case Entity() as now, _:
            stated = statements_json(now.stated)
            return entity_image(now.id, now.type, canonical_json(now.properties), now.source, stated)
        case Relation() as now, _:
            return relation_image(*now.key, canonical_json(now.properties), now.source, statements_json(now.stated))
        case None, Entity() as before:
            return removed_entity_image(before.id)
        case None, Relation() as before:
            return removed_relation_image(*before.key)
    raise CorruptError(f"Revision {touched.revision} touched what is neither there before nor after: restore a backup.")


class Images:
    """The images of one revision, given in any order and hashed in one: that of their digests.

    So no store has to sort what it writes, and a large import stays flat in memory: 32 bytes an image,
    on disk beyond half a million. An image given twice counts once.

    Examples
    --------
    >>> one, other = Images(), Images()
    >>> one.add("a"), one.add("b"), other.add("b"), other.add("a"), other.add("a")
    (None, None, None, None, None)
    >>> one.digest() == other.digest()
    True
    """

    def __init__(self) -> None:
        # Digests by their first byte: 256 small sorts are faster than a great one, and none of the memory is objects.
        self._parts = [bytearray() for _ in range(256)]
        self._spilled: list[tuple[IO[bytes], list[int]]] = []  # a file, and the lengths of the parts in it
        self._withdrawn: set[bytes] = set()
        self._number = 0  # of those that came together
        self._files = ExitStack()

    def __enter__(self) -> Images:
        return self

    def __exit__(self, *exception: object) -> None:
        self._files.close()

    def add(self, image: str) -> None:
        """Take in one image.

        Raises
        ------
        InputError
            It holds half of a surrogate pair, which is no character.
        """
        try:
            digest = _sha256(image.encode()).digest()
        except UnicodeEncodeError:
            raise _no_character(image) from None
        part = self._parts[digest[0]]
        part += digest
        if len(part) >= _HELD // 256 * _BYTES:  # they all grow alike
            self._spill()

    def add_all(self, images: Sequence[str]) -> None:
        """Take in several images, quicker where they are many.

        Raises
        ------
        InputError
            As `add`.
        """
        self._number += len(images)
        if self._number <= _MANY:
            for one in images:
                self.add(one)
            return
        import numpy

        try:
            digests = b"".join([_sha256(one.encode()).digest() for one in images])
        except UnicodeEncodeError:
            raise _no_character(next(one for one in images if _is_none(one))) from None
        rows = numpy.frombuffer(digests, numpy.uint8).reshape(-1, _BYTES)
        order = numpy.argsort(rows[:, 0], kind="stable")
        ends = numpy.cumsum(numpy.bincount(rows[:, 0], minlength=256)) * _BYTES
        ordered, start, most = rows[order].tobytes(), 0, 0
        for part, end in zip(self._parts, ends.tolist(), strict=True):
            part += ordered[start:end]
            start, most = end, max(most, len(part))
        if most >= _HELD // 256 * _BYTES:
            self._spill()

    def withdraw(self, image: str) -> None:
        """Leave out an image that was taken in, however often."""
        self._withdrawn.add(_sha256(image.encode()).digest())

    def digest(self) -> bytes:
        """SHA-256 over the digests of all images, ascending, each once."""
        whole = _sha256()
        for file, _ in self._spilled:
            file.seek(0)
        for number, part in enumerate(self._parts):
            block = b"".join([part, *(file.read(lengths[number]) for file, lengths in self._spilled)])
            if self._number > _MANY and block and not self._withdrawn and (ascending := _ascending(block)):
                whole.update(ascending)
                continue
            digests = {block[start : start + _BYTES] for start in range(0, len(block), _BYTES)}
            whole.update(b"".join(sorted(digests - self._withdrawn)))
        return whole.digest()

    def _spill(self) -> None:
        from tempfile import TemporaryFile  # slow to import, and only large imports need it

        file = TemporaryFile()  # noqa: SIM115 - closed with the images
        self._files.callback(file.close)
        file.writelines(self._parts)
        self._spilled.append((file, [len(part) for part in self._parts]))
        for part in self._parts:
            part.clear()


def _ascending(digests: bytes) -> bytes:
    """Digests in order; nothing where two of them begin alike, and may be one."""
    import numpy

    rows = numpy.frombuffer(digests, ">u8").reshape(-1, _BYTES // 8)
    first = rows[:, 0].astype(numpy.uint64)
    order = numpy.argsort(first)
    first = first[order]
    return b"" if (first[1:] == first[:-1]).any() else rows[order].tobytes()


def _is_none(text: str) -> bool:
    """Whether it holds half of a surrogate pair."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def _no_character(text: str) -> InputError:
    return InputError(f"{text[:60]!r} holds half of a surrogate pair, which is no character.")


# ------------------------------------------------------------------------------------------- chain


def recorded(time: str) -> str:
    """A moment as revisions have it, always to the microsecond: so their times compare as text.

    Raises
    ------
    InputError
        It is no moment.

    Examples
    --------
    >>> recorded("2026-11-21T10:30:00+01:00")
    '2026-11-21T09:30:00.000000Z'
    """
    try:
        moment = datetime.fromisoformat(time)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise InputError(f"{time!r} is no moment: write it as 2026-11-21T09:30:00Z.") from None


def sealed(previous: Revision, changes: ChangeSet, time: str, counts: tuple[int, int, int], images: Images) -> Revision:
    """The revision that follows another, with its hash.

    Parameters
    ----------
    previous : Revision
        `EMPTY` for the first.
    changes : ChangeSet
        For actor, reason, request and source.
    time : str
        The present moment, canonical; where the clock has been put back, the previous revision's stands
        instead, so that times never decrease.
    counts : tuple of int
        How many were created, changed, removed.
    images : Images
    """
    created, changed, removed = counts
    revision = Revision(
        number=previous.number + 1,
        time=max(recorded(time), previous.time),
        actor=changes.actor,
        reason=changes.reason,
        request=changes.request,
        source=changes.source,
        created=created,
        changed=changed,
        removed=removed,
    )
    return hashed(revision, previous.hash, images)


def hashed(revision: Revision, previous_hash: str, images: Images) -> Revision:
    """A revision with the hash that it must have after another, over the images of what it touched."""
    fields = (
        revision.number,
        revision.time,
        revision.actor,
        revision.reason,
        revision.request,
        revision.source,
        revision.created,
        revision.changed,
        revision.removed,
    )
    covered = json.dumps([previous_hash, *fields, images.digest().hex()], separators=(",", ":"))
    return Revision(*fields, hash=hashlib.sha256(covered.encode()).hexdigest())
