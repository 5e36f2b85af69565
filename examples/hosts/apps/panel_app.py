"""Orders, in Panel: the page around it chooses the region, and is told which one was picked here."""

import panel as pn
import portico
from common import ORDERS, orders, who

pn.extension()

region = pn.rx("North")


@portico.bridge.on("region")
def choose(wanted: str) -> None:
    """A click in the page."""
    if wanted in ORDERS:
        region.rx.value = wanted


def pick(_event: object) -> None:
    """A click in here."""
    portico.bridge.send("picked", region.rx.value)


count = pn.widgets.Button(name="Count")

pn.Column(
    f"Panel: hello, {who()}",
    pn.bind(orders, region),
    pn.widgets.Button(name="Pick this region", on_click=pick),
    count,
    pn.bind(lambda clicks: f"{who()} counted to {clicks}", count.param.clicks),
).servable()
