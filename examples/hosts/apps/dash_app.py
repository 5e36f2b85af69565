"""Orders, in Dash: the page around it chooses the region, and is told which one was picked here."""

import portico
from common import ORDERS, orders, who
from dash import Dash, Input, Output, State, dcc, html

app = Dash(__name__, title="Orders")


def layout() -> html.Main:
    """Built for each visit, so that the greeting is the visitor's own."""
    return html.Main(
        [
            portico.bridge.receiver("region"),
            html.P(f"Dash: hello, {who()}"),
            html.P(id="orders"),
            html.Button("Pick this region", id="pick"),
            html.Button("Count", id="count", n_clicks=0),
            html.P(id="counted"),
            dcc.Store(id="region", data="North"),
        ]
    )


app.layout = layout


@app.callback(Output("orders", "children"), Input("region", "data"))
def show(region: str) -> str:
    return orders(region)


@app.callback(Output("counted", "children"), Input("count", "n_clicks"))
def count(clicks: int) -> str:
    return f"{who()} counted to {clicks}"


@portico.bridge.on("region", Output("region", "data"), State("region", "data"))
def choose(wanted: str, current: str) -> str:
    """A click in the page."""
    return wanted if wanted in ORDERS else current


@app.callback(Input("pick", "n_clicks"), State("region", "data"), prevent_initial_call=True)
def pick(_clicks: int, region: str) -> None:
    """A click in here."""
    portico.bridge.send("picked", region)


if __name__ == "__main__":
    app.run()
