"""Bokeh: a model in the document carries messages both ways.

What is set here goes to the browser as a change of the model; changes may be put together on the way (``hold``), so the
model holds the last messages and the browser passes over those that it has seen.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from typing import Any
from weakref import WeakKeyDictionary

from bokeh.core.properties import Any as AnyProperty
from bokeh.core.properties import String
from bokeh.document import Document
from bokeh.model import DataModel
from bokeh.models import CustomJS

from portico.bridge.messages import RequestFailed, failed, plain
from portico.frameworks import bokeh

_CODE = files("portico.bridge").joinpath("bokeh.js").read_text(encoding="utf-8")
_AGAIN_FOR = 30.0
"""Seconds for which a message stays in the model; a page that has just been made is not connected yet."""
_MOST = 50
_TIMEOUT = 20.0


class PorticoChannel(DataModel):  # type: ignore[misc]
    """What Python last heard, and in JSON what it has to say."""

    inbox = AnyProperty(default=None)
    outbox = String(default='{"names": [], "messages": []}')


class Bridge:
    """The bridge of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.latest: dict[str, Any] = {}
        self.handlers: dict[str, list[Callable[..., Any]]] = {}
        self.waiting: dict[int, asyncio.Future[Any]] = {}
        self._names: list[str] = []
        self._number = 0
        self._recent: deque[tuple[float, dict[str, Any]]] = deque(maxlen=_MOST)
        self._channel = PorticoChannel(name="portico-bridge")
        self._channel.on_change("inbox", self._received)
        code = CustomJS(args={"channel": self._channel}, code=_CODE)
        self._channel.js_on_change("outbox", code)
        # Before the page is there nothing changes in it; afterwards, nothing is told of this event.
        document.js_on_event("document_ready", code)
        self._now(partial(document.add_root, self._channel))

    def send(self, name: str, data: Any) -> None:
        """See ``portico.bridge.send``."""
        self.put(kind="event", name=name, data=data)

    def on(self, name: str, handler: Callable[..., Any] | None) -> Any:
        """See ``portico.bridge.on``."""
        if handler is None:
            return partial(self.on, name)
        self.handlers.setdefault(name, []).append(handler)
        self.hear(name)
        return handler

    def last(self, name: str, default: Any) -> Any:
        """See ``portico.bridge.latest``."""
        self.hear(name)
        return self.latest.get(name, default)

    async def request(self, name: str, data: Any) -> Any:
        """See ``portico.bridge.request``."""
        reply = asyncio.get_running_loop().create_future()
        self.waiting[self.put(kind="request", name=name, data=data)] = reply
        try:
            # The page has its own deadline; this one is for a browser that has gone away.
            return await asyncio.wait_for(reply, _TIMEOUT)
        except TimeoutError:
            raise RequestFailed("timeout") from None

    def put(self, **message: Any) -> int:
        """Gives a message to the browser, from whatever thread. Returns its number."""
        self._number += 1
        number = self._number
        self._recent.append((time.monotonic(), {"seq": number, "to": number, **message}))
        self._now(self._set)
        return number

    def hear(self, name: str) -> None:
        """From now on messages of this name come here."""
        if name not in self._names:
            self._names.append(name)
            self._now(self._set)

    def _now(self, change: Callable[[], object]) -> None:
        """At once while the document is made; afterwards when it is free, whatever thread this is."""
        context = self.document.session_context
        if context is None or context._session is None:
            change()
        else:
            self.document.add_next_tick_callback(change)

    def _set(self) -> None:
        since = time.monotonic() - _AGAIN_FOR
        messages = [message for at, message in self._recent if at >= since]
        self._channel.outbox = json.dumps({"names": self._names, "messages": messages})

    def _received(self, _attribute: str, _old: Any, message: Any) -> None:
        if message["kind"] == "reply":
            return self._replied(message)
        name, data = message["name"], message.get("data")
        self.latest[name] = data
        for number, handler in enumerate(self.handlers.get(name, [])):
            to = message["seq"] if number == 0 else None
            if inspect.iscoroutinefunction(handler):
                self.document.add_next_tick_callback(partial(self._answer_later, handler, data, to))
            else:
                self._answer(handler, data, to)

    def _replied(self, message: Any) -> None:
        future = self.waiting.pop(message["to"], None)
        if future is None:
            return
        loop = future.get_loop()
        if message["error"] is None:
            loop.call_soon_threadsafe(_settle, future.set_result, future, message.get("data"))
        else:
            loop.call_soon_threadsafe(_settle, future.set_exception, future, RequestFailed(message["error"]))

    def _answer(self, handler: Callable[..., Any], data: Any, to: int | None) -> None:
        try:
            self._reply(to, data=plain(handler(data)), error=None)
        except Exception as error:
            self._reply(to, data=None, error=failed(error))
            raise

    async def _answer_later(self, handler: Callable[..., Any], data: Any, to: int | None) -> None:
        try:
            self._reply(to, data=plain(await handler(data)), error=None)
        except Exception as error:
            self._reply(to, data=None, error=failed(error))
            raise

    def _reply(self, to: int | None, **answer: Any) -> None:
        if to is not None:
            self.put(**{"kind": "reply", "to": to, **answer})


_bridges: WeakKeyDictionary[Document, Bridge] = WeakKeyDictionary()


def _settle(settle: Callable[[Any], None], future: asyncio.Future[Any], value: Any) -> None:
    if not future.done():
        settle(value)


def document() -> Document | None:
    """The document that the calling code runs for."""
    context = bokeh.serving()
    found: Document | None = None if context is None else context._document
    return found


def bridge_of(document: Document | None) -> Bridge:
    """The bridge of a document, which begins when it is first used."""
    assert document is not None, "serving() said that there is one"
    bridge = _bridges.get(document)
    if bridge is None:
        bridge = _bridges[document] = Bridge(document)
    return bridge


def serving() -> bool:
    """Whether a session of Bokeh runs the calling code."""
    return document() is not None


def send(name: str, data: Any) -> None:
    """See ``portico.bridge.send``."""
    bridge_of(document()).send(name, data)


def on(name: str, handler: Callable[..., Any] | None) -> Any:
    """See ``portico.bridge.on``."""
    return bridge_of(document()).on(name, handler)


def latest(name: str, default: Any) -> Any:
    """See ``portico.bridge.latest``."""
    return bridge_of(document()).last(name, default)


async def request(name: str, data: Any) -> Any:
    """See ``portico.bridge.request``."""
    return await bridge_of(document()).request(name, data)
