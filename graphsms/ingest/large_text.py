"""Text files that are too large to be held: looked through first, then read block by block."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from graphsms.ingest.documents import BYTE_ORDER_MARK, MAX_BYTES, content_of, no_file

__all__ = ["blocks_of", "is_large"]

_LARGE: Final = 1 << 23  # bytes; less is read at once
_BLOCK: Final = 1 << 20


def is_large(path: Path) -> bool:
    """Whether a text file is to be read block by block; it is fit to be read then.

    Raises
    ------
    RejectedError
        It is large, and not fit: as `graphsms.ingest.documents.content_of` says.
    """
    try:
        if no_file(path) or path.stat().st_size <= _LARGE:
            return False
        fit = _is_fit(path)
    except OSError:
        return False  # whoever reads it says what is wrong
    if not fit:
        content_of(path)
    return fit


def _is_fit(path: Path) -> bool:
    """Whether it is UTF-8 without NUL, not too much, and something."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    size, says = 0, False
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if size == 0:
                block = block.removeprefix(BYTE_ORDER_MARK)
            size += len(block)
            says = says or bool(block.strip())
            if size > MAX_BYTES or b"\0" in block:
                return False
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return says


def blocks_of(path: Path) -> Iterator[str]:
    """The text of a file that is fit, block by block, without a byte order mark."""
    # What has changed since it was looked at shows as what is no word of anything.
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        while block := file.read(_BLOCK):
            yield block
