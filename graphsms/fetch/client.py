"""Requests over HTTP to a server that may be slow, busy or wrong, with a credential that must not leak.

What is temporary is tried again: after growing, scattered waits, or after what the server asks for. What is not is
an error that says what to do. The credential goes to the one server that it is for: redirects elsewhere are refused,
and neither a URL nor a message ever holds it.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlencode, urljoin, urlsplit

from graphsms.errors import FetchError, InputError
from graphsms.fetch.credentials import all_secrets

if TYPE_CHECKING:
    from urllib3 import PoolManager
    from urllib3.response import BaseHTTPResponse

__all__ = ["Answer", "Client", "Limits", "base_of"]

_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 1 << 16
_LEAST_SECRET: Final = 4  # characters
_MEANING: Final[Mapping[int, str]] = {
    401: "The credential is not accepted; check the variables of the environment that it comes from.",
    403: "The account must not read this; give it the permission to read.",
    404: "There is nothing at this address; check the URL.",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard to try, and how much to take.

    Parameters
    ----------
    rate : float
        Requests a second at most.
    connect, read, whole : float
        Seconds to wait for a connection, for the next piece of an answer, and for all of it.
    attempts : int
        How often to ask for the same.
    backoff, longest : float
        The first wait before asking again, which doubles each time, and the longest, in seconds; a server that asks
        for a longer one is left in peace.
    answer : int
        Bytes of one answer at most, unpacked.
    """

    rate: float = 5.0
    connect: float = 10.0
    read: float = 60.0
    whole: float = 600.0
    attempts: int = 6
    backoff: float = 1.0
    longest: float = 120.0
    answer: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in JSON: its status, headers, the bytes as they came, and what they say."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    value: Any


