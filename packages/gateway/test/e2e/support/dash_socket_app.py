"""Dash on FastAPI with WebSocket callbacks: who is there, and what an API says to them, on a click."""

import httpx
import portico
from dash import Dash, Input, Output, ctx, html

app = Dash(__name__, backend="fastapi", websocket_callbacks=True)
app.layout = html.Main([html.Button("Look", id="look"), html.P(id="seen"), html.P(id="later")])


def seen(kind: str) -> str:
    try:
        user = portico.user()
        mail = portico.api("graph").get("/me").raise_for_status().json()
    except (portico.PorticoError, httpx.HTTPError) as problem:
        return f"{kind}: {problem}"
    over = "without headers" if not ctx.headers else "with headers"
    return f"{kind}: {user.email} {', '.join(user.roles)}, {mail['mail']}, {over}, token {mail['token']['issuedAt']}"


@app.callback(Output("seen", "children"), Input("look", "n_clicks"))
def look(_clicks: int | None) -> str:
    return seen("callback")


@app.callback(Output("later", "children"), Input("look", "n_clicks"))
async def look_later(_clicks: int | None) -> str:
    return seen("coroutine")


if __name__ == "__main__":
    app.run()
