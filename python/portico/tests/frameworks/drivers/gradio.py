"""Gradio: events in the queue and beside it, through its own Python client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import gradio as gr
from gradio_client import Client

from frameworks.drivers import Ask, free_port, headers, who


async def _look_async() -> str:
    return who()


def _look_twice() -> Iterator[str]:
    yield ""
    yield who()


def _look_batch(names: list[str]) -> list[list[str]]:
    return [[who() for _ in names]]


@cache
def server(batches: bool) -> str:
    """The address of an app, with a function for batches or without one, that runs until the tests end."""
    with gr.Blocks() as demo:
        button, name, answer = gr.Button(), gr.Textbox(), gr.Textbox()
        button.click(who, None, answer, api_name="event")
        button.click(who, None, answer, api_name="unqueued", queue=False)
        button.click(_look_async, None, answer, api_name="coroutine")
        button.click(_look_twice, None, answer, api_name="generator")
        if batches:
            button.click(_look_batch, name, answer, api_name="batch", batch=True)
    options = {"server_name": "127.0.0.1", "server_port": free_port(), "ssr_mode": False}
    _app, url, _share = demo.launch(prevent_thread_lock=True, quiet=True, **options)
    return str(url)


def client_of(url: str, assertion: str | None) -> Client:
    """Gradio's own client, as somebody; its usual five seconds are little where eight begin at once on a busy machine."""
    options: dict[str, Any] = {"verbose": False, "analytics_enabled": False, "httpx_kwargs": {"timeout": 60}}
    return Client(url, headers=headers(assertion), **options)


@contextmanager
def client(assertion: str | None, batches: bool = False) -> Iterator[Any]:
    """A client with the gateway's headers."""
    yield client_of(server(batches), assertion)


def _driver(name: str) -> Any:
    @contextmanager
    def connect(assertion: str | None) -> Iterator[Ask]:
        with client(assertion) as asking:
            yield lambda: str(asking.predict(api_name=f"/{name}"))

    return connect


event = _driver("event")
unqueued = _driver("unqueued")
coroutine = _driver("coroutine")
generator = _driver("generator")
