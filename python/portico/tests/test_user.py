"""``portico.user()``, ``require`` and ``requires``, and what ``portico.testing`` makes of them."""

from __future__ import annotations

import asyncio
import inspect
import pickle
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

import portico
from portico.testing import signed_in, signed_out

ENVIRONMENT = {"PORTICO_ISSUER": "https://apps.example.com", "PORTICO_AUDIENCE": "sales"}


def test_the_user_is_who_signed_in() -> None:
    with signed_in(id="ana", email="ana@example.com", name="Ana", roles=["analyst"], groups=["finance"]) as ana:
        user = portico.user()
        assert user == ana
        assert (user.id, user.email, user.name, user.provider) == ("ana", "ana@example.com", "Ana", "test")
        assert (user.roles, user.groups, user.claims) == (("analyst",), ("finance",), {})


def test_what_the_provider_does_not_tell_is_none() -> None:
    with signed_in(email=None, name=None, claims={"department": "R&D"}) as user:
        assert (user.email, user.name, user.claims) == (None, None, {"department": "R&D"})


def test_signed_in_blocks_nest_and_end() -> None:
    with signed_in(id="ada"):
        with signed_in(id="ana"):
            assert portico.user().id == "ana"
        assert portico.user().id == "ada"
    assert portico.user(optional=True) is None


def test_a_pretended_user_is_there_in_every_thread() -> None:
    seen: list[str] = []
    with signed_in(id="ana"):
        thread = threading.Thread(target=lambda: seen.append(portico.user().id))
        thread.start()
        thread.join()
    assert seen == ["ana"]


def test_the_fixture_signs_in_until_the_test_ends(portico_user: Callable[..., portico.User]) -> None:
    assert portico_user(roles=["admin"]) == portico.user()
    assert portico.require(role="admin").id == "ada"


def test_nobody_is_signed_in_on_a_request_without_an_assertion() -> None:
    with signed_out():
        assert portico.user(optional=True) is None
        with pytest.raises(portico.NotSignedIn, match="no Portico-Assertion"):
            portico.user()


def test_an_app_that_the_gateway_did_not_start_is_told_how_to_start_it() -> None:
    with pytest.raises(portico.NotConfigured, match="portico serve --dev"):
        portico.user()
    assert portico.user(optional=True) is None


def test_code_that_serves_nothing_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(portico.NotSignedIn, match="No request or session"):
        portico.user()


def test_users_are_the_same_person_by_provider_and_id() -> None:
    one = portico.User(id="ada", provider="entra", roles=("admin",))
    assert one == portico.User(id="ada", provider="entra")
    assert one != portico.User(id="ada", provider="google", roles=("admin",))
    assert len({one, portico.User(id="ada", provider="entra", email="ada@example.com")}) == 1


def test_a_user_can_be_pickled_and_shows_no_assertion() -> None:
    with signed_in(roles=["analyst"], tokens={"graph": "fresh"}) as user:
        assert user.assertion not in repr(user)
        copy = pickle.loads(pickle.dumps(user))
        assert (copy, copy.roles, copy.token("graph")) == (user, ("analyst",), "fresh")


def test_has_role_and_has_group_take_one_of_several() -> None:
    with signed_in(roles=["analyst"], groups=["finance"]) as user:
        assert user.has_role("analyst") and user.has_role("admin", "analyst")
        assert not user.has_role("admin") and not user.has_role("Analyst") and not user.has_role("finance")
        assert user.has_group("finance") and not user.has_group("analyst")
        with pytest.raises(ValueError, match="at least one"):
            user.has_role()


def test_what_was_left_out_is_unknown_and_not_empty() -> None:
    user = portico.User(id="ada", provider="test", roles=("admin",), overflow=frozenset({"groups"}))
    assert user.has_role("admin")
    with pytest.raises(portico.Forbidden, match="too many groups"):
        user.has_group("finance")


