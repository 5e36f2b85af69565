"""Dash: callbacks over HTTP on Flask and FastAPI, and over a WebSocket on FastAPI."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from dash import Dash, Input, Output, html
from starlette.testclient import TestClient

from frameworks.drivers import Ask, headers, who


def page(**options: Any) -> Dash:
    """An app that shows who is there in its layout and in its callbacks."""
    app = Dash("page", **options)
    ids = ("sync", "coroutine", "background")
    app.layout = lambda: html.Div([html.P(who(), id="layout"), html.Button(id="look"), *(html.P(id=one) for one in ids)])
    return app


def event(output: str) -> dict[str, object]:
    """What the renderer sends when the button was pressed."""
    return {
        "output": f"{output}.children",
        "outputs": {"id": output, "property": "children"},
        "inputs": [{"id": "look", "property": "n_clicks", "value": 1}],
        "changedPropIds": ["look.n_clicks"],
        "state": [],
    }


def shown(answer: Any, output: str) -> str:
    """The text in a callback's answer."""
    text: str = answer["response"][output]["children"]
    return text


@cache
def _flask() -> Dash:
    app = page()

    @app.callback(Output("sync", "children"), Input("look", "n_clicks"))  # type: ignore[untyped-decorator]
    def look(_clicks: int) -> str:
        return who()

    return app


@cache
def _fastapi() -> Dash:
    app = page(backend="fastapi", websocket_callbacks=True)

    @app.callback(Output("sync", "children"), Input("look", "n_clicks"))  # type: ignore[untyped-decorator]
    def look(_clicks: int) -> str:
        return who()

    @app.callback(Output("coroutine", "children"), Input("look", "n_clicks"))  # type: ignore[untyped-decorator]
    async def look_async(_clicks: int) -> str:
        return who()

    return app


@contextmanager
def flask_callback(assertion: str | None) -> Iterator[Ask]:
    client = _flask().server.test_client()
    url = "/_dash-update-component"
    yield lambda: shown(client.post(url, json=event("sync"), headers=headers(assertion)).json, "sync")


@contextmanager
def flask_layout(assertion: str | None) -> Iterator[Ask]:
    client = _flask().server.test_client()
    yield lambda: _first(client.get("/_dash-layout", headers=headers(assertion)).json)


@contextmanager
def fastapi_callback(assertion: str | None) -> Iterator[Ask]:
    client = TestClient(_fastapi().server)
    url = "/_dash-update-component"
    yield lambda: shown(client.post(url, json=event("coroutine"), headers=headers(assertion)).json(), "coroutine")


@contextmanager
def fastapi_layout(assertion: str | None) -> Iterator[Ask]:
    client = TestClient(_fastapi().server)
    yield lambda: _first(client.get("/_dash-layout", headers=headers(assertion)).json())


@contextmanager
def websocket_callback(assertion: str | None) -> Iterator[Ask]:
    with _socket(assertion, "sync") as ask:
        yield ask


@contextmanager
def websocket_coroutine(assertion: str | None) -> Iterator[Ask]:
    with _socket(assertion, "coroutine") as ask:
        yield ask


@contextmanager
def _socket(assertion: str | None, output: str) -> Iterator[Ask]:
    sent = headers(assertion) | {"Origin": "http://testserver"}
    client = TestClient(_fastapi().server)
    with client.websocket_connect("/_dash-ws-callback", headers=sent) as socket:

        def ask() -> str:
            request = {"type": "callback_request", "requestId": "1", "rendererId": "page", "payload": event(output)}
            socket.send_json(request)
            return shown(socket.receive_json()["payload"]["data"], output)

        yield ask


def _first(layout: Any) -> str:
    text: str = layout["props"]["children"][0]["props"]["children"]
    return text
