"""Flask: found by itself in every request; ``init_app`` answers 401 and 403 by itself, too."""

from __future__ import annotations

import time

from flask import Flask, has_request_context, jsonify, request
from flask.typing import ResponseReturnValue

from portico.errors import PorticoError
from portico.frameworks import HEADER

_OPENED = "portico.opened"


def assertion() -> str | None:
    """The assertion of the request being served; see ``portico.frameworks``."""
    if not has_request_context():
        return None
    return request.headers.get(HEADER, "")


def opened() -> float | None:
    """WSGI does not tell when a request began, so this is when it was first asked who is there."""
    since: float = request.environ.setdefault(_OPENED, time.time())
    return since


def init_app(app: Flask) -> None:
    """Lets ``app`` answer Portico's errors with their status and JSON, where a view does not catch them."""
    app.register_error_handler(PorticoError, _answer)


def _answer(error: PorticoError) -> ResponseReturnValue:
    return jsonify(error=type(error).__name__), error.status
