"""Streamlit: a component of version 2 without a look, so it needs Streamlit 1.51 or newer.

A message of the page is state of the component, and so runs the script again. What Python sends goes out with whatever
the bridge draws next, and again with what it draws within five seconds: a script that is run again at once may have its
elements thrown away unseen. The component sends each message once.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import deque
from importlib.resources import files
from typing import Any, NamedTuple

import streamlit as st
from streamlit.errors import DuplicateWidgetID
from streamlit.runtime.scriptrunner import get_script_run_ctx

from portico.bridge.messages import PARAMETERS, RequestFailed, failed, plain

_KEY = "portico.bridge"
_AGAIN_FOR = 5.0
"""Seconds, see above."""


class _Sent(NamedTuple):
    at: float
    message: dict[str, Any]


class _Bridge:
    """The bridge of one session."""

    def __init__(self) -> None:
        self.session = secrets.token_urlsafe(9)
        self.outbox: deque[_Sent] = deque(maxlen=200)
        self.number = 0
        self.taken: dict[str, int] = {}
        self.latest: dict[str, Any] = {}
        self.unheard: dict[str, deque[tuple[int, Any]]] = {}
        self.replies: dict[str, Any] = {}
        self.asked: dict[str, int] = {}

    def count(self) -> int:
        self.number += 1
        return self.number

    def put(self, **message: Any) -> None:
        self.outbox.append(_Sent(time.monotonic(), {"seq": self.count(), **message}))

    def recent(self) -> list[dict[str, Any]]:
        since = time.monotonic() - _AGAIN_FOR
        return [sent.message for sent in self.outbox if sent.at >= since]


def serving() -> bool:
    """Whether a script run or callback of Streamlit runs here."""
    return get_script_run_ctx(suppress_warning=True) is not None


def send(name: str, data: Any) -> None:
    """See ``portico.bridge.send``."""
    bridge = _bridge()
    bridge.put(kind="event", name=name, data=data)
    _flush(bridge)


def on(name: str, handler: Any) -> Any:
    """See ``portico.bridge.on``."""
    if handler is None:
        return lambda function: on(name, function)
    bridge = _hear(name)
    waiting = bridge.unheard.get(name, deque())
    while waiting:
        to, data = waiting.popleft()
        try:
            bridge.put(kind="reply", to=to, data=plain(handler(data)))
        except Exception as error:
            bridge.put(kind="reply", to=to, error=failed(error))
            _flush(bridge)
            raise
    _flush(bridge)
    return handler


def latest(name: str, default: Any) -> Any:
    """See ``portico.bridge.latest``."""
    return _hear(name).latest.get(name, default)


def request(name: str, data: Any) -> Any:
    """See ``portico.bridge.request``."""
    bridge = _bridge()
    question = json.dumps([name, data], sort_keys=True)
    if question not in bridge.replies:
        number = bridge.asked.setdefault(question, bridge.count())
        wanted = {"id": number, "name": name, "data": data}
        reply = _mount(bridge, f"{_KEY}.request.{number}", request=wanted).get("reply")
        if reply is None:
            return None
        bridge.replies[question] = reply
    reply = bridge.replies[question]
    if "error" in reply:
        raise RequestFailed(reply["error"])
    return reply.get("data")


def _bridge() -> _Bridge:
    bridge: _Bridge = st.session_state.setdefault(_KEY, _Bridge())
    return bridge


def _hear(name: str) -> _Bridge:
    """Draws what hears this name, once in a run, and takes in what it has heard."""
    bridge = _bridge()
    taken = bridge.taken.get(name, 0)
    inbox = _mount(bridge, f"{_KEY}.on.{name}", name=name, taken=taken).get("inbox") or []
    for message in inbox:
        if message["seq"] > taken:
            bridge.taken[name] = message["seq"]
            bridge.latest[name] = message.get("data")
            bridge.unheard.setdefault(name, deque(maxlen=200)).append((message["seq"], message.get("data")))
    return bridge


def _flush(bridge: _Bridge) -> None:
    if messages := bridge.recent():
        _mount(bridge, f"{_KEY}.send.{messages[-1]['seq']}")


def _mount(bridge: _Bridge, key: str, **data: Any) -> Any:
    content = {"session": bridge.session, "outbox": bridge.recent(), **data}
    try:
        return _component(key=key, data=content)
    except DuplicateWidgetID:
        # Drawn in this run already, and what it heard is taken in.
        return {}


_component = st.components.v2.component(
    "portico.bridge",
    js=files("portico.bridge").joinpath("streamlit.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)
