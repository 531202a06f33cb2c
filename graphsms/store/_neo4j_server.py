"""A Neo4j server as a `Neo4jStore` speaks to it: where it is and who asks, transactions, and what its errors mean."""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

import neo4j
from neo4j.exceptions import AuthError, ConfigurationError, DriverError, IncompleteCommit, Neo4jError

from graphsms.errors import GraphSmsError, InputError, IntegrityError, StoreError, UnavailableError

__all__ = ["Address", "Server", "address_of", "translated"]

_Result = TypeVar("_Result")
Work = Callable[[neo4j.ManagedTransaction], _Result]

_SECONDS_TO_CONNECT: Final = 10.0
_SCHEMES: Final = tuple(kind + safety for kind in ("neo4j", "bolt") for safety in ("", "+s", "+ssc"))

# The driver says each retry on standard error where nobody else has asked for its log.
logging.getLogger("neo4j").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is and who asks for it; ``uri`` names no user."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str | None

    @property
    def shown(self) -> str:
        """For people: without user and password."""
        return self.uri if self.database is None else f"{self.uri}/{self.database}"


def address_of(url: str, environment: Mapping[str, str] = os.environ) -> Address:
    """What the URL of a store says.

    Parameters
    ----------
    url : str
        ``neo4j://user:password@host:port/database``; all but scheme and host can be left out.
    environment : mapping
        ``NEO4J_USERNAME`` and ``NEO4J_PASSWORD`` stand for what the URL does not say.

    Raises
    ------
    InputError
        It is no such URL. The message never repeats it: there may be a password in it.

    Examples
    --------
    >>> address_of("neo4j+s://ann:p%40ss@graph.example/estate", {})
    Address(uri='neo4j+s://graph.example', user='ann', database='estate')
    >>> address_of("bolt://localhost:7687", {"NEO4J_USERNAME": "ann"}).user
    'ann'
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # a ValueError where it is none
    except ValueError:
        parts = urlsplit("")
    rest = parts.path + parts.query + parts.fragment
    database = parts.path.strip("/")
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.fragment or "@" in rest or "/" in database:
        raise InputError(
            "The URL of the store is none of a Neo4j database: write neo4j://user:password@host:7687, with characters"
            " such as @ / : ? # in the password percent-encoded, or give it in NEO4J_PASSWORD."
        )
    host = parts.netloc.rpartition("@")[2]
    return Address(
        uri=f"{parts.scheme}://{host}" + (f"?{parts.query}" if parts.query else ""),
        user=unquote(parts.username or "") or environment.get("NEO4J_USERNAME", ""),
        password=unquote(parts.password or "") or environment.get("NEO4J_PASSWORD", ""),
        database=unquote(database) or None,
    )


class Server:
    """A connection to a database; transactions are retried by the driver where the server says that it helps.

    Raises
    ------
    UnavailableError
        It does not answer, or not to this user.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        with translated(address):
            self._driver = neo4j.GraphDatabase.driver(
                address.uri,
                auth=(address.user, address.password) if address.user or address.password else None,
                connection_timeout=_SECONDS_TO_CONNECT,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
                user_agent="graphsms",
            )
            try:
                self._driver.verify_connectivity()
            except BaseException:
                self._driver.close()
                raise

    def close(self) -> None:
        """End it."""
        self._driver.close()

    def session(self, mode: str = neo4j.WRITE_ACCESS) -> neo4j.Session:
        """A session that sees whatever this server object has written before, on any member of a cluster."""
        return self._driver.session(
            database=self.address.database,
            default_access_mode=mode,
            bookmark_manager=self._driver.execute_query_bookmark_manager,
        )

    def read(self, query: str, **values: object) -> list[list[Any]]:
        """The rows of one query, in a transaction of its own that may not write."""
        with translated(self.address), self.session() as session:
            return session.execute_read(lambda transaction: transaction.run(query, values).values())

    def column(self, query: str, **values: object) -> list[Any]:
        """The first value of each row of one query."""
        with translated(self.address), self.session() as session:
            return session.execute_read(lambda transaction: transaction.run(query, values).value())

    def one(self, query: str, **values: object) -> list[Any] | None:
        """The first row of one query, or None where it has none."""
        return next(iter(self.read(query, **values)), None)

    def write(self, work: Work[_Result]) -> _Result:
        """The result of a piece of work in one transaction; it may be called again where the server asks for that."""
        with translated(self.address), self.session() as session:
            return session.execute_write(work)

    def run(self, query: str) -> None:
        """A statement outside any transaction, as for constraints."""
        with translated(self.address), self.session() as session:
            session.run(query).consume()


