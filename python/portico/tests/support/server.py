"""A real HTTP server on a free loopback port before a gateway in memory, for apps in processes of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from portico.testing import ApiHandler, FakeGateway


@contextmanager
def served_gateway(
    *,
    audience: str = "app",
    tokens: Mapping[str, str] | None = None,
    apis: Mapping[str, ApiHandler] | None = None,
) -> Iterator[FakeGateway]:
    """A FakeGateway that answers at ``gateway.settings.url``; give ``gateway.environment`` to the app's process."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            url = f"{gateway.settings.url}{self.path}"
            asked = httpx.Request(self.command, url, headers=list(self.headers.items()), content=self.rfile.read(length))
            answer = gateway.handle(asked)
            body = answer.read()
            self.send_response(answer.status_code)
            for name, value in answer.headers.multi_items():
                if name.lower() not in ("content-length", "transfer-encoding", "content-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    gateway = FakeGateway(audience=audience, url=f"http://127.0.0.1:{server.server_port}", tokens=tokens, apis=apis)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
