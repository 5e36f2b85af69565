"""A gateway in memory whose clock can be moved, and people who are signed in at it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from portico import runtime
from portico.testing import FakeGateway


class Clock:
    """Seconds since 1970, and as many more as were added."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gateway(clock: Clock) -> Iterator[FakeGateway]:
    """The gateway that this process's ``portico.user()`` asks."""
    gateway = FakeGateway(clock=clock)
    transport = httpx.MockTransport(gateway.handle)
    runtime.use(runtime.Runtime(gateway.settings, transport, transport, clock))
    yield gateway


@pytest.fixture
def ada(gateway: FakeGateway) -> str:
    """Her assertion."""
    return gateway.sign_in(sub="ada", roles=["analyst"])


@pytest.fixture
def bob(gateway: FakeGateway) -> str:
    """His assertion."""
    return gateway.sign_in(sub="bob", roles=["admin"])
