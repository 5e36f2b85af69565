"""Gradio: the request of the event being processed, which need not be a parameter of the function.

``demo.launch(auth_dependency=username)`` fills Gradio's own ``gr.Request.username``, too, and lets nobody else in.
"""

from __future__ import annotations

from typing import Any

from gradio.context import LocalContext

from portico.current import user
from portico.errors import InvalidAssertion
from portico.frameworks import HEADER
from portico.frameworks.serving import serving


def assertion() -> str | None:
    """The assertion of the event that runs here; see ``portico.frameworks``."""
    request: Any = LocalContext.request.get(None)
    if request is None:
        return None
    if _batched():
        return ""
    wanted = HEADER.lower()
    return next((value for name, value in request.headers.items() if name.lower() == wanted), "")


def _batched() -> bool:
    """Whether the function may have been called for several people at once (``batch=True``).

    Gradio then shows the first one's request and no event id. Calls of ``/run`` past its queue have none either, so in
    an app with batches nobody is signed in there.
    """
    if LocalContext.event_id.get(None) is not None:
        return False
    blocks: Any = LocalContext.blocks_config.get(None) or LocalContext.blocks.get(None)
    return blocks is None or any(function.batch for function in blocks.fns.values())


def username(request: Any) -> str | None:
    """For Gradio's ``auth_dependency``: the verified address, or the id of a person without one.

    Args:
        request: of FastAPI.
    """
    with serving(request.headers.get(HEADER, "")):
        try:
            person = user(optional=True)
        except InvalidAssertion:
            return None
    return None if person is None else person.email or person.id
