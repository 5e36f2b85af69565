"""Identity follows the session: what is remembered, renewed, shared and refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from portico import frameworks
from portico.claims import LEEWAY, MAX_LIFETIME
from portico.errors import GatewayUnreachable, InvalidAssertion, NotConfigured, SessionEnded
from portico.identities import FAILURE_PAUSE, Identities
from portico.runtime import Runtime
from portico.testing import FakeGateway


HOUR = 3600


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gateway(clock: Clock) -> FakeGateway:
    return FakeGateway(clock=clock)


@pytest.fixture
def identities(gateway: FakeGateway, clock: Clock) -> Identities:
    return Runtime(gateway.settings, httpx.MockTransport(gateway.handle), clock=clock).identities


def exchanges(gateway: FakeGateway) -> int:
    return sum(request.url.path == "/.auth/token" for request in gateway.requests)


def sid_of(gateway: FakeGateway) -> str:
    return next(iter(gateway.sessions))


def test_a_known_assertion_is_not_verified_again(identities: Identities, gateway: FakeGateway) -> None:
    assertion = gateway.sign_in(roles=["analyst"])
    user = identities.user(assertion)
    assert identities.user(assertion) is user
    assert identities.known(assertion) is user
    assert len(gateway.requests) == 1  # the keys


def test_an_assertion_that_got_old_is_renewed_and_roles_follow(
    identities: Identities, gateway: FakeGateway, clock: Clock
) -> None:
    assertion = gateway.sign_in(roles=["analyst"])
    assert identities.user(assertion).roles == ("analyst",)
    for roles in (["analyst", "admin"], [], ["viewer"]):
        gateway.sessions[sid_of(gateway)]["roles"] = roles
        clock.now += HOUR
        assert identities.user(assertion).roles == tuple(roles)
    assert exchanges(gateway) == 3


def test_a_process_that_never_saw_it_fresh_asks_the_gateway(
    identities: Identities, gateway: FakeGateway, clock: Clock
) -> None:
    assertion = gateway.sign_in()
    clock.now += HOUR
    assert identities.user(assertion).id == "ada"
    assert exchanges(gateway) == 1


def test_a_thousand_callers_of_one_expired_assertion_make_one_request(
    identities: Identities, gateway: FakeGateway, clock: Clock
) -> None:
    assertion = gateway.sign_in()
    identities.user(assertion)
    clock.now += HOUR
    together = threading.Barrier(50)

    def ask(_: int) -> str:
        together.wait()
        return identities.user(assertion).id

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(ask, range(1000))) == ["ada"] * 1000
    assert exchanges(gateway) == 1


def test_connections_of_one_session_share_what_is_newest(
    identities: Identities, gateway: FakeGateway, clock: Clock
) -> None:
    first = gateway.sign_in(roles=["analyst"])
    identities.user(first)
    clock.now += HOUR
    gateway.sessions[sid_of(gateway)]["roles"] = []
    later = gateway.assertion(sid_of(gateway))
    assert identities.user(later).roles == ()
    assert identities.user(first).roles == ()
    assert exchanges(gateway) == 0


def test_an_older_assertion_does_not_bring_back_a_role(
    identities: Identities, gateway: FakeGateway, clock: Clock
) -> None:
    older = gateway.sign_in(roles=["admin"])
    clock.now += 60
    gateway.sessions[sid_of(gateway)]["roles"] = []
    identities.user(gateway.assertion(sid_of(gateway)))
    assert identities.user(older).roles == ()


def test_sessions_do_not_share_anything(identities: Identities, gateway: FakeGateway, clock: Clock) -> None:
    assertions = {name: gateway.sign_in(sub=name, roles=[name]) for name in ("ada", "ana", "vik")}
    for pause in (0, HOUR):
        clock.now += pause
        for name, assertion in assertions.items():
            assert (identities.user(assertion).id, identities.user(assertion).roles) == (name, (name,))


def test_a_session_that_is_over_is_over(identities: Identities, gateway: FakeGateway, clock: Clock) -> None:
    assertion = gateway.sign_in()
    identities.user(assertion)
    gateway.sessions.clear()
    clock.now += HOUR
    with pytest.raises(SessionEnded):
        identities.user(assertion)


def test_a_failure_is_shared_for_a_moment_and_then_tried_again(
    gateway: FakeGateway, clock: Clock
) -> None:
    down = threading.Event()

    def handle(request: httpx.Request) -> httpx.Response:
        if down.is_set() and request.url.path == "/.auth/token":
            gateway.requests.append(request)
            raise httpx.ConnectError("refused", request=request)
        return gateway.handle(request)

    identities = Runtime(gateway.settings, httpx.MockTransport(handle), clock=clock).identities
    assertion = gateway.sign_in()
    identities.user(assertion)
    clock.now += HOUR
    down.set()
    for _ in range(5):
        with pytest.raises(GatewayUnreachable):
            identities.user(assertion)
    assert exchanges(gateway) == 1
    down.clear()
    clock.now += FAILURE_PAUSE
    assert identities.user(assertion).id == "ada"


@pytest.mark.parametrize(
    "answer",
    [
        lambda gateway, sid: gateway.assertion(sid, sub="mallory"),
        lambda gateway, sid: gateway.assertion(sid, provider="other"),
        lambda gateway, sid: gateway.assertion(sid, sid="other"),
        lambda gateway, sid: gateway.assertion(sid, age=HOUR),
    ],
    ids=["another person", "another provider", "another session", "an expired one"],
)
def test_a_renewal_cannot_change_who_it_is(
    gateway: FakeGateway, clock: Clock, answer: Callable[[FakeGateway, str], str]
) -> None:
    real = Runtime(gateway.settings, httpx.MockTransport(gateway.handle), clock=clock)
    assertion = gateway.sign_in()
    real.identities.user(assertion)
    identities = Identities(real.identities._verify, lambda _: answer(gateway, sid_of(gateway)), clock)
    clock.now += HOUR
    with pytest.raises(SessionEnded):
        identities.user(assertion)


class TestWithoutACredential:
    """PORTICO_APP_SECRET is not there, so nothing can be renewed."""

    @pytest.fixture
    def identities(self, gateway: FakeGateway, clock: Clock) -> Iterator[Identities]:
        real = Runtime(gateway.settings, httpx.MockTransport(gateway.handle), clock=clock).identities
        yield Identities(real._verify, None, clock)

    def test_what_was_verified_in_time_holds_for_its_connection(
        self, identities: Identities, gateway: FakeGateway, clock: Clock
    ) -> None:
        assertion = gateway.sign_in()
        identities.user(assertion)
        clock.now += 10 * HOUR
        assert identities.user(assertion).id == "ada"

    def test_what_was_not_is_refused(self, identities: Identities, gateway: FakeGateway, clock: Clock) -> None:
        assertion = gateway.sign_in()
        clock.now += HOUR
        with pytest.raises(InvalidAssertion):
            identities.user(assertion)


class TestAnAssertionThatSomebodyStole:
    """It had expired before the request began that brings it, so the gateway did not send it."""

    def test_is_refused_when_it_was_never_seen(
        self, identities: Identities, gateway: FakeGateway, clock: Clock
    ) -> None:
        assertion = gateway.sign_in()
        clock.now += HOUR
        with pytest.raises(InvalidAssertion):
            identities.user(assertion, clock.now)
        assert exchanges(gateway) == 0

    def test_is_refused_when_it_is_remembered(
        self, identities: Identities, gateway: FakeGateway, clock: Clock
    ) -> None:
        assertion = gateway.sign_in()
        identities.user(assertion, clock.now)
        clock.now += HOUR
        with pytest.raises(InvalidAssertion):
            identities.user(assertion, clock.now)

    def test_is_no_older_than_a_connection_that_is_still_open(
        self, identities: Identities, gateway: FakeGateway, clock: Clock
    ) -> None:
        assertion = gateway.sign_in()
        opened = clock.now + MAX_LIFETIME + LEEWAY - 1
        clock.now += HOUR
        assert identities.user(assertion, opened).id == "ada"


def test_no_more_is_remembered_than_the_size_allows(gateway: FakeGateway, clock: Clock) -> None:
    real = Runtime(gateway.settings, httpx.MockTransport(gateway.handle), clock=clock).identities
    identities = Identities(real._verify, None, clock, size=3)
    assertions = [gateway.sign_in(sub=str(number)) for number in range(10)]
    for assertion in assertions:
        identities.user(assertion)
    assert [identities.known(assertion) is not None for assertion in assertions] == [False] * 7 + [True] * 3
    assert len(identities._sessions) == 3


def test_a_wrong_credential_is_named(gateway: FakeGateway, clock: Clock) -> None:
    wrong = replace(gateway.settings, secret="a-secret-of-another-app")
    identities = Runtime(wrong, httpx.MockTransport(gateway.handle), clock=clock).identities
    assertion = gateway.sign_in()
    clock.now += HOUR
    with pytest.raises(NotConfigured, match="PORTICO_APP_SECRET"):
        identities.user(assertion)


def test_the_keys_of_another_gateway_open_nothing(gateway: FakeGateway, clock: Clock) -> None:
    stranger = FakeGateway(clock=clock)
    identities = Runtime(gateway.settings, httpx.MockTransport(gateway.handle), clock=clock).identities
    with pytest.raises(InvalidAssertion):
        identities.user(stranger.sign_in())


def test_nothing_is_served_outside_a_request() -> None:
    assert frameworks.find() is None
