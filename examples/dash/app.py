"""Air quality board: a Dash app that greets whoever the gateway let in, and shows what an API says to them."""

import httpx
import numpy as np
import pandas as pd
import plotly.express as px
import portico
from dash import Dash, Input, Output, dcc, html

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
    """The signed-in person, verified; nobody is, when the app runs without the gateway."""
    user = portico.user(optional=True)
    return "guest" if user is None else user.email or user.name or user.id


def roles() -> str:
    """What the gateway says the person may do, as of now."""
    user = portico.user(optional=True)
    return "none: start this app behind Portico" if user is None else ", ".join(user.roles) or "none"


def figures() -> str:
    """Fresh numbers of an API: the gateway calls it with the person's own token, however long the page has been open."""
    try:
        answer = portico.api("graph").get("/reports").raise_for_status().json()
    except (portico.PorticoError, httpx.HTTPError) as problem:
        return f"No figures: {problem}"
    revenue = ", ".join(f"{row['region']} {row['revenue']:,} €" for row in answer["value"])
    return f"{revenue} (token of {answer['token']['issuedAt']})"


def layout() -> html.Main:
    """Built for each visit, so that the greeting is the visitor's own."""
    return html.Main(
        [
            html.H1("Air quality board"),
            html.P(["Welcome, ", html.Strong(who(), id="who"), "."]),
            html.P(f"Roles: {roles()}", id="roles"),
            html.Label(["Cities", dcc.Dropdown(list(CITIES), ["Graz", "Lyon"], id="cities", multi=True)]),
            html.P("Rolling average, days", style={"margin": "1rem 0 0"}),
            dcc.Slider(1, 14, 1, value=7, id="window"),
            dcc.Graph(id="chart"),
            html.P(id="summary"),
            html.H2("Revenue now"),
            html.Button("Refresh", id="refresh"),
            html.P(id="figures"),
            dcc.Interval(id="every", interval=5_000),
        ],
        style={"maxWidth": "60rem", "margin": "2rem auto", "padding": "0 1rem", "fontFamily": "system-ui"},
    )


app = Dash(__name__, title="Air quality board")
app.layout = layout
server = app.server


@app.callback(Output("chart", "figure"), Output("summary", "children"), Input("cities", "value"), Input("window", "value"))
def draw(cities: list[str] | None, window: int):
    """A callback knows who asks, too."""
    chosen = READINGS[READINGS["city"].isin(cities or [])].copy()
    chosen["pm25"] = chosen.groupby("city")["pm25"].transform(lambda values: values.rolling(window, min_periods=1).mean())
    figure = px.line(chosen, x="day", y="pm25", color="city", template="plotly_white", labels={"pm25": "PM2.5, µg/m³"})
    return figure, f"{len(chosen)} readings, drawn for {who()}"


@app.callback(Output("figures", "children"), Input("refresh", "n_clicks"), Input("every", "n_intervals"))
def refresh(_clicks: int | None, _intervals: int | None) -> str:
    """On a click, and every five seconds."""
    return figures()


if __name__ == "__main__":
    app.run()
