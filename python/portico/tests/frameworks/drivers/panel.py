"""Panel: scripts, callbacks, coroutines and what it runs in its thread pool."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html import unescape
from typing import Any

import panel as pn
from panel.io.server import get_server

from frameworks.drivers import Ask, headers, who
from frameworks.drivers.bokeh import INCLUDED, serve, tab


def _page() -> pn.Column:
    field, answer = pn.widgets.TextInput(label="look"), pn.pane.Str(who())

    def look(change: Any) -> None:
        if change.new.startswith("event"):
            answer.object = f"{change.new} {who()}"
        elif change.new.startswith("thread"):
            pn.state.execute(lambda: show(change.new), schedule="thread")

    async def look_async(change: Any) -> None:
        if change.new.startswith("async"):
            await asyncio.sleep(0)
            answer.object = f"{change.new} {who()}"

    def show(label: str) -> None:
        answer.object = f"{label} {who()}"

    field.param.watch(look, "value")
    field.param.watch(look_async, "value")
    return pn.Column(field, answer)


@cache
def server() -> str:
    """The origin of a server that runs until the tests end."""
    pn.extension()
    pn.config.nthreads = 2
    return serve(lambda: get_server({"/app": _page}, port=0, start=False, include_headers=INCLUDED))


def _driver(kind: str) -> Any:
    @contextmanager
    def connect(assertion: str | None) -> Iterator[Ask]:
        with tab(server(), headers(assertion)) as page:
            numbers = iter(range(1000))
            title = next(model for model in page.models if model["attributes"].get("title") == "look")
            title["attributes"]["name"] = "look"

            def ask() -> str:
                label = f"{kind}-{next(numbers)}"
                shown = unescape(page.change("look", label))
                return shown.split(label)[1].split("<")[0].strip()

            yield ask

    return connect


callback = _driver("event")
coroutine = _driver("async")
thread = _driver("thread")
