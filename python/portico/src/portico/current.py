"""Who is looking now: ``user``, ``require`` and ``requires``."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any, Literal, ParamSpec, TypeVar, cast, overload

from portico.config import HINT, is_configured
from portico.errors import Forbidden, NotConfigured, NotSignedIn, SessionEnded
from portico.frameworks import Found, find
from portico.runtime import runtime
from portico.users import User

P = ParamSpec("P")
R = TypeVar("R")
OneOrMore = str | Iterable[str] | None


@overload
def user() -> User: ...
@overload
def user(*, optional: Literal[False]) -> User: ...
@overload
def user(*, optional: bool) -> User | None: ...
def user(*, optional: bool = False) -> User | None:
    """The verified person whose request or session runs this code.

    Costs a look-up. When the assertion is older than five minutes, as on a WebSocket that stays open, the gateway
    is asked once for a fresh one, so roles and groups follow the session.

    Args:
        optional: return None instead of raising NotSignedIn, for pages that guests may see. A forged assertion
            raises nevertheless.

    Raises:
        NotSignedIn: nobody is signed in; as SessionEnded, not any more.
        InvalidAssertion: the assertion is not valid.
        NotConfigured: the gateway did not start this app.
        GatewayUnreachable: the gateway does not answer.
    """
    found = find()
    if found is None or not found.assertion:
        if optional:
            return None
        raise nobody(found)
    try:
        return runtime().identities.user(*found)
    except SessionEnded:
        if optional:
            return None
        raise


# FastAPI would take `optional` for a parameter of the query: Depends(portico.user) and `?optional=1` made a guest of anybody.
user.__signature__ = inspect.Signature(return_annotation=User)  # type: ignore[attr-defined]


def require(*, role: OneOrMore = None, group: OneOrMore = None) -> User:
    """Checks now, and returns the user.

    Args:
        role: a role, or several of which one is enough.
        group: a group, or several of which one is enough. With both, both have to hold.

    Raises:
        Forbidden: the person lacks it, or has too many for anybody to know.
        NotSignedIn, InvalidAssertion, NotConfigured, GatewayUnreachable: as ``portico.user()``.
    """
    person = user()
    for kind, wanted, has in (("role", role, person.has_role), ("group", group, person.has_group)):
        names = () if wanted is None else (wanted,) if isinstance(wanted, str) else tuple(wanted)
        if wanted is not None and not has(*names):
            raise Forbidden(f"This needs the {kind} {' or '.join(names)}.")
    return person


def requires(*, role: OneOrMore = None, group: OneOrMore = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorates a function, a coroutine function or a generator: each call begins with ``require``.

    ``@portico.requires()`` asks only that somebody is signed in. Place it below the decorators of the framework,
    so that what the framework calls is the checked function.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        check = functools.partial(require, role=role, group=group)
        call: Callable[..., Any] = function
        return cast(Callable[P, R], functools.wraps(function)(_checked(call, check)))

    return decorate


def _checked(call: Callable[..., Any], check: Callable[[], User]) -> Callable[..., Any]:
    # The same kind of function again, because frameworks look at the kind.
    async def coroutine(*args: Any, **kwargs: Any) -> Any:
        await _prepare()
        check()
        return await call(*args, **kwargs)

    async def async_generator(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        await _prepare()
        check()
        async for item in call(*args, **kwargs):
            yield item

    def generator(*args: Any, **kwargs: Any) -> Iterator[Any]:
        check()
        yield from call(*args, **kwargs)

    def function(*args: Any, **kwargs: Any) -> Any:
        check()
        return call(*args, **kwargs)

    if inspect.iscoroutinefunction(call):
        return coroutine
    if inspect.isasyncgenfunction(call):
        return async_generator
    return generator if inspect.isgeneratorfunction(call) else function


async def _prepare() -> None:
    """Asks the gateway, if it has to be asked, in a thread, so that the event loop goes on."""
    found = find()
    if found is not None and found.assertion:
        identities = runtime().identities
        if identities.known(*found) is None:
            await asyncio.to_thread(identities.user, *found)


def nobody(found: Found | None) -> NotSignedIn | NotConfigured:
    """The exception for what is served without an assertion, or outside of everything."""
    if found is not None:
        return NotSignedIn("Nobody is signed in: what is served here carries no Portico-Assertion header.")
    if not is_configured():
        return NotConfigured(f"The environment variable PORTICO_ISSUER is not set. {HINT}")
    return NotSignedIn(
        "No request or session is being served here. In a thread of your own, take the user along from where it was "
        "started; in FastAPI or Starlette, add portico.frameworks.asgi.PorticoMiddleware to the app."
    )