@pytest.mark.parametrize(
    ("role", "group", "allowed"),
    [
        (None, None, True),
        ("analyst", None, True),
        (["admin", "analyst"], None, True),
        ("analyst", "finance", True),
        (None, ("it", "finance"), True),
        ("admin", None, False),
        (["admin", "owner"], None, False),
        ("admin", "finance", False),
        ("analyst", "it", False),
    ],
)
def test_require_wants_one_of_each_kind(
    role: str | list[str] | None, group: str | tuple[str, ...] | None, allowed: bool
) -> None:
    with signed_in(roles=["analyst"], groups=["finance"]) as user:
        if allowed:
            assert portico.require(role=role, group=group) == user
        else:
            with pytest.raises(portico.Forbidden, match="needs the (role|group)"):
                portico.require(role=role, group=group)


def test_require_of_an_empty_list_lets_nobody_in() -> None:
    with signed_in(roles=["analyst"]), pytest.raises(ValueError, match="at least one"):
        portico.require(role=[])


class TestRequires:
    """The decorator keeps the kind of function, and checks when it is called."""

    @staticmethod
    @portico.requires(role="admin")
    def plain(x: int) -> int:
        """Doubles."""
        return 2 * x

    @staticmethod
    @portico.requires(role="admin")
    async def coroutine(x: int) -> int:
        return 2 * x

    @staticmethod
    @portico.requires(role="admin")
    def generator(x: int) -> Iterator[int]:
        yield 2 * x

    @staticmethod
    @portico.requires(role="admin")
    async def async_generator(x: int) -> AsyncIterator[int]:
        yield 2 * x

    async def all_of_them(self) -> list[int]:
        return [
            self.plain(1),
            await self.coroutine(2),
            *self.generator(3),
            *[item async for item in self.async_generator(4)],
        ]

    async def test_lets_in_who_has_the_role(self) -> None:
        with signed_in(roles=["admin"]):
            assert await self.all_of_them() == [2, 4, 6, 8]

    async def test_refuses_everybody_else(self) -> None:
        with signed_in(roles=["analyst"]):
            for call in (
                asyncio.to_thread(self.plain, 1),
                self.coroutine(1),
                asyncio.to_thread(list, self.generator(1)),
                anext(aiter(self.async_generator(1))),
            ):
                with pytest.raises(portico.Forbidden):
                    await call
        with signed_out(), pytest.raises(portico.NotSignedIn):
            await self.coroutine(1)

    def test_keeps_what_frameworks_look_at(self) -> None:
        assert inspect.iscoroutinefunction(self.coroutine)
        assert inspect.isgeneratorfunction(self.generator)
        assert inspect.isasyncgenfunction(self.async_generator)
        assert not inspect.iscoroutinefunction(self.plain)
        assert list(inspect.signature(self.plain).parameters) == ["x"]
        assert self.plain.__doc__ == "Doubles."


async def test_an_async_function_waits_for_the_gateway_beside_the_event_loop() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    @portico.requires()
    async def page() -> str:
        return portico.user().id

    with signed_in():
        from portico import runtime

        before = runtime.use(None)
        assert before is not None
        # The first look at an assertion asks the gateway for its keys.
        runtime.use(runtime.Runtime(before.settings, before.gateway.transport))
        counting = asyncio.create_task(count())
        assert await page() == "ada"
        counting.cancel()
    assert turns > 0


def test_every_status_is_one_that_http_knows() -> None:
    errors = [getattr(portico, name) for name in portico.__all__ if isinstance(getattr(portico, name), type)]
    statuses = {error.__name__: error.status for error in errors if issubclass(error, portico.PorticoError)}
    assert statuses == {
        "PorticoError": 500,
        "NotConfigured": 500,
        "NotSignedIn": 401,
        "SessionEnded": 401,
        "InvalidAssertion": 401,
        "Forbidden": 403,
        "TokenUnavailable": 502,
        "GatewayUnreachable": 503,
    }
