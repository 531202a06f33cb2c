"""JSON as the exchange format needs it: the items of one long list one by one, each with its line.

YAML's parser would read most JSON too, at a thirtieth of the speed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Final, TypeVar

from graphsms.ingest.documents import LocatedList, reject

__all__ = ["json_document", "json_elements", "json_items", "looks_like_json"]

_T = TypeVar("_T")
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_WHITE: Final = ("", " ", "\t", "\n", "\r")
_LONGEST: Final = 16  # characters of a word or an escape of JSON, at least


class _RepeatedKeyError(ValueError):
    pass


def looks_like_json(content: bytes) -> bool:
    """Whether a file begins as a JSON object does: a brace, then a key in double quotes.

    Examples
    --------
    >>> looks_like_json(b' {"entities": []}'), looks_like_json(b"{entities: []}")
    (True, False)
    """
    return re.match(rb'\s*\{\s*["}]', content) is not None


def json_items(content: bytes | Iterator[str], file: str, key: str) -> Iterator[tuple[str, object, int]]:
    """A JSON object as (top-level key, value, line); the items of one key, a list, come one by one.

    Of what is given as blocks of text, little is held at once. Numbers with a fraction stay text, as they were written.

    Raises
    ------
    RejectedError
        It is not JSON, repeats a key, or is nested too deeply.

    Examples
    --------
    >>> [*json_items(b'{"entities": [{"id": "a"},\\n {"id": "b"}]}', "x.json", "entities")][1:]
    [('entities', {'id': 'a'}, 1), ('entities', {'id': 'b'}, 2)]
    """
    scanner = _Scanner(_blocks(content))
    for (name, value), line in _lined(_items(scanner, key), scanner, file):
        yield name, value, line


def json_elements(content: bytes | Iterator[str], file: str) -> Iterator[tuple[object, int]]:
    """The elements of a JSON array one by one, each with its line.

    Raises
    ------
    RejectedError
        As `json_items`.

    Examples
    --------
    >>> [*json_elements(b'[{"pk": 1},\\n {"pk": 2}]', "x.json")]
    [({'pk': 1}, 1), ({'pk': 2}, 2)]
    """
    scanner = _Scanner(_blocks(content))
    return _lined(_elements(scanner), scanner, file)


def _blocks(content: bytes | Iterator[str]) -> Iterator[str]:
    return iter([content.decode("utf-8")]) if isinstance(content, bytes) else content


def _lined(items: Iterator[tuple[_T, int]], scanner: _Scanner, file: str) -> Iterator[tuple[_T, int]]:
    """The items, each with its line; what is wrong with the text is a fault."""
    line = 1
    while True:
        try:
            item, line = next(items)
        except StopIteration:
            return
        except JSONDecodeError as error:
            reject(file, scanner.lines + error.lineno, "not-json", f"This is not JSON: {error.msg}.")
        except _RepeatedKeyError as error:
            reject(file, line, "duplicate-key", f"The key {str(error)!r} stands twice in an object from this line on.")
        except RecursionError:
            reject(file, line, "too-deep", "The nesting from this line on is too deep.")
        except ValueError as error:
            reject(file, line, "not-json", f"A value from this line on cannot be used: {error}.")
        yield item, line


def json_document(content: bytes, file: str) -> dict[str, object]:
    """A JSON object whole.

    Raises
    ------
    RejectedError
        As `json_items`.
    """
    return {name: value for name, value, _ in json_items(content, file, "")}


def _items(scanner: _Scanner, key: str) -> Iterator[tuple[tuple[str, object], int]]:
    seen: set[str] = set()
    scanner.take("{")
    separator = scanner.take("}") if scanner.at("}") else ","
    while separator == ",":
        line = scanner.line()
        name = scanner.name()
        if name in seen:
            raise _RepeatedKeyError(name)
        seen.add(name)
        scanner.take(":")
        if name == key and scanner.at("["):
            yield (name, LocatedList(0)), line
            scanner.take("[")
            separator = scanner.take("]") if scanner.at("]") else ","
            while separator == ",":
                line = scanner.line()
                yield (name, scanner.value()), line
                separator = scanner.take(",]")
        else:
            yield (name, scanner.value()), line
        separator = scanner.take(",}")
    scanner.finish("object")


def _elements(scanner: _Scanner) -> Iterator[tuple[object, int]]:
    scanner.take("[")
    separator = scanner.take("]") if scanner.at("]") else ","
    while separator == ",":
        line = scanner.line()
        yield scanner.value(), line
        separator = scanner.take(",]")
    scanner.finish("array")


class _Scanner:
    """Goes through JSON text token by token; ``position`` is that of the next token.

    Attributes
    ----------
    text : str
        What is held of the text.
    lines : int
        How many line breaks come before what is held.
    """

    def __init__(self, blocks: Iterator[str]) -> None:
        self.blocks = blocks
        self.text = next(blocks, "")
        self.lines = 0
        self.decode = JSONDecoder(object_pairs_hook=_pairs, parse_float=str, parse_constant=_constant).raw_decode
        self.position = 0
        self._counted = self._breaks = 0  # up to where line breaks have been counted in what is held, and how many
        self._move(0)

    def _more(self) -> bool:
        """Hold more of the text, and let go what has been read; False where there is no more."""
        # Ever more at once: what does not end for long is read again each time.
        found, least = [], len(self.text) - self.position
        for block in self.blocks:
            found.append(block)
            least -= len(block)
            if least <= 0:
                break
        if not found:
            return False
        self.lines += self.text.count("\n", 0, self.position)
        self.text = "".join([self.text[self.position :], *found])
        self.position = self._counted = self._breaks = 0
        return True

    def _move(self, position: int) -> None:
        if self.text[position : position + 1] not in _WHITE:
            self.position = position
            return
        while True:
            found = _SPACE.match(self.text, position)
            assert found is not None
            self.position = position = found.end()
            if position < len(self.text) or not self._more():
                return
            position = 0

    def line(self) -> int:
        """The line of the next token."""
        self._breaks += self.text.count("\n", self._counted, self.position)
        self._counted = self.position
        return self.lines + self._breaks + 1

    def at(self, character: str) -> bool:
        return self.text.startswith(character, self.position)

    def take(self, characters: str) -> str:
        found = self.text[self.position : self.position + 1]
        if not found or found not in characters:
            raise JSONDecodeError(f"{' or '.join(characters)} is missing", self.text, self.position)
        self._move(self.position + 1)
        return found

    def finish(self, what: str) -> None:
        """Nothing must follow."""
        if self.position < len(self.text):
            raise JSONDecodeError(f"something follows the end of the {what}", self.text, self.position)

    def name(self) -> str:
        if not self.at('"'):
            raise JSONDecodeError("a key in double quotes is missing", self.text, self.position)
        return str(self.value())

    def value(self) -> object:
        value: object
        while True:
            try:
                value, end = self.decode(self.text, self.position)
            except JSONDecodeError as error:
                # Is something wrong, or does it go on in what is not held yet?
                cut = error.msg.startswith("Unterminated") or error.pos > len(self.text) - _LONGEST
                if cut and self._more():
                    continue
                raise
            # A number may go on: after the 1 of 1.5 and 1e+5 in what is not held yet.
            if end < len(self.text) - _LONGEST or not self._more():
                break
        self._move(end)
        return value


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(next(name for name in names if names.count(name) > 1))
    return found


def _constant(name: str) -> object:
    raise ValueError(f"{name} is no value of JSON")