def base_of(url: str) -> str:
    """The base URL of a server, checked: TLS, no credential, no query.

    Raises
    ------
    InputError
        It cannot be used.

    Examples
    --------
    >>> base_of("https://bank.service-now.com/")
    'https://bank.service-now.com'
    """
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InputError("The URL cannot be read; give one such as https://instance.service-now.com.") from None
    if parts.username is not None or parts.password is not None:
        raise InputError("The URL holds a credential; take it out, and put it into the environment.")
    if parts.query or parts.fragment:
        raise InputError("The URL has a query or a fragment; give the base URL of the server only.")
    if not host or not re.fullmatch(r"[\w.:-]+", host, re.ASCII) or parts.scheme not in ("https", "http"):
        raise InputError(f"{url!r} is no URL of a server; give one such as https://instance.service-now.com.")
    if parts.scheme == "http" and host not in _LOCAL:
        raise InputError(f"{url!r} is without TLS, and the credential could be read on the way; give an https URL.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


@dataclass
class Client:
    """Asks one server, with its credential in headers or a form, never in a URL.

    ``sleep``, ``clock`` and ``scatter`` are how it waits: tests give their own.
    """

    base: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: Limits = Limits()
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    scatter: Callable[[], float] = field(default=random.random, repr=False)
    requests: int = 0
    _next: float = field(default=0.0, repr=False)
    _made: PoolManager | None = field(default=None, repr=False)

    def get(self, path: str, query: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask with GET."""
        return self._ask("GET", path, query, None, headers or {})

    def post(self, path: str, form: Mapping[str, str], query: Mapping[str, str]) -> Answer:
        """Ask with POST of a form; it must be safe to ask twice."""
        return self._ask("POST", path, query, {**form, **self.form}, {})

    def withheld(self, text: str) -> str:
        """What a server says, without the credential where it repeats that."""
        sent = [value.rpartition(" ")[2] for value in (*self.headers.values(), *self.form.values())]
        for one in sorted((*sent, *all_secrets()), key=len, reverse=True):
            if len(one) >= _LEAST_SECRET:  # a shorter one would be found in any text
                text = text.replace(one, "(withheld)")
        return text

    def close(self) -> None:
        """Let go of connections."""
        if self._made is not None:
            self._made.clear()

    # -------------------------------------------------------------------------------- again and again

    def _ask(
        self, method: str, path: str, query: Mapping[str, str], form: Mapping[str, str] | None, more: Mapping[str, str]
    ) -> Answer:
        where = f"{self.base}{path}"
        for attempt in range(1, self.limits.attempts + 1):
            self._keep_to_rate()
            try:
                return self._once(method, where, query, form, more)
            except _TemporaryError as error:
                wait = self._wait(attempt, error.after)
                if attempt == self.limits.attempts or wait > self.limits.longest:
                    asked = f" It asks to wait {wait:.0f} s." if wait > self.limits.longest else ""
                    tried = f"Tried {attempt} times.{asked} Run the same again later; it goes on from here."
                    raise FetchError(f"{where}: {error} {tried}") from None
                self.sleep(wait)
        raise AssertionError

    def _wait(self, attempt: int, after: float | None) -> float:
        """How long to wait: as long as the server asks for, or twice as long each time, scattered."""
        grown = min(self.limits.backoff * 2.0 ** (attempt - 1), self.limits.longest)
        own = grown * (0.5 + self.scatter() / 2)
        return own if after is None else max(after, own)

    def _keep_to_rate(self) -> None:
        now = self.clock()
        if now < self._next:
            self.sleep(self._next - now)
            now = self._next
        self._next = now + 1 / self.limits.rate

    # ------------------------------------------------------------------------------------------- once

    def _once(
        self,
        method: str,
        where: str,
        query: Mapping[str, str],
        form: Mapping[str, str] | None,
        more: Mapping[str, str],
    ) -> Answer:
        url = f"{where}?{urlencode(query)}" if query else where
        for _ in range(4):
            status, headers, content = self._exchange(method, url, form, more)
            if status not in _REDIRECTS:
                return _judged(where, status, headers, content, self.withheld)
            url = self._redirected(where, url, headers.get("location", ""), method)
        raise FetchError(f"{where}: The server redirects again and again; check the URL.")

    def _exchange(
        self, method: str, url: str, form: Mapping[str, str] | None, more: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        from urllib3.exceptions import HTTPError, SSLError

        headers = {"Accept": "application/json", "User-Agent": "graphsms", **self.headers, **more}
        body = urlencode(form).encode() if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.requests += 1
        try:
            response = self._pool.request(
                method, url, headers=headers, body=body, redirect=False, retries=False, preload_content=False
            )
        except SSLError:
            raise FetchError(f"{self.base}: Its TLS certificate cannot be trusted; nothing was sent.") from None
        except HTTPError as error:
            raise _TemporaryError(f"The server cannot be reached ({type(error).__name__}).") from None
        try:
            content = self._content(response)
        except HTTPError as error:
            raise _TemporaryError(f"The answer broke off ({type(error).__name__}).") from None
        finally:
            response.release_conn()
        return response.status, {name.lower(): value for name, value in response.headers.items()}, content

    def _content(self, response: BaseHTTPResponse) -> bytes:
        """The bytes of an answer, unpacked, as far as they are not too many and do not take too long."""
        begun, content = self.clock(), bytearray()
        for piece in response.stream(_CHUNK, decode_content=True):
            content += piece
            if len(content) > self.limits.answer:
                response.close()
                raise FetchError(
                    f"{self.base}: An answer has more than {self.limits.answer:,} bytes; ask for fewer rows a page."
                )
            if self.clock() - begun > self.limits.whole:
                response.close()
                raise _TemporaryError(f"The answer was not there after {self.limits.whole:.0f} s.")
        return bytes(content)

    def _redirected(self, where: str, url: str, location: str, method: str) -> str:
        """Where to go on, if it is the same server: the credential is for no other."""
        goal = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(goal)
        if not location or (here.scheme, here.netloc) != (there.scheme, there.netloc) or method != "GET":
            raise FetchError(
                f"{where}: The server redirects to {there.scheme}://{there.hostname or '?'}, which is not followed: "
                "the credential is for the server that you named. Give the URL that it redirects to, if it is right."
            )
        return goal

    @property
    def _pool(self) -> PoolManager:
        if self._made is None:
            from urllib.request import getproxies, proxy_bypass

            from urllib3 import PoolManager, ProxyManager, Timeout, make_headers

            timeout = Timeout(connect=self.limits.connect, read=self.limits.read)
            parts = urlsplit(self.base)
            proxy = getproxies().get(parts.scheme)
            if proxy and parts.hostname not in _LOCAL and not proxy_bypass(parts.hostname or ""):
                held = urlsplit(proxy)
                by = f"{unquote(held.username)}:{unquote(held.password or '')}" if held.username else None
                self._made = ProxyManager(proxy, timeout=timeout, proxy_headers=make_headers(proxy_basic_auth=by))
            else:
                self._made = PoolManager(timeout=timeout)
        return self._made


class _TemporaryError(Exception):
    """What may be well the next time, and after how many seconds by the word of the server."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


def _judged(
    where: str, status: int, headers: Mapping[str, str], content: bytes, withheld: Callable[[str], str]
) -> Answer:
    """An answer in JSON, or what is wrong with it."""
    if status in _AGAIN:
        raise _TemporaryError(f"The server answered with {status}.", _retry_after(headers.get("retry-after", "")))
    if status in (401, 403):
        raise FetchError(f"{where}: {status}. {_MEANING[status]}", status)
    value = _json(where, status, content)
    if not 200 <= status < 300:
        said = re.sub(r"\s+", " ", withheld(_said(value)))[:200]
        raise FetchError(f"{where}: {status}. {_MEANING.get(status, 'The server refuses it.')} {said}".rstrip(), status)
    return Answer(status, headers, content, value)


def _json(where: str, status: int, content: bytes) -> Any:
    try:
        return json.loads(content) if content.strip() else None
    except (ValueError, RecursionError):
        if content.lstrip()[:1] == b"<":
            if status >= 400:
                return None
            raise FetchError(
                f"{where}: The answer is a page of HTML, not JSON, as of a page to log in. Check the URL, and that the "
                "account may use the interface for programs."
            ) from None
        if status >= 400:
            return None
        raise _TemporaryError("The answer is no whole JSON; it may have been cut off.") from None


def _said(value: Any) -> str:
    """What an error says of itself in JSON."""
    if isinstance(value, list):
        return ": ".join(one for one in value[:2] if isinstance(one, str))
    error = value.get("error", value) if isinstance(value, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else ""


def _retry_after(text: str) -> float | None:
    """The seconds that a server asks to wait: a number of them, or a date."""
    if re.fullmatch(r"\d{1,6}(\.\d+)?", text.strip()):
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
