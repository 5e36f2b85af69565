"""Pretending a user in unit tests.

``with signed_in(roles=["admin"]):`` makes ``portico.user()`` return a person in every thread of the process, whatever
the framework. Nothing is skipped on the way: a gateway in memory signs an assertion, and the package verifies it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import httpx

from portico import frameworks, runtime
from portico.current import user as current_user
from portico.frameworks import Found
from portico.testing.gateway import ApiHandler, FakeGateway
from portico.users import User

__all__ = ["ApiHandler", "FakeGateway", "signed_in", "signed_out"]


@contextmanager
def signed_in(
    *,
    id: str = "ada",
    provider: str = "test",
    email: str | None = "ada@example.com",
    name: str | None = "Ada Lovelace",
    roles: Iterable[str] = (),
    groups: Iterable[str] = (),
    claims: Mapping[str, object] | None = None,
    tokens: Mapping[str, str] | None = None,
    apis: Mapping[str, ApiHandler] | None = None,
) -> Iterator[User]:
    """Pretends that this person is signed in, while the block runs.

    Args:
        id, provider, email, name, roles, groups, claims: of the person; see ``portico.User``.
        tokens: what ``user.token(api)`` returns, by the API's name; for others it raises TokenUnavailable.
        apis: what ``portico.api(name)`` calls, by the API's name: a function from ``httpx.Request``, whose URL has
            the path below the API's, to ``httpx.Response``.
    """
    gateway = FakeGateway(tokens=tokens, apis=apis)
    person = {"sub": id, "provider": provider, "email": email, "name": name}
    lists = {"roles": list(roles), "groups": list(groups), "claims": dict(claims or {})}
    assertion = gateway.sign_in(**person, **lists)
    with _pretending(gateway, Found(assertion, None)):
        yield current_user()


@contextmanager
def signed_out() -> Iterator[None]:
    """Pretends a request that nobody is signed in for, while the block runs."""
    with _pretending(FakeGateway(), Found("", None)):
        yield


@contextmanager
def _pretending(gateway: FakeGateway, found: Found) -> Iterator[None]:
    transport = httpx.MockTransport(gateway.handle)
    ours = runtime.Runtime(gateway.settings, transport, transport, gateway.clock)
    before = runtime.use(ours), frameworks.pretended
    frameworks.pretended = found
    try:
        yield
    finally:
        runtime.use(before[0])
        frameworks.pretended = before[1]
