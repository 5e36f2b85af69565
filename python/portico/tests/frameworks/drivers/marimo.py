"""marimo: a notebook as an app, as ``marimo run`` serves it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import marimo
from starlette.testclient import TestClient

from frameworks.drivers import Ask, headers

_NOTEBOOK = Path(__file__).with_name("notebook.py")
_sessions = count()


@contextmanager
def notebook(assertion: str | None) -> Iterator[Callable[[], tuple[str, str]]]:
    """Opens the notebook; the function moves its slider, and returns what a cell and a thread of it say."""
    app = marimo.create_asgi_app(quiet=True).with_app(path="/app", root=str(_NOTEBOOK)).build()
    session = f"s_{next(_sessions):06}"
    sent = headers(assertion)
    with (
        TestClient(app) as client,
        client.websocket_connect(f"/app/ws?session_id={session}", headers=sent) as socket,
    ):
        moves = count()
        slider: list[str] = []

        def look() -> tuple[str, str]:
            value = next(moves)
            if value > 0:
                move = {"objectIds": slider, "values": [value]}
                url = "/app/api/kernel/set_ui_element_value"
                client.post(url, headers=sent | {"Marimo-Session-Id": session}, json=move).raise_for_status()
            while True:
                message = socket.receive_text()
                if not slider and (named := re.search(r"object-id='([^']+)'", message)):
                    slider.append(named[1])
                if found := re.search(rf"\[{value}\|([^|]*)\|([^\]]*)\]", message):
                    return found[1], found[2]

        yield look


@contextmanager
def cell(assertion: str | None) -> Iterator[Ask]:
    with notebook(assertion) as look:
        yield lambda: look()[0]
