"""What one process keeps: settings, the connection to the gateway, keys and verified identities."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import httpx

from portico.config import Settings, read_settings
from portico.gateway import Gateway
from portico.identities import Identities
from portico.keys import KeySet
from portico.verify import verify


class Runtime:
    """Everything behind ``portico.user()``, put together."""

    def __init__(
        self,
        settings: Settings,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            transport, async_transport: instead of the network, for tests.
            clock: seconds since 1970.
        """
        self.settings = settings
        self.gateway = Gateway(settings, transport)
        self.async_transport = async_transport
        keys = KeySet(self.gateway.keys, time.monotonic)
        self.identities = Identities(
            verify=lambda assertion, now: verify(
                assertion, key=keys.key, issuer=settings.issuer, audience=settings.audience, now=now
            ),
            renew=self.gateway.fresh_assertion if settings.secret is not None else None,
            clock=clock,
        )


_lock = threading.Lock()
_runtime: Runtime | None = None


def runtime() -> Runtime:
    """This process's own, made from the environment when it is first needed.

    Raises:
        NotConfigured: the environment lacks what the gateway sets.
    """
    global _runtime
    if _runtime is None:
        with _lock:
            if _runtime is None:
                _runtime = Runtime(read_settings())
    return _runtime


def use(replacement: Runtime | None) -> Runtime | None:
    """Puts another one in its place, for tests; None means: made anew. Returns the one before."""
    global _runtime
    before, _runtime = _runtime, replacement
    return before


def _after_fork() -> None:
    # Sockets, and locks that other threads held, must not be shared with the parent process.
    global _lock, _runtime
    _lock, _runtime = threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
