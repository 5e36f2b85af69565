"""A page that asks on a WebSocket, which it opens again when it was closed."""

import os
from html import escape

import portico
import told
from fastapi import FastAPI, WebSocket
from fastapi.responses import HTMLResponse, PlainTextResponse
from portico.frameworks.asgi import PorticoMiddleware
from starlette.concurrency import run_in_threadpool

BASE = os.environ["PORTICO_BASE_PATH"]

app = FastAPI()
app.add_middleware(PorticoMiddleware)

PAGE = """<!doctype html><p>{who}</p><button>Ask</button><p id="answer"></p><script>
  let socket;
  const open = () => {{
    socket = new WebSocket('{base}/ws');
    socket.onmessage = ({{ data }}) => (document.querySelector('#answer').textContent = data);
    socket.onclose = ({{ code }}) => code === 1008 || setTimeout(open, 250);
  }};
  open();
  document.querySelector('button').onclick = () => socket.send('ask');
</script>"""


@app.get(BASE + "/", response_class=HTMLResponse)
def home():
    return PAGE.format(who=escape(told.who()), base=BASE)


@app.get(BASE + "/assertion", response_class=PlainTextResponse)
def assertion():
    """For whoever wants to try it at another app."""
    return portico.user().assertion


@app.websocket(BASE + "/ws")
async def socket(websocket: WebSocket):
    await websocket.accept()
    async for _ in websocket.iter_text():
        await websocket.send_text(await run_in_threadpool(told.ask))
