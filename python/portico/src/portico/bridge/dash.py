"""Dash: components without a look in the layout, whose properties are the inputs of callbacks.

What callbacks send is set with ``dash.set_props``, so it needs Dash 2.17 or newer.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from dash import Input, Output, callback, hooks, html, set_props
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from portico.bridge.messages import PARAMETERS, RequestFailed, failed, plain

_SENDER = "portico-bridge"
_numbers = itertools.count(1)

# Dash serves it from this package, with its own components.
hooks.script([{"relative_package_path": "bridge/dash.js", "namespace": "portico"}])


class _Hidden(Component):  # type: ignore[misc]
    _children_props: list[str] = []
    _base_nodes = ["children"]
    _namespace = "portico_bridge"
    _valid_wildcard_attributes = ["data-"]

    def __init__(self, **properties: Any) -> None:
        self._prop_names = ["id", "name", "kind", "message", "value"]
        self.available_properties = self._prop_names
        self.available_wildcard_properties = self._valid_wildcard_attributes
        super().__init__(**properties)


class Ear(_Hidden):
    """Hears a name of the page, or the replies to requests of a name."""

    _type = "Ear"


class Sender(_Hidden):
    """Sends what callbacks set."""

    _type = "Sender"


def serving() -> bool:
    """Always: callbacks are declared where nothing is served."""
    return True


def receiver(names: Sequence[str], replies: Sequence[str]) -> Any:
    """See ``portico.bridge.receiver``."""
    heard = [("message", name) for name in (PARAMETERS, *dict.fromkeys(names))]
    ears = [*heard, *(("reply", name) for name in dict.fromkeys(replies))]
    parts = [Ear(id=_id(kind, name), name=name, kind=kind) for kind, name in ears]
    return html.Div([Sender(id=_SENDER), *parts], hidden=True)


def send(name: str, data: Any) -> None:
    """See ``portico.bridge.send``."""
    _put(kind="event", name=name, data=data)


def request(name: str, data: Any) -> None:
    """See ``portico.bridge.request``."""
    _put(kind="request", name=name, data=data)


def latest(name: str, default: Any) -> Any:
    """See ``portico.bridge.latest``. Before the first message a callback is called with None, whatever the default."""
    return Input(_id("message", name), "value")


def on(name: str, handler: Callable[..., Any] | None, *dependencies: Any, **options: Any) -> Any:
    """See ``portico.bridge.on``."""
    return _callback(_id("message", name), handler, *dependencies, **options)


def on_reply(name: str, *dependencies: Any, **options: Any) -> Any:
    """See ``portico.bridge.on_reply``."""
    return _callback(_id("reply", name), None, *dependencies, **options)


def _id(kind: str, name: str) -> dict[str, str]:
    return {"portico": kind, "name": name}


def _put(**message: Any) -> None:
    # Callbacks of several processes answer to one page, which needs an order of them.
    seq = [time.time_ns() // 1_000_000, next(_numbers)]
    set_props(_SENDER, {f"data-{uuid.uuid4().hex}": {"seq": seq, **message}})


def _callback(
    ear: dict[str, str], handler: Callable[..., Any] | None, *dependencies: Any, **options: Any
) -> Any:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        drawn = any(isinstance(one, Output) for one in dependencies)
        outputs = [one for one in dependencies if isinstance(one, Output)]
        states = [one for one in dependencies if not isinstance(one, Output)]
        run = _answering(function, drawn)
        callback(*outputs, Input(ear, "message"), *states, prevent_initial_call=True, **options)(run)
        return function

    return decorate if handler is None else decorate(handler)


def _answering(function: Callable[..., Any], drawn: bool) -> Callable[..., Any]:
    """The function for Dash: with the message's data first, and an answer for the page last."""

    def data_of(message: Any) -> Any:
        if not message:
            raise PreventUpdate
        return RequestFailed(message["error"]) if "error" in message else message.get("data")

    def answer(message: Any, result: Any) -> Any:
        _put(kind="reply", to=message["seq"], data=None if drawn else plain(result), error=None)
        return result if drawn else None

    def fail(message: Any, error: Exception) -> None:
        # What an exception sets is lost with its answer; the page then hears of it by its own patience.
        _put(kind="reply", to=message["seq"], data=None, error=failed(error))

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def run_async(message: Any, *states: Any) -> Any:
            data = data_of(message)
            try:
                return answer(message, await function(data, *states))
            except Exception as error:
                fail(message, error)
                raise

        return run_async

    @functools.wraps(function)
    def run(message: Any, *states: Any) -> Any:
        data = data_of(message)
        try:
            return answer(message, function(data, *states))
        except Exception as error:
            fail(message, error)
            raise

    return run