# ------------------------------------------------------------------------------------------ errors

_ADVICE: Final = {
    "Neo.ClientError.Security.Forbidden": "may not do this with the rights of the user {user!r}: ask for them",
    "Neo.ClientError.Database.DatabaseNotFound": "has no such database: check the name at the end of the URL",
    "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase": "is read-only: make it writable, or write where it is",
    "Neo.ClientError.Cluster.NotALeader": "is a member that may not write: give the cluster's URL, neo4j:// for bolt://",
    "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase": "is read-only: make it writable, or write where it is",
    "Neo.TransientError.General.MemoryPoolOutOfMemoryError": (
        "has too little memory for this change set: raise server.memory.heap.max_size and"
        " dbms.memory.transaction.total.max (some 4 KB for each entity or relation that is changed or removed)"
    ),
    "Neo.ClientError.Transaction.TransactionTimedOut": "ended the transaction: raise db.transaction.timeout",
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration": "was too slow: allow it more time",
}
_ADVICE_BY_CLASS: Final = {
    "Neo.TransientError.": "cannot do it at the moment ({message}): try again",
    "Neo.DatabaseError.": "failed ({message}): see to its disk and its log, debug.log",
    "Neo.ClientError.General.": "refused it ({message})",
    "Neo.ClientError.Transaction.": "ended the transaction ({message}): try again",
}
_CONSTRAINT: Final = "Neo.ClientError.Schema.ConstraintValidationFailed"
_UNCHANGED: Final = "; nothing was changed."


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Turn what the driver raises into a `StoreError` that says what is wrong with the server, and what to do."""
    try:
        yield
    except (DriverError, Neo4jError) as error:
        raise _translation(error, address) from error
    except UnicodeEncodeError as error:
        raise InputError(f"{error.object[:60]!r} holds half of a surrogate pair, which is no character.") from None


def _translation(error: DriverError | Neo4jError, address: Address) -> GraphSmsError:
    if isinstance(error, ConfigurationError):
        return InputError(f"{address.shown} cannot be used: {error}")
    if isinstance(error, IncompleteCommit):
        return UnavailableError(
            f"{address.shown} went away while it made the change true: see by the revision whether it did."
        )
    if isinstance(error, AuthError):
        return UnavailableError(
            f"{address.shown} refuses the user {address.user!r} or the password: check both, in the URL"
            " or in NEO4J_USERNAME and NEO4J_PASSWORD."
        )
    if isinstance(error, DriverError):
        return _unreachable(error, address)
    code, message = error.code or "", (error.message or "").strip().rstrip(".")
    if code == _CONSTRAINT:
        return IntegrityError(f"{address.shown} has a constraint that the change set breaks ({message}){_UNCHANGED}")
    advice = _ADVICE.get(code) or next((a for start, a in _ADVICE_BY_CLASS.items() if code.startswith(start)), None)
    if advice is None:
        return StoreError(f"{address.shown}: {message} [{code}]")
    return UnavailableError(f"{address.shown} {advice.format(user=address.user, message=message)}{_UNCHANGED}")


def _unreachable(error: DriverError, address: Address) -> StoreError:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return UnavailableError(
                f"{address.shown} and we do not agree on encryption ({cause.reason or cause}): a server without it"
                " is asked with neo4j:// or bolt://, one whose certificate nobody vouches for with +ssc."
            )
    encrypted = (
        "" if "+s" in address.uri.partition("://")[0] else ", and whether the server demands encryption (neo4j+s://)"
    )
    return UnavailableError(
        f"{address.shown} does not answer as a Neo4j server: check that it runs, its host and port{encrypted}."
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
