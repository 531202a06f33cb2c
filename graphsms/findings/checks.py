"""Checks as data: what must hold, for which clause, how severe it is where it does not, and among how many.

::

    checks:
      - id: agreement-ended
        version: 1
        title: Agreements that have ended and still cover something live
        clause: 8.3.4.1
        severity: error
        over: {type: Agreement}           # the denominator: live entities of a type, or the rows of a {query: ...}
        query: agreements-that-ended      # a named query, or its text; or `analysis:`, one that graphsms has
        parameters: {on: as of}           # of the query: a value, `as of`, or `as of + 90 days`
        identity: [agreement]             # the columns that hold the entities; the first is what it counts for
        aspect: [missing]                 # further columns by which two findings on the same entities differ
        message: $name has ended on $ends.
        remedy: Renew it, or say what covers it now.

Ours stand in ``graphsms/analysis/checks/``; a file of the user's own is read beside them and is worth the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Final, NoReturn

import graphsms.analysis
from graphsms.analysis.estate import number_of
from graphsms.errors import InputError, RejectedError
from graphsms.findings.functions import ANALYSES
from graphsms.ingest.documents import LocatedDict, content_of, line_of, yaml_documents
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import Fault, Origin
from graphsms.queries import load as load_query
from graphsms.queries.header import query_of
from graphsms.vocabulary import Vocabulary

__all__ = ["Check", "checks"]

MAX_BYTES: Final = 1 << 20
_FOLDER: Final = Path(graphsms.analysis.__file__).parent / "checks"
_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_NEEDED: Final = ("id", "version", "title", "clause", "severity", "remedy")
_KNOWN: Final = (*_NEEDED, "over", "query", "analysis", "parameters", "identity", "aspect", "message")


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Parameters
    ----------
    id, version, title, clause, severity, remedy : str
        ``severity`` is a notation of the ontology's code list.
    over_type, over_query : str
        What it ranges over: a type, or a query; both "" where the analysis says so itself.
    query, analysis : str
        What finds the deficiencies: the name or text of a query in SPARQL, or one of `graphsms.findings.functions`.
    parameters : mapping of str to str
    identity, aspect : tuple of str
        Columns of the query.
    message : str
        A sentence in which ``$column`` stands for what the query gave.
    """

    id: str
    version: str
    title: str
    clause: str
    severity: str
    remedy: str
    over_type: str = ""
    over_query: str = ""
    query: str = ""
    analysis: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    aspect: tuple[str, ...] = ()
    message: str = ""


def checks(vocabulary: Vocabulary, files: Sequence[str | Path] = (), only: Sequence[str] = ()) -> list[Check]:
    """Our checks and those of the user's own files, in order of their ids.

    Parameters
    ----------
    vocabulary : Vocabulary
    files : sequence of path
        Read beside ours; an id of ours cannot be used again.
    only : sequence of str
        Ids of checks: just these.

    Raises
    ------
    RejectedError
        A file is none of checks, or a check in it is wrong; every fault is listed.
    InputError
        There is no check with one of the ids in ``only``.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> [check.severity for check in checks(load(), only=["ci-without-expected-relation"])]
    ['warning']
    """
    found: dict[str, Check] = {}
    faults: list[Fault] = []
    for path in [*sorted(_FOLDER.glob("*.yaml")), *map(Path, files)]:
        for stated, file in _read(path):
            problems = list(_problems(stated, file, vocabulary, found))
            faults += problems
            if not problems:
                check = _check(stated)
                found[check.id] = check
    if faults:
        raise _refused(faults)
    for id in only:
        if id not in found:
            meant = did_you_mean(id, list(found)) or " `graphsms findings checks` lists them."
            raise InputError(f"There is no check {id!r}.{meant}")
    return [found[id] for id in sorted(found) if not only or id in only]


def _read(path: Path) -> list[tuple[LocatedDict, str]]:
    try:
        return list(_stated(path))
    except RejectedError as error:
        raise _refused([*error.faults]) from None


def _refused(faults: list[Fault]) -> RejectedError:
    return RejectedError(f"The checks cannot be used: {number_of(faults)}, the first being {faults[0]}", faults)


def _stated(path: Path) -> Iterator[tuple[LocatedDict, str]]:
    file = str(path)
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        _refuse(file, None, "too-large", f"A file of checks has at most {MAX_BYTES:,} bytes.")
    for document in yaml_documents(content_of(path), file):
        entries = document.get("checks") if isinstance(document, LocatedDict) else None
        if not isinstance(entries, list):
            _refuse(
                file, line_of(document), "wrong-form", "It must be a mapping with the key 'checks', a list of checks."
            )
        for number, entry in enumerate(entries):
            if not isinstance(entry, LocatedDict):
                _refuse(
                    file, line_of(entries, number), "wrong-form", "A check is a mapping with an id, a title and so on."
                )
            yield entry, file


