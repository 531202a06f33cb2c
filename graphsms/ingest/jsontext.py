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


def json_items(content: bytes, file: str, key: str) -> Iterator[tuple[str, object, int]]:
    """A JSON object as (top-level key, value, line); the items of one key, a list, come one by one.

    Numbers with a fraction stay text, as they were written.

    Raises
    ------
    RejectedError
        It is not JSON, repeats a key, or is nested too deeply.

    Examples
    --------
    >>> [*json_items(b'{"entities": [{"id": "a"},\\n {"id": "b"}]}', "x.json", "entities")][1:]
    [('entities', {'id': 'a'}, 1), ('entities', {'id': 'b'}, 2)]
    """
    text = content.decode("utf-8")
    for (name, value), line in _lined(_items(text, key), text, file):
        yield name, value, line


def json_elements(content: bytes, file: str) -> Iterator[tuple[object, int]]:
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
    text = content.decode("utf-8")
    return _lined(_elements(text), text, file)


def _lined(items: Iterator[tuple[_T, int]], text: str, file: str) -> Iterator[tuple[_T, int]]:
    """Items with lines instead of positions; what is wrong with the text is a fault."""
    line, counted = 1, 0
    while True:
        try:
            item, position = next(items)
        except StopIteration:
            return
        except JSONDecodeError as error:
            reject(file, error.lineno, "not-json", f"This is not JSON: {error.msg}.")
        except _RepeatedKeyError as error:
            reject(file, line, "duplicate-key", f"The key {str(error)!r} stands twice in an object from this line on.")
        except RecursionError:
            reject(file, line, "too-deep", "The nesting from this line on is too deep.")
        except ValueError as error:
            reject(file, line, "not-json", f"A value from this line on cannot be used: {error}.")
        line += text.count("\n", counted, position)
        counted = position
        yield item, line


def json_document(content: bytes, file: str) -> dict[str, object]:
    """A JSON object whole.

    Raises
    ------
    RejectedError
        As `json_items`.
    """
    return {name: value for name, value, _ in json_items(content, file, "")}


def _items(text: str, key: str) -> Iterator[tuple[tuple[str, object], int]]:
    """As `json_items`, with positions instead of lines."""
    scanner = _Scanner(text)
    seen: set[str] = set()
    scanner.take("{")
    separator = scanner.take("}") if scanner.at("}") else ","
    while separator == ",":
        start = scanner.position
        name = scanner.name()
        if name in seen:
            raise _RepeatedKeyError(name)
        seen.add(name)
        scanner.take(":")
        if name == key and scanner.at("["):
            yield (name, LocatedList(0)), start
            scanner.take("[")
            separator = scanner.take("]") if scanner.at("]") else ","
            while separator == ",":
                start = scanner.position
                yield (name, scanner.value()), start
                separator = scanner.take(",]")
        else:
            yield (name, scanner.value()), start
        separator = scanner.take(",}")
    if scanner.position < len(text):
        raise JSONDecodeError("something follows the end of the object", text, scanner.position)


def _elements(text: str) -> Iterator[tuple[object, int]]:
    """As `json_elements`, with positions instead of lines."""
    scanner = _Scanner(text)
    scanner.take("[")
    separator = scanner.take("]") if scanner.at("]") else ","
    while separator == ",":
        start = scanner.position
        yield scanner.value(), start
        separator = scanner.take(",]")
    if scanner.position < len(text):
        raise JSONDecodeError("something follows the end of the array", text, scanner.position)


class _Scanner:
    """Goes through JSON text token by token; ``position`` is that of the next token."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.decode = JSONDecoder(object_pairs_hook=_pairs, parse_float=str, parse_constant=_constant).raw_decode
        self.position = 0
        self._move(0)

    def _move(self, position: int) -> None:
        found = _SPACE.match(self.text, position)
        assert found is not None
        self.position = found.end()

    def at(self, character: str) -> bool:
        return self.text.startswith(character, self.position)

    def take(self, characters: str) -> str:
        found = self.text[self.position : self.position + 1]
        if not found or found not in characters:
            raise JSONDecodeError(f"{' or '.join(characters)} is missing", self.text, self.position)
        self._move(self.position + 1)
        return found

    def name(self) -> str:
        if not self.at('"'):
            raise JSONDecodeError("a key in double quotes is missing", self.text, self.position)
        return str(self.value())

    def value(self) -> object:
        value: object
        value, end = self.decode(self.text, self.position)
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
