"""Shiny for Python: outputs and extended tasks over its WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from shiny import App, Inputs, Outputs, Session, reactive, render, ui
from websockets.sync.client import connect as open_websocket

from frameworks.drivers import Ask, headers, serve, who

OUTPUTS = ("text", "coroutine", "task")


def _server(input: Inputs, output: Outputs, session: Session) -> None:
    @render.text  # type: ignore[untyped-decorator]
    def text() -> str:
        return f"{input.look()} {who()}"

    @render.text  # type: ignore[untyped-decorator]
    async def coroutine() -> str:
        await asyncio.sleep(0)
        return f"{input.look()} {who()}"

    @reactive.extended_task  # type: ignore[untyped-decorator]
    async def slowly(number: int) -> str:
        return f"{number} {await asyncio.to_thread(who)}"

    @reactive.effect  # type: ignore[untyped-decorator]
    def start() -> None:
        slowly(input.look())

    @render.text  # type: ignore[untyped-decorator]
    def task() -> str:
        return str(slowly.result())


@cache
def _running() -> int:
    """The port. One server for all, since Shiny binds its reactive lock to one event loop."""
    return serve(App(ui.page_fluid(*(ui.output_text(one) for one in OUTPUTS)), _server))


@contextmanager
def _connect(assertion: str | None, output: str) -> Iterator[Ask]:
    url = f"ws://127.0.0.1:{_running()}/websocket/"
    with open_websocket(url, additional_headers=headers(assertion)) as socket:
        hidden = {f".clientdata_output_{one}_hidden": one != output for one in OUTPUTS}
        numbers = iter(range(1000))

        def ask() -> str:
            number = next(numbers)
            method = "init" if number == 0 else "update"
            socket.send(json.dumps({"method": method, "data": {"look": number, **hidden}}))
            while True:
                message: dict[str, Any] = json.loads(socket.recv(timeout=20))
                value = message.get("values", {}).get(output)
                if isinstance(value, str) and value.startswith(f"{number} "):
                    return value.removeprefix(f"{number} ")

        yield ask


def _driver(output: str) -> Any:
    @contextmanager
    def connect(assertion: str | None) -> Iterator[Ask]:
        with _connect(assertion, output) as ask:
            yield ask

    return connect


text = _driver("text")
coroutine = _driver("coroutine")
task = _driver("task")
