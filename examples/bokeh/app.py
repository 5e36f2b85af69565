"""Distribution explorer: a Bokeh app that greets whoever the gateway let in, and shows what an API says to them."""

from html import escape

import httpx
import numpy as np
import portico
from bokeh.io import curdoc
from bokeh.layouts import column, row
from bokeh.models import Button, ColumnDataSource, Div, PreText, Select, Slider
from bokeh.plotting import figure

SAMPLES = np.random.default_rng(5).normal(size=20_000)


def histogram(spread: float, bins: int, shape: str) -> dict[str, np.ndarray]:
    """Counts and edges of the samples, stretched, and folded when the shape asks for it."""
    values = np.abs(SAMPLES * spread) if shape == "folded" else SAMPLES * spread
    counts, edges = np.histogram(values, bins=bins)
    return {"top": counts, "left": edges[:-1], "right": edges[1:]}


def who() -> str:
    """The signed-in person, verified; nobody is, when the app runs without the gateway."""
    user = portico.user(optional=True)
    return "guest" if user is None else user.email or user.name or user.id


def roles() -> str:
    """What the gateway says the person may do, as of now."""
    user = portico.user(optional=True)
    return "none: start this app behind Portico" if user is None else ", ".join(user.roles) or "none"


async def figures() -> str:
    """Fresh numbers of an API: the gateway calls it with the person's own token, however long the page has been open."""
    try:
        async with portico.api("graph").async_client() as graph:
            answer = (await graph.get("/reports")).raise_for_status().json()
    except (portico.PorticoError, httpx.HTTPError) as problem:
        return f"No figures: {problem}"
    revenue = ", ".join(f"{row['region']} {row['revenue']:,} €" for row in answer["value"])
    return f"{revenue} (token of {answer['token']['issuedAt']})"


spread = Slider(title="Spread", start=0.5, end=4, step=0.1, value=1)
bins = Slider(title="Bins", start=10, end=120, step=5, value=40)
shape = Select(title="Shape", options=["normal", "folded"], value="normal")
source = ColumnDataSource(histogram(spread.value, bins.value, shape.value))

plot = figure(height=360, sizing_mode="stretch_width", title="20,000 samples", x_axis_label="value", y_axis_label="count")
plot.quad(source=source, bottom=0, top="top", left="left", right="right", fill_color="#0d9488", line_color="white")


def redraw(_attribute: str, _old: object, _new: object) -> None:
    """Any control moved: new counts into the same source."""
    source.data = histogram(spread.value, bins.value, shape.value)


for control in (spread, bins, shape):
    control.on_change("value", redraw)

async def refresh() -> None:
    """Every five seconds, and on a click; waiting for an API in a coroutine keeps other people's pages moving."""
    revenue.text = await figures()


document = curdoc()
document.title = "Distribution explorer"
greeting = Div(
    text=f"<h1>Distribution explorer</h1><p>Welcome, <strong>{escape(who())}</strong>. Roles: {escape(roles())}.</p>"
)
revenue = PreText(text="…")
button = Button(label="Refresh")
button.on_click(lambda: document.add_next_tick_callback(refresh))
document.add_next_tick_callback(refresh)
document.add_periodic_callback(refresh, 5_000)
live = column(Div(text="<h2>Revenue now</h2>"), button, revenue)
document.add_root(
    column(greeting, row(spread, bins, shape), plot, live, sizing_mode="stretch_width", margin=(8, 24, 8, 24))
)
