"""Where the assertion of the request or session being served comes from.

Each framework has one file here, named like the framework, with one function:

``def assertion() -> str | None``
    ``None``
        this framework is not serving anything in this thread, task or callback: the next one is asked;
    ``""``
        it is, but what it serves carries no assertion (a guest on a public path, or the app was reached
        without the gateway): nobody is signed in, and no other framework is asked;
    anything else
        the value of the ``Portico-Assertion`` header of what is being served. It is not verified here.

and, where the framework can tell, a second one:

``def opened() -> float | None``
    when the request or connection being served began (seconds since 1970). An assertion that had expired
    before then is refused. Without it an expired assertion counts as one that got old on an open connection,
    and the gateway decides whether its session still lives.

Only the files of frameworks that the app has imported already are loaded, so this package imports none.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NamedTuple, Protocol, cast

HEADER = "Portico-Assertion"
"""The request header with the assertion; header names do not heed case."""


class Finder(Protocol):
    """What a file in this folder has; see the module's text."""

    def assertion(self) -> str | None: ...


class Found(NamedTuple):
    """What is being served now."""

    assertion: str
    """As it came, unverified; empty when there is none."""
    opened: float | None
    """Since when, in seconds since 1970; None when the framework does not tell."""


FRAMEWORKS: tuple[tuple[str, str], ...] = (
    # The framework's module, and its file here. A framework that runs inside another one stands before it.
    ("streamlit", "streamlit"),
    ("gradio", "gradio"),
    ("shiny", "shiny"),
    ("marimo", "marimo"),
    ("panel", "panel"),
    ("bokeh", "bokeh"),
    ("dash", "dash"),
    ("flask", "flask"),
    # The middleware for FastAPI, Starlette and every other ASGI app, or whatever else says it.
    ("portico.frameworks.serving", "serving"),
)

pretended: Found | None = None
"""Set by ``portico.testing`` only: asked before every framework."""

_loaded: dict[str, Finder] = {}


def find() -> Found | None:
    """The assertion of what is being served now, or None outside a request and session."""
    if pretended is not None:
        return pretended
    for module, name in FRAMEWORKS:
        if module not in sys.modules:
            continue
        finder = _loaded.get(name)
        if finder is None:
            finder = _loaded[name] = cast(Finder, import_module(f"{__name__}.{name}"))
        value = finder.assertion()
        if value is not None:
            opened = getattr(finder, "opened", None)
            return Found(value, opened() if opened is not None else None)
    return None
