"""The types of very many entities, by id, in some ten bytes each: what relations that are read in order ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from graphsms.ingest.check import Stated, StatedEntity, StatedRelation
from graphsms.ingest.spilling import Spilled, in_batches, looked_up, pairs
from graphsms.model import RelationKey

if TYPE_CHECKING:
    import numpy

__all__ = ["relations_with_kinds"]

_SHARED: Final = -2  # the code of ids whose hash is that of another
_NONE: Final = -1


def relations_with_kinds(
    stated: Stated, types: Mapping[str, str]
) -> Iterator[tuple[RelationKey, StatedRelation, str | None, str | None]]:
    """All relations that are stated, in order, with the types of subject and object; None where there is none.

    Parameters
    ----------
    stated : Stated
    types : mapping of str to str
        Of entities that are referred to without being stated.

    Notes
    -----
    Where statements are in a file, ids are told apart by 64 bits of a keyed hash: that one which is stated nowhere
    passes for another has a chance of one in 10^13 at a million entities, and a store finds it out, which looks for
    both ends itself.
    """
    entities = stated.entities
    if not isinstance(entities, Spilled):
        for key, value in pairs(stated.relations):
            one, other = entities.get(key[0]), entities.get(key[2])
            subject_type = types.get(key[0]) if one is None else one[0]
            object_type = types.get(key[2]) if other is None else other[0]
            yield key, value, subject_type, object_type
        return
    kinds = _Kinds(entities)
    for batch in _batches(stated.relations):
        ends = [end for _, key, _ in batch for end in (key[0], key[2])]
        found = kinds.of(ends)
        known: Mapping[str, str] = {}
        if None in found:
            known = looked_up(types, {end for end, type in zip(ends, found, strict=True) if type is None})
        its = iter(found)
        for (_, key, value), subject_type, object_type in zip(batch, its, its, strict=True):
            yield key, value, subject_type or known.get(key[0]), object_type or known.get(key[2])


def _batches(
    relations: Mapping[RelationKey, StatedRelation],
) -> Iterator[list[tuple[int, RelationKey, StatedRelation]]]:
    if isinstance(relations, Spilled):
        return relations.batches()
    return in_batches((0, key, value) for key, value in relations.items())


class _Kinds:
    def __init__(self, entities: Spilled[str, StatedEntity]) -> None:
        import numpy

        self._entities = entities
        self._names: list[str | None] = []
        codes: dict[str, int] = {}
        hashes: list[Any] = []
        kinds: list[Any] = []
        for batch in entities.batches():
            hashes.append(numpy.fromiter((hash(id) for _, id, _ in batch), numpy.int64, len(batch)))
            coded = (codes.setdefault(one[0], len(codes)) for _, _, one in batch)
            kinds.append(numpy.fromiter(coded, numpy.int16, len(batch)))
        every = numpy.concatenate([numpy.empty(0, numpy.int64), *hashes])
        order = numpy.argsort(every)
        self._hashes: numpy.ndarray[Any, Any] = every[order]
        self._kinds: numpy.ndarray[Any, Any] = numpy.concatenate([numpy.empty(0, numpy.int16), *kinds])[order]
        same = self._hashes[1:] == self._hashes[:-1]
        self._kinds[1:][same] = _SHARED
        self._kinds[:-1][same] = _SHARED
        self._names = [*codes, None, None]  # the last two for _SHARED and _NONE

    def of(self, ids: Sequence[str]) -> list[str | None]:
        """The types of entities, None where there is none of that id."""
        import numpy

        if not len(self._hashes):
            return [None] * len(ids)
        wanted = numpy.fromiter(map(hash, ids), numpy.int64, len(ids))
        places = numpy.minimum(numpy.searchsorted(self._hashes, wanted), len(self._hashes) - 1)
        codes = numpy.where(self._hashes[places] == wanted, self._kinds[places], _NONE)
        names = self._names
        found = [names[code] for code in codes.tolist()]
        for number in numpy.flatnonzero(codes == _SHARED).tolist():
            one = self._entities.get(ids[number])
            found[number] = one[0] if one is not None else None
        return found
