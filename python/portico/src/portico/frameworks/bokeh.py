"""Bokeh: the real request behind ``curdoc().session_context``.

The assertion is not in ``session_context.request.headers``: Bokeh copies those, readable, into the page, so the gateway
keeps it out with ``--include-headers``. It is in the request that Bokeh holds beside them.

Whose session runs is read from this thread's own call stack and not from ``curdoc()``: that one is a single list for
all threads, and while a thread of one session schedules something, it names that session to everybody.
"""

from __future__ import annotations

import asyncio
import sys
from types import CodeType, FrameType
from typing import Any

from bokeh.document.callbacks import invoke_with_curdoc
from bokeh.server.contexts import ApplicationContext
from bokeh.server.session import ServerSession

from portico.frameworks import HEADER

_LOCKED: CodeType = ServerSession.with_document_locked.__code__
_CREATING: CodeType = ApplicationContext.create_session_if_needed.__code__
_INVOKED: CodeType = invoke_with_curdoc.__code__
_LOOP_TURN: CodeType = asyncio.Handle._run.__code__


def assertion() -> str | None:
    """The assertion of the session whose script or callback runs here; see ``portico.frameworks``."""
    context = serving()
    return None if context is None else of(context)


def opened() -> float | None:
    """When the page was asked for or the WebSocket was opened."""
    context = serving()
    return None if context is None else opened_of(context)


def of(context: Any) -> str:
    """The assertion of a session, from whoever sent the event, is connected, or asked for the page."""
    request = _request(context)
    value: str = "" if request is None else request.headers.get(HEADER, "")
    return value


def opened_of(context: Any) -> float | None:
    """When the request of ``of`` came in; None where the web server is not Tornado."""
    started: float | None = getattr(_request(context), "_start_time", None)
    return started


def serving() -> Any:
    """The ``SessionContext`` that the calling code runs for, or None.

    A callback runs below the lock of its session, a script below the making of one, and what is marked
    ``without_document_lock`` only below ``invoke_with_curdoc``.
    """
    frame: FrameType | None = sys._getframe()
    unlocked: Any = None
    while frame is not None and frame.f_code is not _LOOP_TURN:
        if frame.f_code is _LOCKED:
            return frame.f_locals["self"].document.session_context
        if frame.f_code is _CREATING:
            return frame.f_locals.get("session_context")
        if frame.f_code is _INVOKED:
            unlocked = frame.f_locals["doc"].session_context
        frame = frame.f_back
    return unlocked


def _request(context: Any) -> Any:
    """The Tornado request to believe: of the connection that sent the event, of the only one, of the page."""
    session = context.session
    if session is not None:
        connections = session._subscribed_connections
        only = next(iter(connections)) if len(connections) == 1 else None
        sender = session._current_patch_connection or only
        if sender is not None and hasattr(sender._socket, "request"):
            return sender._socket.request
    return getattr(context.request, "_request", None)
