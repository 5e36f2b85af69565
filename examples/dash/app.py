"""Air quality board: the smallest Dash app that greets whoever the gateway let in."""

import numpy as np
import pandas as pd
import plotly.express as px
from dash import Dash, Input, Output, dcc, html
from flask import has_request_context, request

CITIES = {"Aarhus": 9, "Graz": 14, "Lyon": 12, "Porto": 11}


def readings() -> pd.DataFrame:
    """Ninety days of made-up fine dust per city; the seed makes every run the same."""
    random = np.random.default_rng(11)
    days = pd.date_range("2025-01-01", periods=90)
    frames = [
        pd.DataFrame({"day": days, "city": city, "pm25": random.gamma(4, mean / 4, 90).round(1)})
        for city, mean in CITIES.items()
    ]
    return pd.concat(frames)


READINGS = readings()


def who() -> str:
    """The signed-in person; the gateway sets this header and removes any that a browser sends."""
    headers = request.headers if has_request_context() else {}
    return headers.get("X-Forwarded-Email") or headers.get("X-Forwarded-User") or "guest"


def layout() -> html.Main:
    """Built for each visit, so that the greeting is the visitor's own."""
    return html.Main(
        [
            html.H1("Air quality board"),
            html.P(["Welcome, ", html.Strong(who(), id="who"), "."]),
            html.Label(["Cities", dcc.Dropdown(list(CITIES), ["Graz", "Lyon"], id="cities", multi=True)]),
            html.P("Rolling average, days", style={"margin": "1rem 0 0"}),
            dcc.Slider(1, 14, 1, value=7, id="window"),
            dcc.Graph(id="chart"),
            html.P(id="summary"),
        ],
        style={"maxWidth": "60rem", "margin": "2rem auto", "padding": "0 1rem", "fontFamily": "system-ui"},
    )


app = Dash(__name__, title="Air quality board")
app.layout = layout
server = app.server


@app.callback(Output("chart", "figure"), Output("summary", "children"), Input("cities", "value"), Input("window", "value"))
def draw(cities: list[str] | None, window: int):
    """A callback sees the headers of its own request, so it knows who asks, too."""
    chosen = READINGS[READINGS["city"].isin(cities or [])].copy()
    chosen["pm25"] = chosen.groupby("city")["pm25"].transform(lambda values: values.rolling(window, min_periods=1).mean())
    figure = px.line(chosen, x="day", y="pm25", color="city", template="plotly_white", labels={"pm25": "PM2.5, µg/m³"})
    return figure, f"{len(chosen)} readings, drawn for {who()}"


if __name__ == "__main__":
    app.run()
