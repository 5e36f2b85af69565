"""The assertion that a middleware has put aside for the code behind it; the last place that is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class _Served:
    __slots__ = ("assertion", "opened")

    def __init__(self, assertion: str, opened: float) -> None:
        self.assertion: str | None = assertion
        self.opened = opened


_served: ContextVar[_Served | None] = ContextVar("portico_served", default=None)


def assertion() -> str | None:
    """The assertion of the request or connection being served; see ``portico.frameworks``."""
    served = _served.get()
    return served.assertion if served is not None else None


def opened() -> float | None:
    """When it began."""
    served = _served.get()
    return served.opened if served is not None else None


@contextmanager
def serving(assertion: str, opened: float | None = None) -> Iterator[None]:
    """Says on whose behalf the code within runs, coroutines and tasks that it starts included.

    Args:
        assertion: from the header; empty when there is none.
        opened: when the request or connection began, in seconds since 1970; without it, now.
    """
    served = _Served(assertion, time.time() if opened is None else opened)
    token = _served.set(served)
    try:
        yield
    finally:
        _served.reset(token)
        # A task that outlives the request has a copy of the context: it must not stay this person for ever, for
        # a queue's worker, started by whoever came first, serves everybody.
        served.assertion = None