def _refuse(file: str, line: int | None, rule: str, message: str) -> NoReturn:
    fault = Fault(Origin(file, line), "", "", rule, message)
    raise RejectedError(str(fault), [fault])


def _problems(stated: LocatedDict, file: str, vocabulary: Vocabulary, known: Mapping[str, Check]) -> Iterator[Fault]:
    id = str(stated.get("id") or "")

    def fault(field: str, rule: str, message: str) -> Fault:
        return Fault(Origin(file, line_of(stated, field)), id, field, rule, message)

    for key in stated:
        if key not in _KNOWN:
            yield fault(key, "unknown-key", f"A check has no key {key!r}.{did_you_mean(key, _KNOWN)}")
    for key in _NEEDED:
        if not isinstance(stated.get(key), str) or not str(stated[key]).strip():
            yield fault(key, "missing-key", f"A check must say its {key}, as text.")
    if id and not _ID.fullmatch(id):
        yield fault("id", "not-an-id", "An id of a check is of small letters, digits and hyphens.")
    if id in known:
        yield fault("id", "repeated-id", "There is a check with that id already; give yours another.")
    severities = _severities(vocabulary)
    if stated.get("severity") is not None and stated["severity"] not in severities:
        yield fault("severity", "unknown-severity", f"It must be one of {', '.join(severities)}.")
    yield from (fault(*one) for one in _problems_of_finding(stated))
    yield from (fault(*one) for one in _problems_of_over(stated, vocabulary))


def _problems_of_finding(stated: LocatedDict) -> Iterator[tuple[str, str, str]]:
    query, analysis = stated.get("query"), stated.get("analysis")
    if (query is None) == (analysis is None):
        yield "query", "missing-key", "A check has either a query or an analysis."
    if analysis is not None and analysis not in ANALYSES:
        yield "analysis", "unknown-analysis", f"There is no such analysis.{did_you_mean(str(analysis), list(ANALYSES))}"
    if query is not None:
        yield from _problem_of_query("query", query)
        if not _words(stated.get("identity")):
            yield "identity", "missing-key", "Name the columns of the query that hold the entities, as a list."
    parameters = stated.get("parameters")
    if parameters is not None and not isinstance(parameters, dict):
        yield "parameters", "wrong-form", "Give them as a mapping of names to values."
    message = stated.get("message")
    if message is not None and not Template(str(message)).is_valid():
        yield "message", "wrong-form", "Write $column for what the query gives, and $$ for a dollar sign."


def _problems_of_over(stated: LocatedDict, vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
    over = stated.get("over")
    if over is None:
        if stated.get("query") is not None:
            yield "over", "missing-key", "Say over what the query ranges: {type: ...} or {query: ...}."
        return
    if not isinstance(over, dict) or len(over) != 1 or next(iter(over)) not in ("type", "query"):
        yield "over", "wrong-form", "It is {type: ...} or {query: ...}."
    elif "type" in over and over["type"] not in vocabulary.types:
        hint = did_you_mean(str(over["type"]), list(vocabulary.types))
        yield "over", "unknown-type", f"The ontology has no type {over['type']!r}.{hint}"
    elif "query" in over:
        yield from _problem_of_query("over", over["query"])


def _problem_of_query(field: str, query: object) -> Iterator[tuple[str, str, str]]:
    text = str(query).strip()
    try:
        load_query(text) if " " not in text and "\n" not in text else query_of(text, "sparql")
    except InputError as error:
        yield field, "no-query", str(error)


def _severities(vocabulary: Vocabulary) -> list[str]:
    code_list = vocabulary.properties["severity"].code_list
    return [code.notation for code in vocabulary.code_lists[str(code_list)].codes]


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _check(stated: LocatedDict) -> Check:
    over = stated.get("over")
    parameters = stated.get("parameters")
    return Check(
        **{key: str(stated[key]).strip() for key in _NEEDED},
        over_type=str(over.get("type", "")) if isinstance(over, dict) else "",
        over_query=str(over.get("query", "")) if isinstance(over, dict) else "",
        query=str(stated.get("query") or ""),
        analysis=str(stated.get("analysis") or ""),
        parameters={key: str(value) for key, value in parameters.items()} if isinstance(parameters, dict) else {},
        identity=_words(stated.get("identity")),
        aspect=_words(stated.get("aspect")),
        message=str(stated.get("message") or stated["title"]),
    )
