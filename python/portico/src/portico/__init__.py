"""Portico: who is looking at your data app, always-fresh tokens, and APIs on the user's behalf.

``portico.user()`` returns the verified person in Streamlit, Dash, Panel, Bokeh, Gradio, Shiny, marimo, Flask, FastAPI
and Starlette. It works in an app that stands behind the Portico gateway; in unit tests, ``portico.testing`` pretends.
"""

from portico import bridge
from portico.apis import Api, api
from portico.current import require, requires, user
from portico.errors import (
    Forbidden,
    GatewayUnreachable,
    InvalidAssertion,
    NotConfigured,
    NotSignedIn,
    PorticoError,
    SessionEnded,
    TokenUnavailable,
)
from portico.users import User

__all__ = [
    "Api",
    "Forbidden",
    "GatewayUnreachable",
    "InvalidAssertion",
    "NotConfigured",
    "NotSignedIn",
    "PorticoError",
    "SessionEnded",
    "TokenUnavailable",
    "User",
    "api",
    "bridge",
    "require",
    "requires",
    "user",
]


def __getattr__(name: str) -> str:
    """The version, looked up when somebody asks: Dash does, for the address of a script."""
    if name != "__version__":
        raise AttributeError(f"module 'portico' has no attribute {name!r}")
    from importlib.metadata import version

    return version("portico")
