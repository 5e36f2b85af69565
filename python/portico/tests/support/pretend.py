"""A runtime whose gateway is in memory, for tests in which a real framework finds the assertion."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx

from portico import runtime
from portico.testing import ApiHandler, FakeGateway


@contextmanager
def gateway_in_memory(
    *,
    tokens: Mapping[str, str] | None = None,
    apis: Mapping[str, ApiHandler] | None = None,
    clock: Callable[[], float] = time.time,
) -> Iterator[FakeGateway]:
    """Verifies against a gateway in memory, while the block runs; who is looking is the framework's to say."""
    gateway = FakeGateway(tokens=tokens, apis=apis, clock=clock)
    transport = httpx.MockTransport(gateway.handle)
    before = runtime.use(runtime.Runtime(gateway.settings, transport, transport, gateway.clock))
    try:
        yield gateway
    finally:
        runtime.use(before)
