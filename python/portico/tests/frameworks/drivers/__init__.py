"""One file per framework: a real app of it that shows who is there, and a client that asks as a browser would.

``connect(assertion)`` opens a page and, where there is one, its WebSocket, with that header, and yields a function that
makes the app look again and returns what it shows.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn

import portico

Ask = Callable[[], str]


def who() -> str:
    """What the apps show: the person and the roles, or nobody, or what was raised."""
    try:
        user = portico.user(optional=True)
    except portico.PorticoError as error:
        return type(error).__name__
    return "nobody" if user is None else " ".join([user.id, *user.roles])


def headers(assertion: str | None) -> dict[str, str]:
    """What the gateway adds to a request; nothing for a guest."""
    return {} if assertion is None else {"Portico-Assertion": assertion, "X-Forwarded-User": "shown"}


def free_port() -> int:
    """For servers that cannot say which port they took."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def serve(app: Any) -> int:
    """Runs an ASGI app until the tests end, in a thread with one event loop, and returns its port."""
    port, ready = free_port(), threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, *args: Any, **kwargs: Any) -> None:
            await super().startup(*args, **kwargs)
            ready.set()

    server = Server(uvicorn.Config(app, port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    ready.wait()
    return port
