"""Bokeh and Panel: a server in a thread of its own, a page, and the WebSocket that BokehJS would open."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx
from bokeh.document import Document
from bokeh.models import Div, TextInput
from bokeh.server.server import Server
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_websocket
from websockets.typing import Origin, Subprotocol

from frameworks.drivers import Ask, headers, who

INCLUDED = ["X-Forwarded-User"]
"""The gateway names no more than a few in ``--include-headers``, and never the assertion."""


def serve(make: Callable[[], Server]) -> str:
    """Runs a server until the tests end, and returns its origin."""
    ready = threading.Event()
    servers: list[Server] = []

    def run() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        server = make()
        server.start()
        servers.append(server)
        ready.set()
        server.io_loop.start()

    threading.Thread(target=run, daemon=True).start()
    ready.wait()
    return f"http://localhost:{servers[0].port}"


class Tab:
    """A page of a Bokeh server, connected."""

    def __init__(self, html: str, socket: ClientConnection) -> None:
        self.html = html
        self._socket = socket
        self._number = 0
        self._next()  # ACK
        self.models = list(_models(self.request("PULL-DOC-REQ", {})))

    def request(self, kind: str, content: Mapping[str, object]) -> Any:
        """Sends a message and returns the content of its answer."""
        self._number += 1
        number = f"m{self._number}"
        for part in ({"msgid": number, "msgtype": kind}, {}, content):
            self._socket.send(json.dumps(part))
        while True:
            header, answer = self._next()
            if header.get("reqid") == number:
                return answer

    def change(self, name: str, value: str) -> str:
        """Sets a model's ``value``, and returns the text that some model is given for it."""
        self._number += 1
        wanted = next(model for model in self.models if model["attributes"].get("name") == name)
        event = {"kind": "ModelChanged", "model": {"id": wanted["id"]}, "attr": "value", "new": value}
        for part in ({"msgid": f"m{self._number}", "msgtype": "PATCH-DOC"}, {}, {"events": [event]}):
            self._socket.send(json.dumps(part))
        return self.text()

    def text(self) -> str:
        """The next text that some model is given."""
        while True:
            _header, content = self._next()
            for change in content.get("events", []):
                if change.get("attr") == "text":
                    text: str = change["new"]
                    return text

    def _next(self) -> tuple[dict[str, Any], dict[str, Any]]:
        header, _metadata, content = (json.loads(self._socket.recv(timeout=20)) for _ in range(3))
        for _ in range(2 * header.get("num_buffers", 0)):  # each with a header of its own
            self._socket.recv(timeout=20)
        return header, content


@contextmanager
def tab(origin: str, page: dict[str, str], socket: dict[str, str] | None = None) -> Iterator[Tab]:
    """Opens ``/app`` with the headers of ``page``, and its WebSocket with those of ``socket``."""
    html = httpx.get(f"{origin}/app", headers=page).text
    found = re.search(r'"token":"([^"]+)"', html)
    assert found is not None
    with open_websocket(
        origin.replace("http", "ws", 1) + "/app/ws",
        subprotocols=[Subprotocol("bokeh"), Subprotocol(found[1])],
        additional_headers=page if socket is None else socket,
        origin=Origin(origin),
    ) as connection:
        yield Tab(html, connection)


@cache
def _server() -> str:
    def app(document: Document) -> None:
        field, answer = TextInput(name="look"), Div(text=who())
        later = Div()

        def look(_attribute: str, _old: str, new: str) -> None:
            if new.startswith("async"):
                document.add_next_tick_callback(look_async)
            else:
                answer.text = f"{new} {who()}"

        async def look_async() -> None:
            await asyncio.sleep(0)
            later.text = f"{field.value} {who()}"

        field.on_change("value", look)
        document.add_root(field)
        document.add_root(answer)
        document.add_root(later)

    return serve(lambda: Server({"/app": app}, port=0, include_headers=INCLUDED))


@contextmanager
def callback(assertion: str | None) -> Iterator[Ask]:
    with _asking(assertion, "event") as ask:
        yield ask


@contextmanager
def async_callback(assertion: str | None) -> Iterator[Ask]:
    with _asking(assertion, "async") as ask:
        yield ask


@contextmanager
def _asking(assertion: str | None, kind: str) -> Iterator[Ask]:
    with tab(_server(), headers(assertion)) as page:
        numbers = iter(range(1000))

        def ask() -> str:
            label = f"{kind}-{next(numbers)}"
            return page.change("look", label).removeprefix(label).strip()

        yield ask


@contextmanager
def script(assertion: str | None) -> Iterator[Ask]:
    def ask() -> str:
        with tab(_server(), headers(assertion)) as page:
            return next(str(text) for model in page.models if (text := model["attributes"].get("text")))

    yield ask


def _models(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "object" and "attributes" in node:
            yield node
        for value in node.values():
            yield from _models(value)
    elif isinstance(node, list):
        for value in node:
            yield from _models(value)
