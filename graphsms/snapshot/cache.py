"""A snapshot on disk, beside the store that it was made from.

One file: a magic word, the length and checksum of a header in JSON, the header, then each array at a multiple
of 64 bytes. It is read by mapping it into memory. It is written beside itself and moved into place, so that
there is always a whole one. What is damaged, of another store, another ontology or another format is as if it
were not there.
"""

from __future__ import annotations

import json
import os
import struct
import tempfile
import zlib
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from graphsms.snapshot.arrays import ArraySnapshot
from graphsms.snapshot.carriage import Carriage
from graphsms.snapshot.place import cache_file
from graphsms.store import Store

__all__ = ["load", "save"]

_MAGIC: Final = b"graphsms"
_FORMAT: Final = 1
_PREFIX: Final = struct.Struct("<8sII")  # magic, length of the header, its checksum
_ALIGNED: Final = 64
_ARRAYS: Final = tuple(
    one.name for one in fields(ArraySnapshot) if one.init and one.name not in ("revision", "carriage", "sources")
)


def save(snapshot: ArraySnapshot, store: Store, revision_hash: str) -> None:
    """Keep a snapshot for the next who asks; where the folder cannot be written, it is not kept.

    Parameters
    ----------
    snapshot : ArraySnapshot
    store : Store
        That it was made from.
    revision_hash : str
        The hash of its revision: a store that was put back to an earlier state may reach the same number again.
    """
    path = cache_file(store)
    if path is None:
        return
    arrays = {name: np.ascontiguousarray(getattr(snapshot, name)) for name in _ARRAYS}
    places: list[dict[str, Any]] = []
    end = checksum = 0
    for name, array in arrays.items():
        places.append({"name": name, "dtype": array.dtype.str, "shape": array.shape, "at": end})
        checksum = zlib.crc32(array.data.cast("B") if array.size else b"", checksum)
        end = _up(end + array.nbytes)
    header = json.dumps(
        {
            "format": _FORMAT,
            "store": store.identity,
            "ontology": store.vocabulary.hash,
            "revision": snapshot.revision,
            "revision_hash": revision_hash,
            "sources": snapshot.sources,
            "arrays": places,
            "checksum": checksum,
            "length": end,
        }
    ).encode()
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_PREFIX.pack(_MAGIC, len(header), zlib.crc32(header)) + header)
                begin = _up(file.tell())
                for place, array in zip(places, arrays.values(), strict=True):
                    file.seek(begin + place["at"])
                    array.tofile(file)
                file.truncate(begin + end)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise


def load(store: Store) -> tuple[ArraySnapshot, str] | None:
    """What is kept for a store, with the hash of its revision; None where there is nothing that can be used."""
    path = cache_file(store)
    try:
        content = np.memmap(path, np.uint8, "r") if path else np.zeros(0, np.uint8)
        magic, length, checksum = _PREFIX.unpack(content[: _PREFIX.size].tobytes())
        text = content[_PREFIX.size : _PREFIX.size + length].tobytes()
        if magic != _MAGIC or zlib.crc32(text) != checksum:
            return None
        header = json.loads(text)
        begin = _up(_PREFIX.size + length)
        ours = (header["format"], header["store"], header["ontology"])
        if ours != (_FORMAT, store.identity, store.vocabulary.hash) or len(content) != begin + header["length"]:
            return None
        arrays: dict[str, Any] = {}
        checksum = 0
        for place in header["arrays"]:
            dtype = np.dtype(place["dtype"])
            at = begin + place["at"]
            part = content[at : at + dtype.itemsize * int(np.prod(place["shape"]))]
            checksum = zlib.crc32(part.data, checksum)
            arrays[place["name"]] = np.asarray(part).view(dtype).reshape(place["shape"])
        if checksum != header["checksum"]:
            return None
    except (OSError, ValueError, struct.error):
        return None
    return (
        ArraySnapshot(
            revision=header["revision"],
            carriage=Carriage.of(store.vocabulary),
            sources=tuple(header["sources"]),
            **arrays,
        ),
        header["revision_hash"],
    )


def _up(length: int) -> int:
    return -(-length // _ALIGNED) * _ALIGNED
