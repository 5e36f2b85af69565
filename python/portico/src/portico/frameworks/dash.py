"""Dash, on Flask, FastAPI and Quart: callbacks, background callbacks, WebSocket callbacks and layout functions.

Dash tells WebSocket callbacks no headers (dash#3814). Its hooks see the WebSocket before any callback runs, in the task
whose context variables the callbacks inherit, so the assertion is kept in one. ``pyproject.toml`` names this module as
an entry point ``dash_hooks``, so Dash loads it with the first app.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple

from dash import callback_context, get_app, hooks
from dash.exceptions import AppNotFoundError, MissingCallbackContextException

from portico.frameworks import HEADER

_OPENED = "portico_opened"


class _Socket(NamedTuple):
    assertion: str
    opened: float | None


_socket: ContextVar[_Socket | None] = ContextVar("portico_dash_socket", default=None)


def assertion() -> str | None:
    """The assertion of the callback or layout function that runs here; see ``portico.frameworks``."""
    flask: Any = sys.modules.get("flask")
    if flask is not None and flask.has_request_context():
        # Not what Dash says of the callback: a coroutine leaves that behind in its thread, where the layout function of the
        # next person's request finds it (dash 4.4.1).
        return _header(flask.request.headers)
    try:
        headers: Mapping[str, str] = callback_context.headers
    except (MissingCallbackContextException, LookupError):
        # LookupError: Dash has given its context variable a value in the thread that imported it, only.
        headers = {}
    if headers:
        return _header(headers)
    socket = _socket.get()
    if socket is not None:
        return socket.assertion
    try:
        return _header(get_app().backend.request_adapter().headers)
    except (AppNotFoundError, RuntimeError):
        # Neither Flask's nor FastAPI's adapter has a request here.
        return None


def opened() -> float | None:
    """When the WebSocket was opened, or when a request was first asked who is there; None in a background worker."""
    socket = _socket.get()
    if socket is not None:
        return socket.opened
    try:
        # What belongs to the request: `flask.g`, or the `state` of Starlette's request.
        request = get_app().backend.request_adapter().context
    except (AppNotFoundError, AttributeError, RuntimeError):
        return None
    if not hasattr(request, _OPENED):
        setattr(request, _OPENED, time.time())
    since: float = getattr(request, _OPENED)
    return since


@hooks.websocket_connect()  # type: ignore[untyped-decorator]
def _connected(websocket: Any) -> bool:
    _socket.set(_Socket(_header(websocket.headers), time.time()))
    return True


@hooks.websocket_message()  # type: ignore[untyped-decorator]
def _received(websocket: Any, _message: object) -> bool:
    """For a WebSocket that was open before this module was loaded."""
    if _socket.get() is None:
        _socket.set(_Socket(_header(websocket.headers), None))
    return True


def _header(headers: Mapping[str, str]) -> str:
    """Callbacks get a plain dictionary, with names as the web server spelled them."""
    wanted = HEADER.lower()
    return next((value for name, value in headers.items() if name.lower() == wanted), "")
