"""What stands before the application: only requests of this computer, page and session get through, and small ones."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from knoll.messages import LANGUAGES, Language, Sentence, sentence

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES = 8 << 20  # of a body
MOST_BYTES_OF = {"/weights": 160 << 20}
MOST_BYTES_HELD = 256 << 20  # of the bodies of all requests that are being answered
MOST_QUERY = 16 << 10
METHODS = ("GET", "HEAD", "POST")
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        b"connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class RefusedError(Exception):
    """Why a request is refused, and with which status."""

    def __init__(self, status: int, words: Sentence) -> None:
        super().__init__(words)
        self.status: int = status
        self.words: Sentence = words


class BodyBudget:
    """How many bytes the bodies of all requests that are being answered may still take."""

    left: int

    def __init__(self, most: int = MOST_BYTES_HELD) -> None:
        self.left = most

    def take(self, count: int) -> None:
        """Take so many bytes of it. Raises RefusedError where there are not as many."""
        if count > self.left:
            raise RefusedError(503, sentence("lab.busy"))
        self.left -= count

    def give(self, count: int) -> None:
        """Give so many back."""
        self.left += count


@dataclass(frozen=True)
class Guard:
    """An application behind checks of who asks, from where, and how much.

    `port` is where it is reached, `token` what only the person knows who began it.
    """

    application: Application
    port: int
    token: str
    language: Language = "en"
    budget: BodyBudget = field(default_factory=BodyBudget)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it in a sentence."""
        if scope["type"] == "lifespan":
            await self.application(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        try:
            self._check(scope, headers)
            body: bytes | None = await _body(
                receive, headers, MOST_BYTES_OF.get(scope["path"], MOST_BYTES), self.budget
            )
        except RefusedError as refusal:
            await _refuse(send, refusal, spoken(scope, headers, self.language))
            return

        size = len(body or b"")

        async def once() -> Message:
            nonlocal body
            content, body = body, None
            return await receive() if content is None else {"type": "http.request", "body": content, "more_body": False}

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in HEADERS if each[0] not in own)]
            await send(message)

        try:
            await self.application(scope, once, guarded)
        finally:
            self.budget.give(size)

    def _check(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        hosts = [f"{name}:{self.port}".encode() for name in ("127.0.0.1", "localhost", "[::1]")]
        if headers.get(b"host") not in hosts:
            raise RefusedError(403, sentence("lab.other_host"))
        origin = headers.get(b"origin")
        if origin is not None and origin not in [b"http://" + host for host in hosts]:
            raise RefusedError(403, sentence("lab.other_origin"))
        if scope["method"] not in METHODS:
            raise RefusedError(405, sentence("lab.method"))
        if len(scope["query_string"]) > MOST_QUERY:
            raise RefusedError(414, sentence("lab.long_query", most=MOST_QUERY))
        if not self._knows_token(scope, headers):
            raise RefusedError(403, sentence("lab.token"))

    def _knows_token(self, scope: Scope, headers: dict[bytes, bytes]) -> bool:
        """Whether the cookie, or the `t` of the query, is the token."""
        given = _values(scope, "t")
        try:
            morsel = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1")).get(cookie_of(self.port))
        except CookieError:
            morsel = None
        given += [morsel.value] if morsel else []
        return any(hmac.compare_digest(each.encode(), self.token.encode()) for each in given)


def _values(scope: Scope, name: str) -> list[str]:
    """The values of a key of the query."""
    return parse_qs(scope["query_string"][:MOST_QUERY].decode("latin-1")).get(name, [])


def cookie_of(port: int) -> str:
    """The name of the cookie that keeps the token; cookies of two ports would have one name otherwise."""
    return f"knoll-lab-{port}"


async def _body(receive: Receive, headers: dict[bytes, bytes], most: int, budget: BodyBudget) -> bytes:
    """The whole body, read no further than it may be long; it counts against the budget. Raises RefusedError."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > most:
        raise RefusedError(413, sentence("lab.long_body", most=most >> 20))
    body = bytearray()
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                budget.give(len(body))
                return b""
            part = message.get("body", b"")
            if len(body) + len(part) > most:
                raise RefusedError(413, sentence("lab.long_body", most=most >> 20))
            budget.take(len(part))
            body += part
            if not message.get("more_body"):
                return bytes(body)
    except RefusedError:
        budget.give(len(body))
        raise


def spoken(scope: Scope, headers: dict[bytes, bytes], usual: Language) -> Language:
    """The language of a request: that of its query, else the reader's, else the usual one."""
    asked = _values(scope, "language")[-1:]
    if asked and asked[0] in LANGUAGES:
        return "zh" if asked == ["zh"] else "en"
    wanted = headers.get(b"accept-language", b"").decode("latin-1").lower()
    return "zh" if wanted.startswith("zh") else "en" if wanted.startswith("en") else usual


async def _refuse(send: Send, refusal: RefusedError, language: Language) -> None:
    body = json.dumps({"error": refusal.words.text(language)}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    headers += [(b"connection", b"close")] if refusal.status == 413 else []
    await send({"type": "http.response.start", "status": refusal.status, "headers": [*headers, *HEADERS]})
    await send({"type": "http.response.body", "body": body})
