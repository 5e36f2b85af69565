"""Orders by region, made to stand in a product's page: what is chosen here the page shows, and the other way round."""

import portico
from dash import Dash, Input, Output, State, dcc, html

ORDERS = {"North": 41, "South": 27, "East": 38, "West": 19}


def layout() -> html.Main:
    """Built for each visit. The receiver hears the page and speaks to it."""
    user = portico.user(optional=True)
    who = f"For {user.name or user.email or user.id}, {', '.join(user.roles) or 'no roles'}" if user else "For guest"
    # Roles are of the product's token: what somebody may not see is not sent to the browser.
    margin = [html.P("Margin: 12 %")] if user and user.has_role("admin") else []
    return html.Main(
        [
            portico.bridge.receiver("region", "total"),
            html.H2("Orders"),
            html.P(who),
            dcc.RadioItems(list(ORDERS), "North", id="region", inline=True),
            html.Button("Tell the page", id="tell"),
            html.P(id="orders"),
            *margin,
        ],
        style={"fontFamily": "system-ui", "padding": "1rem"},
    )


app = Dash(__name__, title="Orders")
app.layout = layout
server = app.server


@app.callback(Output("orders", "children"), Output("orders", "style"), Input("region", "value"), portico.bridge.parameters())
def draw(region: str, parameters: dict[str, str] | None):
    """The page's parameters say how it looks."""
    return f"{region}: {ORDERS[region]} orders", {"color": (parameters or {}).get("colour", "blue")}


@app.callback(Input("tell", "n_clicks"), State("region", "value"), prevent_initial_call=True)
def tell(_clicks: int, region: str) -> None:
    """A click here changes the page."""
    portico.bridge.send("picked", region)


@portico.bridge.on("region", Output("region", "value"), State("region", "value"))
def region(wanted: str, current: str) -> str:
    """A click in the page changes the app."""
    return wanted if wanted in ORDERS else current


@portico.bridge.on("total")
def total(regions: list[str]) -> int:
    """The page may ask."""
    return sum(ORDERS.get(name, 0) for name in regions)


if __name__ == "__main__":
    app.run()
