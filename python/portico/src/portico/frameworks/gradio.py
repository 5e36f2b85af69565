"""Gradio: the request of the event being processed, which need not be a parameter of the function."""

from __future__ import annotations

from typing import Any

from gradio import Request
from gradio.context import LocalContext

from portico.frameworks import HEADER


def assertion() -> str | None:
    """The assertion of the event that runs here; see ``portico.frameworks``.

    A function with ``batch=True`` serves several people in one call, so nobody is signed in there.
    """
    request: Any = LocalContext.request.get(None)
    if request is None:
        return None
    if not isinstance(request, Request):
        return ""
    wanted = HEADER.lower()
    return next((value for name, value in request.headers.items() if name.lower() == wanted), "")
