"""marimo: the request that made the cell run, whether it opened the notebook or moved a control."""

from __future__ import annotations

from marimo import app_meta

from portico.frameworks import HEADER


def assertion() -> str | None:
    """The assertion of the request that runs this cell; see ``portico.frameworks``.

    A ``mo.Thread`` belongs to no request.
    """
    request = app_meta().request
    if request is None:
        return None
    value: str = request.headers.get(HEADER.lower(), "")
    return value
