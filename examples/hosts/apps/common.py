"""What the three apps have in common: people, and numbers that not everybody sees."""

import portico

ORDERS = {"North": 412, "South": 268}
MARGINS = {"North": "31 %", "South": "27 %"}


def who() -> str:
    """The person whose token the page around the app brought; nobody, while Dash looks at the layout at its start."""
    user = portico.user(optional=True)
    return "nobody" if user is None else user.name or user.id


def orders(region: str) -> str:
    """Decided on the server, each time: a role that is lost shows nothing any more."""
    user = portico.user(optional=True)
    margin = f", margin {MARGINS[region]}" if user is not None and "manager" in user.roles else ""
    return f"{ORDERS[region]} orders in {region}{margin}"
