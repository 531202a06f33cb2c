"""The types of very many entities, by id, in some ten bytes each: what relations that are read in order ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from graphsms.ingest.check import Stated, StatedEntity, StatedRelation
from graphsms.ingest.rest import columns
from graphsms.ingest.spilling import Spilled, looked_up
from graphsms.model import RelationKey

if TYPE_CHECKING:
    import numpy

__all__ = ["Kinds", "relations_with_kinds"]

# Keys, what is stated of each, types of subjects, types of objects.
_Block: TypeAlias = tuple[Sequence[RelationKey], Sequence[StatedRelation], Sequence[str | None], Sequence[str | None]]
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
    for block in Kinds(stated, types).of_relations():
        yield from zip(*block, strict=True)


class Kinds:
    """The types of entities that are stated, or that statements refer to.

    Parameters
    ----------
    stated : Stated
        Not to be changed meanwhile.
    types : mapping of str to str
        Of entities that are referred to without being stated.
    """

    def __init__(self, stated: Stated, types: Mapping[str, str]) -> None:
        self._stated = stated
        self._types = types
        self._hashed = _Hashed(stated.entities) if isinstance(stated.entities, Spilled) else None

    def of(self, ids: Sequence[str]) -> list[str | None]:
        """The types of entities, None where there is none."""
        if self._hashed is None:
            entities, types = self._stated.entities, self._types
            stated = map(entities.get, ids)
            return [types.get(id) if one is None else one[0] for id, one in zip(ids, stated, strict=True)]
        found = self._hashed.of(ids)
        if None not in found:
            return found
        known = looked_up(self._types, {id for id, type in zip(ids, found, strict=True) if type is None})
        return [type or known.get(id) for id, type in zip(ids, found, strict=True)]

    def of_relations(self) -> Iterator[_Block]:
        """All relations with the types of their ends, some thousands at a time, each column apart."""
        for keys, values in columns(self._stated.relations):
            yield keys, values, self.of([key[0] for key in keys]), self.of([key[2] for key in keys])


class _Hashed:
    def __init__(self, entities: Spilled[str, StatedEntity]) -> None:
        import numpy

        self._entities = entities
        self._names: list[str | None] = []
        codes: dict[str, int] = {}
        hashes: list[Any] = []
        kinds: list[Any] = []
        for ids, values in entities.columns():
            hashes.append(numpy.fromiter(map(hash, ids), numpy.int64, len(ids)))
            coded = (codes.setdefault(one[0], len(codes)) for one in values)
            kinds.append(numpy.fromiter(coded, numpy.int16, len(ids)))
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
