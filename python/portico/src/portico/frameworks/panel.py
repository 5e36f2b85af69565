"""Panel: Bokeh's sessions, and what Panel itself runs in threads and tasks for one of them."""

from __future__ import annotations

from typing import Any

from panel.io.state import state

from portico.frameworks import bokeh


def assertion() -> str | None:
    """The assertion of the session whose script, callback, thread or task runs here; see ``portico.frameworks``."""
    context = _serving()
    return None if context is None else bokeh.of(context)


def opened() -> float | None:
    """When the page was asked for or the WebSocket was opened."""
    context = _serving()
    return None if context is None else bokeh.opened_of(context)


def _serving() -> Any:
    """``pn.state.curdoc`` without its last resort, Bokeh's ``curdoc()``, which is not safe in threads."""
    context = bokeh.serving()
    if context is not None:
        return context
    document = state._curdoc.get()
    return None if document is None else document.session_context
