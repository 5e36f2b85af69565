"""FastAPI, Starlette and every other ASGI app: one line, ``app.add_middleware(PorticoMiddleware)``.

It tells ``portico.user()`` on whose behalf a request or WebSocket is served, and answers Portico's exceptions with
their status where the app does not catch them. No framework is imported (ASGI 3.0).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from portico.errors import PorticoError
from portico.frameworks import HEADER
from portico.frameworks.serving import serving

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADER = HEADER.lower().encode()
_POLICY_VIOLATION = 1008
"""Close code of a WebSocket (RFC 6455, section 7.4.1)."""


class PorticoMiddleware:
    """An ASGI middleware."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        with serving(assertion_of(scope)):
            try:
                await self._app(scope, receive, send_on)
            except PorticoError as error:
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                elif begun:
                    raise
                else:
                    await _answer(send, error)


def assertion_of(scope: Scope) -> str:
    """The assertion in the headers of an ASGI scope; empty when there is none."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == _HEADER), "")


async def _answer(send: Send, error: PorticoError) -> None:
    body = json.dumps({"error": type(error).__name__}).encode()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
