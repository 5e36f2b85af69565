"""Orders by region, made to stand in a product's page: what is chosen here the page shows, and the other way round."""

import panel as pn
import portico

ORDERS = {"North": 41, "South": 27, "East": 38, "West": 19}

pn.extension()
user = portico.user(optional=True)
who = f"For {user.name or user.email or user.id}, {', '.join(user.roles) or 'no roles'}" if user else "For guest"
choice = pn.widgets.RadioButtonGroup(name="Region", options=list(ORDERS), value="North")
orders = pn.pane.Str()


def draw(*_changes: object) -> None:
    """Shows the orders in the colour that the page's parameters say."""
    orders.object = f"{choice.value}: {ORDERS[choice.value]} orders"
    orders.styles = {"color": portico.bridge.parameters().get("colour", "blue")}


def tell(_event: object) -> None:
    """A click here changes the page."""
    portico.bridge.send("picked", choice.value)


@portico.bridge.on("region")
def region(wanted: str) -> None:
    """A click in the page changes the app."""
    if wanted in ORDERS:
        choice.value = wanted


@portico.bridge.on("total")
def total(regions: list[str]) -> int:
    """The page may ask."""
    return sum(ORDERS.get(name, 0) for name in regions)


choice.param.watch(draw, "value")
portico.bridge.on(portico.bridge.PARAMETERS, draw)
draw()
# Roles are of the product's token: what somebody may not see is not sent to the browser.
margin = [pn.pane.Str("Margin: 12 %")] if user and user.has_role("admin") else []
pn.Column("## Orders", pn.pane.Str(who), choice, pn.widgets.Button(name="Tell the page", on_click=tell), orders, *margin).servable()
