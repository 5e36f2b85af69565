"""Panel: the bridge of its Bokeh document, in what Panel runs in threads and tasks, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bokeh.document import Document
from panel.io.state import state

from portico.bridge import bokeh


def document() -> Document | None:
    """``pn.state.curdoc`` without its last resort, Bokeh's ``curdoc()``, which is not safe in threads."""
    found: Document | None = bokeh.document() or state._curdoc.get()
    return found


def serving() -> bool:
    """Whether a session of Panel runs the calling code."""
    return document() is not None


def send(name: str, data: Any) -> None:
    """See ``portico.bridge.send``."""
    bokeh.bridge_of(document()).send(name, data)


def on(name: str, handler: Callable[..., Any] | None) -> Any:
    """See ``portico.bridge.on``."""
    return bokeh.bridge_of(document()).on(name, handler)


def latest(name: str, default: Any) -> Any:
    """See ``portico.bridge.latest``."""
    return bokeh.bridge_of(document()).last(name, default)


async def request(name: str, data: Any) -> Any:
    """See ``portico.bridge.request``."""
    return await bokeh.bridge_of(document()).request(name, data)
