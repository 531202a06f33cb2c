"""Which keys have surely never been kept, without a look at what is kept: a filter of bits (Bloom 1970)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy

__all__ = ["Filter"]

_BITS: Final = 2**26  # eight megabytes
_MOST: Final = 2**27
_EACH: Final = 40  # bits for each key, below which there are to be more of them
_LOOKS: Final = 6  # bits of one key; the first of them says nearly always that it is new


class Filter:
    """Hashes that may have been put in, and those that surely have not.

    Attributes
    ----------
    bits : bytearray
    mask : int
        Of the number of a bit: ``hash & mask`` is the first of a key.

    Examples
    --------
    >>> import numpy
    >>> found = Filter()
    >>> found.add(numpy.array([hash("a")]))
    >>> found.may_have(hash("a")), found.may_have(hash("b"))
    (True, False)
    """

    __slots__ = ("bits", "mask")

    def __init__(self, bits: int | None = None) -> None:
        number = bits or _BITS
        self.bits = bytearray(number >> 3)
        self.mask = number - 1

    def copy(self) -> Filter:
        """Another with the same hashes."""
        found = Filter(8)
        found.bits, found.mask = bytearray(self.bits), self.mask
        return found

    def add(self, hashes: numpy.ndarray[Any, Any]) -> None:
        """Put hashes in, signed integers of 64 bits."""
        import numpy

        view = numpy.frombuffer(self.bits, numpy.uint8)
        place, step = hashes, (hashes >> 32) | 1
        for _ in range(_LOOKS):
            bit = place & self.mask
            numpy.bitwise_or.at(view, bit >> 3, (1 << (bit & 7)).astype(numpy.uint8))
            place = bit + step

    def may_have(self, h: int) -> bool:
        """Whether a hash may have been put in."""
        bits, mask = self.bits, self.mask
        place, step = h & mask, (h >> 32) | 1
        for _ in range(_LOOKS):
            if not bits[place >> 3] >> (place & 7) & 1:
                return False
            place = (place + step) & mask
        return True

    def too_small(self, keys: int) -> bool:
        """Whether it would pass too many of so many keys, and another is to be made."""
        return self.mask < keys * _EACH and self.mask + 1 < _MOST

    def grown(self, every: Iterable[numpy.ndarray[Any, Any]]) -> Filter:
        """One of twice the bits, with all hashes that were put in."""
        found = Filter(2 * (self.mask + 1))
        for hashes in every:
            found.add(hashes)
        return found
