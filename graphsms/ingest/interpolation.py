"""Variables in Compose files: ``${NAME:-default}`` and its kin, and the ``.env`` file beside them.

Source: Compose Specification, "Interpolation", and Docker's "Set environment variables", syntax of ``.env``
files. The environment of whoever imports is not asked, so that the same files always mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["MissingVariableError", "env_file", "interpolated"]

_START: Final = re.compile(r"\$(?:(?P<escaped>\$)|(?P<name>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*))")
_OPERATOR: Final = re.compile(r":-|:\?|:\+|-|\?|\+|\}")
_LINE: Final = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][\w.-]*)\s*[=:]\s*(?P<value>.*)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"'}


class MissingVariableError(ValueError):
    """A variable that a file declares as required has no value; the message is the file's own."""


def interpolated(template: str, variables: Mapping[str, str], unset: set[str]) -> str:
    """A text with its variables put in.

    Parameters
    ----------
    template : str
    variables : mapping of str to str
    unset : set of str
        Takes the names of variables that have neither a value nor a default; they are empty.

    Raises
    ------
    MissingVariableError
        For ``${NAME:?message}`` without a value.

    Examples
    --------
    >>> interpolated("${IMAGE:-web}:${TAG:-${VERSION}} costs $$5 $NOTHING", {"VERSION": "1.2"}, set())
    'web:1.2 costs $5 '
    """
    if "$" not in template:
        return template
    value, _ = _until(template, 0, variables, unset)
    return value


def _until(
    template: str, position: int, variables: Mapping[str, str], unset: set[str], closing: str = "", *, used: bool = True
) -> tuple[str, int]:
    """What is meant up to the closing brace, or the end, and where that is; of what is not used, only where."""
    found: list[str] = []
    while position < len(template) and template[position] != closing:
        start = _START.match(template, position)
        operator = None if start is None or start["braced"] is None else _OPERATOR.match(template, start.end())
        if start is None or (start["braced"] is not None and operator is None):
            found.append(template[position])  # no variable, or of another syntax, such as ${NAME/a/b}
            position += 1
        elif operator is not None:
            value, position = _braced(template, start["braced"], operator, variables, unset, used)
            found.append(value)
        else:
            found.append("$" if start["escaped"] else _value(start["name"], variables, unset) if used else "")
            position = start.end()
    return "".join(found), position


def _braced(
    template: str, name: str, operator: re.Match[str], variables: Mapping[str, str], unset: set[str], used: bool
) -> tuple[str, int]:
    if operator[0] == "}":
        return _value(name, variables, unset) if used else "", operator.end()
    there = bool(variables.get(name)) if operator[0].startswith(":") else name in variables
    wants_word = there if operator[0][-1] == "+" else not there
    word, end = _until(template, operator.end(), variables, unset, "}", used=used and wants_word)
    if used and wants_word and operator[0][-1] == "?":
        raise MissingVariableError(f"the variable {name} has no value: {word or 'it is required'}")
    return word if wants_word else "" if operator[0][-1] == "+" else variables[name], end + 1


def _value(name: str, variables: Mapping[str, str], unset: set[str]) -> str:
    if name not in variables:
        unset.add(name)
    return variables.get(name, "")


def env_file(content: str) -> dict[str, str]:
    """The variables of a ``.env`` file, those before it in the file put in.

    Examples
    --------
    >>> env_file("HOST=db # the database\\nURL=\\"http://${HOST}:80\\"\\nRAW='$HOST'")
    {'HOST': 'db', 'URL': 'http://db:80', 'RAW': '$HOST'}
    """
    found: dict[str, str] = {}
    for line in content.splitlines():
        parts = _LINE.fullmatch(line)
        if parts is not None and not line.lstrip().startswith("#"):
            found[parts["name"]] = _env_value(parts["value"].strip(), found)
    return found


def _env_value(said: str, known: Mapping[str, str]) -> str:
    if said.startswith("'"):
        return said[1:].partition("'")[0]
    if said.startswith('"'):
        quoted = re.match(r'"((?:[^"\\]|\\.)*)', said)
        assert quoted is not None
        plain = re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[0]), quoted[1])
        return _lenient(plain, known)
    return _lenient(re.split(r"(?:^|\s+)#", said, maxsplit=1)[0].rstrip(), known)


def _lenient(template: str, known: Mapping[str, str]) -> str:
    try:
        return interpolated(template, known, set())
    except MissingVariableError:
        return ""
