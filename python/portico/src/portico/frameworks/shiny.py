"""Shiny for Python, Core and Express: the request that opened the session's WebSocket."""

from __future__ import annotations

from shiny.session import get_current_session

from portico.frameworks import HEADER


def assertion() -> str | None:
    """The assertion of the session whose output, effect or task runs here; see ``portico.frameworks``."""
    session = get_current_session()
    # The session in which Shiny Express looks for the page's options has no connection.
    connection = None if session is None else getattr(session.root_scope(), "http_conn", None)
    if connection is None:
        return None
    value: str = connection.headers.get(HEADER, "")
    return value
