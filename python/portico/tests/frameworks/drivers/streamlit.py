"""Streamlit: its server in a thread of its own, and a tab that speaks its protocol."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server import Server
from websockets.sync.client import connect as open_websocket
from websockets.typing import Subprotocol

from frameworks.drivers import Ask, free_port, headers

_APP = Path(__file__).with_name("streamlit_app.py")


@cache
def _server() -> int:
    port = free_port()
    for name, value in {"port": port, "address": "127.0.0.1", "headless": True, "fileWatcherType": "none"}.items():
        config.set_option(f"server.{name}", value)
    config.set_option("browser.gatherUsageStats", False)
    ready = threading.Event()

    async def run() -> None:
        server = Server(str(_APP), False)
        await server.start()
        ready.set()
        await server.stopped

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    ready.wait()
    return port


@contextmanager
def tab(assertion: str | None) -> Iterator[Callable[[], tuple[str, str]]]:
    """Opens a tab; the function runs the script again, and returns what it and a thread of it say."""
    url = f"ws://127.0.0.1:{_server()}/_stcore/stream"
    protocols = [Subprotocol("streamlit"), Subprotocol("PLACEHOLDER_AUTH_TOKEN")]
    with open_websocket(url, subprotocols=protocols, additional_headers=headers(assertion)) as socket:

        def run() -> tuple[str, str]:
            rerun = BackMsg()
            rerun.rerun_script.query_string = ""
            socket.send(rerun.SerializeToString())
            while True:
                message = ForwardMsg()
                message.ParseFromString(socket.recv(timeout=20))
                if found := re.match(r"\[([^|]*)\|([^\]]*)\]", message.delta.new_element.text.body):
                    return found[1], found[2]

        yield run


@contextmanager
def script(assertion: str | None) -> Iterator[Ask]:
    with tab(assertion) as run:
        yield lambda: run()[0]
