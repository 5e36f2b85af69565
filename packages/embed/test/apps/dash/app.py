"""Everything that portico.bridge does in Dash, for python-bridge.browser.test.ts."""

import portico
from dash import Dash, Input, Output, State, html

app = Dash(__name__)
app.layout = html.Div(
    [
        portico.bridge.receiver("note", "broken", replies=["price"]),
        html.P("heard: ", id="heard"),
        html.P(id="latest"),
        html.Button("Ask", id="ask"),
        html.P(id="price"),
        html.Button("Many", id="many"),
    ]
)


@portico.bridge.on("note", Output("heard", "children"), State("heard", "children"))
def note(text: str, before: str) -> str:
    return f"{before.removesuffix(',')},{text}".replace(" ,", " ")


@portico.bridge.on("broken")
def broken(_data: object) -> None:
    raise ValueError("a secret of the app")


@app.callback(Output("latest", "children"), portico.bridge.latest("note"))
def latest(text: str | None) -> str:
    return f"latest: {text or 'none'}"


@app.callback(Input("ask", "n_clicks"), prevent_initial_call=True)
def ask(_clicks: int) -> None:
    portico.bridge.request("price", {"id": 7})


@portico.bridge.on_reply("price", Output("price", "children"))
def price(reply: object) -> str:
    failed = isinstance(reply, portico.bridge.RequestFailed)
    return f"no price: {reply.reason}" if failed else f"price: {reply}"


@app.callback(Input("many", "n_clicks"), prevent_initial_call=True)
def many(_clicks: int) -> None:
    for number in range(20):
        portico.bridge.send("number", number)


if __name__ == "__main__":
    app.run()
