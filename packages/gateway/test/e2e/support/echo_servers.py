"""Tornado, Uvicorn and Werkzeug, each answering with what it understood of a request. Prints their ports; ends with stdin."""

import asyncio
import json
import logging
import socket
import sys
import threading

import tornado.httpserver
import tornado.netutil
import tornado.web
import uvicorn
from starlette.requests import Request as StarletteRequest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request as WerkzeugRequest

logging.disable(logging.CRITICAL)


def text(data):
    return data.decode("latin1")


def answer(method, path, query, headers, cookies, body):
    said = {"method": method, "path": path, "query": query, "headers": headers, "cookies": cookies, "body": body}
    return json.dumps(said).encode()


class Echo(tornado.web.RequestHandler):
    SUPPORTED_METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND")

    def prepare(self):
        asked = self.request
        headers = [[name, value] for name, value in asked.headers.get_all()]
        cookies = {name: morsel.value for name, morsel in asked.cookies.items()}
        self.finish(answer(asked.method, asked.path, asked.query, headers, cookies, text(asked.body)))


async def asgi(scope, receive, send):
    request = StarletteRequest(scope, receive)
    body = text(await request.body())
    headers = [[text(name), text(value)] for name, value in scope["headers"]]
    path, query = text(scope["raw_path"]), text(scope["query_string"])
    said = answer(scope["method"], path, query, headers, dict(request.cookies), body)
    length = [(b"content-length", str(len(said)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": said})


def wsgi(environ, start_response):
    request = WerkzeugRequest(environ)
    body = text(request.get_data())
    headers = [[name[5:], value] for name, value in environ.items() if name.startswith("HTTP_")]
    path, query = environ["RAW_URI"].partition("?")[0], environ["QUERY_STRING"]
    said = answer(request.method, path, query, headers, dict(request.cookies), body)
    start_response("200 OK", [("Content-Length", str(len(said)))])
    return [said]


def in_background(run):
    threading.Thread(target=run, daemon=True).start()


async def main():
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    tornado.httpserver.HTTPServer(tornado.web.Application([(".*", Echo)])).add_sockets(sockets)

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(asgi, http="h11", lifespan="off", log_config=None))
    in_background(lambda: server.run(sockets=[listening]))

    werkzeug = make_server("127.0.0.1", 0, wsgi, threaded=True)
    in_background(werkzeug.serve_forever)

    ports = {
        "tornado": sockets[0].getsockname()[1],
        "uvicorn": listening.getsockname()[1],
        "werkzeug": werkzeug.server_port,
    }
    print(json.dumps(ports), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
