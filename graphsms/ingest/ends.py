"""What very many relations lead to and come from: a quick look whether all of it is stated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from graphsms.ingest.spilling import Spilled
from graphsms.model import RelationKey

if TYPE_CHECKING:
    import numpy

__all__ = ["Ends"]

_PENDING: Final = 200_000  # hashes that are held before repetitions are taken out


class Ends:
    """What very many relations lead to and come from, as hashes of the ids, each once.

    What has been taken away again may still be among them.
    """

    def __init__(self) -> None:
        self._pending: list[int] = []
        self._hashes: numpy.ndarray[Any, Any] | None = None

    def copy(self) -> Ends:
        """Another with the same."""
        found = Ends()
        found._pending, found._hashes = list(self._pending), self._hashes
        return found

    def update(self, keys: Iterable[RelationKey]) -> None:
        """Take in the ends of relations."""
        self._pending += map(hash, {end for subject, _, object in keys for end in (subject, object)})
        if len(self._pending) > _PENDING:
            self._settle()

    def all_in(self, entities: Spilled[str, Any]) -> bool:
        """Whether entities are stated for all of them."""
        import numpy

        own = numpy.sort(numpy.concatenate([numpy.empty(0, numpy.int64), *entities.hashes()]))
        ends = self._settle()
        if not len(own):
            return not len(ends)
        places = numpy.minimum(numpy.searchsorted(own, ends), len(own) - 1)
        return bool((own[places] == ends).all())

    def _settle(self) -> numpy.ndarray[Any, Any]:
        import numpy

        before = numpy.empty(0, numpy.int64) if self._hashes is None else self._hashes
        self._hashes = numpy.unique(numpy.concatenate([before, numpy.array(self._pending, numpy.int64)]))
        self._pending = []
        return self._hashes
