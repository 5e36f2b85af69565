"""Names, data and failures of messages."""

from __future__ import annotations

import json
from typing import Any

from portico.errors import PorticoError

PARAMETERS = "portico:parameters"
"""The name under which ``on`` and ``latest`` give the page's parameters."""

RESERVED = "portico:"


class RequestFailed(PorticoError):
    """The page did not answer a request.

    Attributes:
        reason: ``timeout``, ``not_embedded`` (no page is around the app), ``no_handler``, ``failed`` or what the page says.
    """

    status = 504

    def __init__(self, reason: str) -> None:
        super().__init__(f"The page around the app did not answer: {reason}.")
        self.reason = reason

    def __reduce__(self) -> tuple[type[RequestFailed], tuple[str]]:
        return type(self), (self.reason,)


def named(name: str, *own: str) -> str:
    """The name of a message.

    Args:
        own: names of Portico's own that are allowed here.

    Raises:
        ValueError: a message cannot be called that.
    """
    if name in own or (isinstance(name, str) and name != "" and not name.startswith(RESERVED)):
        return name
    raise ValueError(f"A message cannot be called {name!r}.")


def plain(data: Any) -> Any:
    """Data as it arrives on the other side, whatever the framework.

    Raises:
        TypeError: JSON cannot hold it.
        ValueError: a number in it is none.
    """
    return json.loads(json.dumps(data, allow_nan=False))


def failed(error: Exception) -> str:
    """What the page may know of an exception: a reason, and nothing of what it says."""
    return error.reason if isinstance(error, RequestFailed) else "failed"
