"""marimo: a notebook as an app, as ``marimo run`` serves it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import httpx
import marimo
from websockets.sync.client import connect as open_websocket

from frameworks.drivers import Ask, headers, serve

_NOTEBOOK = Path(__file__).with_name("notebook.py")
_sessions = count()


@cache
def _running() -> str:
    """The address, without its scheme. A kernel ends with its WebSocket, so that none outlives the tests."""
    app = marimo.create_asgi_app(quiet=True, session_ttl=0).with_app(path="/app", root=str(_NOTEBOOK)).build()
    return f"127.0.0.1:{serve(app)}/app"


@contextmanager
def notebook(assertion: str | None) -> Iterator[Callable[[], tuple[str, str]]]:
    """Opens the notebook; the function moves its slider, and returns what a cell and a thread of it say."""
    session = f"s_{next(_sessions):06}"
    sent = headers(assertion)
    with open_websocket(f"ws://{_running()}/ws?session_id={session}", additional_headers=sent) as socket:
        moves = count()
        slider: list[str] = []

        def look() -> tuple[str, str]:
            value = next(moves)
            if value > 0:
                move = {"objectIds": slider, "values": [value]}
                url = f"http://{_running()}/api/kernel/set_ui_element_value"
                httpx.post(url, headers=sent | {"Marimo-Session-Id": session}, json=move).raise_for_status()
            while True:
                message = str(socket.recv(timeout=20))
                if not slider and (named := re.search(r"object-id='([^']+)'", message)):
                    slider.append(named[1])
                if found := re.search(rf"\[{value}\|([^|]*)\|([^\]]*)\]", message):
                    return found[1], found[2]

        yield look


@contextmanager
def cell(assertion: str | None) -> Iterator[Ask]:
    with notebook(assertion) as look:
        yield lambda: look()[0]
