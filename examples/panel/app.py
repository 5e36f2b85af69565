"""Wave mixer: the smallest Panel app that greets whoever the gateway let in."""

from html import escape

import numpy as np
import panel as pn
from bokeh.plotting import figure

pn.extension(sizing_mode="stretch_width")

frequency = pn.widgets.FloatSlider(name="Frequency", start=0.5, end=8, step=0.1, value=2)
noise = pn.widgets.FloatSlider(name="Noise", start=0, end=1, step=0.05, value=0.1)


def wave(frequency: float, noise: float):
    """A sine wave with seeded noise, redrawn whenever a slider moves."""
    x = np.linspace(0, 4, 400)
    y = np.sin(x * frequency * np.pi) + np.random.default_rng(3).normal(0, noise, x.size)
    plot = figure(height=320, sizing_mode="stretch_width", title=f"{frequency:.1f} Hz", x_range=(0, 4))
    plot.line(x, y, line_width=2, color="#2563eb")
    return plot


def who() -> str:
    """The signed-in person, from the headers of the request that opened this session."""
    headers = {name.lower(): value for name, value in (pn.state.headers or {}).items()}
    return headers.get("x-forwarded-email") or headers.get("x-forwarded-user") or "guest"


greeting = pn.pane.HTML(f"<p>Welcome, <strong>{escape(who())}</strong>.</p>")

pn.template.BootstrapTemplate(
    title="Wave mixer",
    # Panel's default icon is not served below a --prefix; this file of its own is.
    favicon="static/extensions/panel/images/favicon.ico",
    sidebar=[frequency, noise],
    main=[greeting, pn.bind(wave, frequency, noise)],
).servable()
