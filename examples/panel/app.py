"""Wave mixer: a Panel app that greets whoever the gateway let in, and shows what an API says to them."""

from html import escape

import httpx
import numpy as np
import panel as pn
import portico
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


async def refresh(_event: object = None) -> None:
    """On a click, and every five seconds; waiting for an API in a coroutine keeps other people's pages moving."""
    revenue.object = await figures()


greeting = pn.pane.HTML(f"<p>Welcome, <strong>{escape(who())}</strong>. Roles: {escape(roles())}.</p>")
revenue = pn.pane.Str("…")
button = pn.widgets.Button(label="Refresh", on_click=refresh)
pn.state.onload(refresh)
pn.state.add_periodic_callback(refresh, period=5_000)

pn.template.BootstrapTemplate(
    title="Wave mixer",
    # Panel's default icon is not served below a --prefix; this file of its own is.
    favicon="static/extensions/panel/images/favicon.ico",
    sidebar=[frequency, noise],
    main=[greeting, pn.bind(wave, frequency, noise), pn.Column("## Revenue now", button, revenue)],
).servable()
