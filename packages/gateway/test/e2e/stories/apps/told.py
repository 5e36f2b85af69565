"""What the app of each story tells, whatever its framework: who is there, and what two APIs say to their tokens."""

import json
import os
import uuid
from typing import Any

import httpx
import portico

ORDERS = os.environ["ORDERS_URL"]


def who() -> str:
    """One line for the page, and by its end the port on which the app listens beside the gateway."""
    try:
        user = portico.user(optional=True)
    except portico.PorticoError as problem:
        return f"nobody: {type(problem).__name__} at {os.environ['APP_PORT']}"
    if user is None:
        return f"nobody at {os.environ['APP_PORT']}"
    return f"{user.name} ({user.email}) with {','.join(user.roles)} at {os.environ['APP_PORT']}"


def ask() -> str:
    """One line for a press of the button, never the same twice."""
    try:
        told = _ask()
    except (portico.PorticoError, httpx.HTTPError) as problem:
        told = {"problem": repr(problem)}
    return "asked " + json.dumps({"at": uuid.uuid4().hex, **told})


def _ask() -> dict[str, Any]:
    user = portico.user()
    # One call that the gateway makes with the token attached, and one with a token in hand.
    graph = portico.api("graph").get("/reports").raise_for_status().json()
    bearer = {"Authorization": f"Bearer {user.token('orders')}"}
    orders = httpx.get(ORDERS, headers=bearer).raise_for_status().json()
    return {"name": user.name, "roles": user.roles, "graph": graph["token"], "orders": orders["token"]}
