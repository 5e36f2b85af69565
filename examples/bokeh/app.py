"""Distribution explorer: the smallest Bokeh server app that greets whoever the gateway let in."""

from html import escape

import numpy as np
from bokeh.io import curdoc
from bokeh.layouts import column, row
from bokeh.models import ColumnDataSource, Div, Select, Slider
from bokeh.plotting import figure

SAMPLES = np.random.default_rng(5).normal(size=20_000)


def histogram(spread: float, bins: int, shape: str) -> dict[str, np.ndarray]:
    """Counts and edges of the samples, stretched, and folded when the shape asks for it."""
    values = np.abs(SAMPLES * spread) if shape == "folded" else SAMPLES * spread
    counts, edges = np.histogram(values, bins=bins)
    return {"top": counts, "left": edges[:-1], "right": edges[1:]}


def who() -> str:
    """The signed-in person, from the request that opened this session."""
    context = curdoc().session_context
    request = context.request if context else None
    headers = {name.lower(): value for name, value in request.headers.items()} if request else {}
    return headers.get("x-forwarded-email") or headers.get("x-forwarded-user") or "guest"


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

curdoc().title = "Distribution explorer"
greeting = Div(text=f"<h1>Distribution explorer</h1><p>Welcome, <strong>{escape(who())}</strong>.</p>")
curdoc().add_root(column(greeting, row(spread, bins, shape), plot, sizing_mode="stretch_width", margin=(8, 24, 8, 24)))
