"""Flask, found by itself."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import flask
import pytest
from support.pretend import gateway_in_memory

import portico
from portico.frameworks.flask import init_app
from portico.testing import FakeGateway

HOUR = 3600


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    with gateway_in_memory(tokens={"graph": "fresh"}) as gateway:
        yield gateway


@pytest.fixture
def app() -> flask.Flask:
    app = flask.Flask("test")
    init_app(app)

    @app.get("/")
    def home() -> str:
        return portico.user().id

    @app.get("/guests")
    def guests() -> str:
        user = portico.user(optional=True)
        return user.id if user else "guest"

    @app.get("/admin")
    @portico.requires(role="admin")
    def admin() -> str:
        return "secret"

    @app.get("/token")
    def token() -> str:
        return portico.user().token("graph")

    @app.get("/stream")
    def stream() -> flask.Response:
        def numbers() -> Iterator[str]:
            for _ in range(3):
                yield portico.user().id

        return flask.Response(flask.stream_with_context(numbers()))

    return app


def get(app: flask.Flask, path: str, *assertions: str) -> tuple[int, str]:
    headers = [("Portico-Assertion", assertion) for assertion in assertions]
    response = app.test_client().get(path, headers=headers)
    return response.status_code, response.get_data(as_text=True)


def test_a_view_knows_who_asks(app: flask.Flask, gateway: FakeGateway) -> None:
    ada, ana = gateway.sign_in(sub="ada"), gateway.sign_in(sub="ana")
    assert [get(app, "/", one) for one in (ada, ana, ada)] == [(200, "ada"), (200, "ana"), (200, "ada")]
    assert get(app, "/stream", ana) == (200, "anaanaana")
    assert get(app, "/token", ana) == (200, "fresh")


def test_many_at_once_are_not_mixed_up(app: flask.Flask, gateway: FakeGateway) -> None:
    names = [f"user-{number}" for number in range(20)]
    assertions = [gateway.sign_in(sub=name) for name in names]
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda one: get(app, "/", one), assertions * 5)
        assert [text for _, text in answers] == names * 5


def test_a_role_is_checked(app: flask.Flask, gateway: FakeGateway) -> None:
    assert get(app, "/admin", gateway.sign_in(roles=["admin"])) == (200, "secret")
    status, body = get(app, "/admin", gateway.sign_in(roles=["analyst"]))
    assert (status, body.strip()) == (403, '{"error":"Forbidden"}')


def test_nobody_gets_in_without_an_assertion(app: flask.Flask, gateway: FakeGateway) -> None:
    for path in ("/", "/admin", "/token"):
        assert get(app, path)[0] == 401
    assert get(app, "/guests") == (200, "guest")


@pytest.mark.parametrize("assertion", ["", "x", "a.b.c", "null", "x" * 3000, "é.é.é"])
def test_nonsense_is_nobody(app: flask.Flask, gateway: FakeGateway, assertion: str) -> None:
    status, _ = get(app, "/", assertion)
    assert status == 401


def test_a_forged_one_raises_even_where_guests_may_come(app: flask.Flask, gateway: FakeGateway) -> None:
    stranger = FakeGateway()
    assert get(app, "/guests", stranger.sign_in(sub="ada"))[0] == 401


def test_an_expired_one_is_refused_on_a_request(app: flask.Flask, gateway: FakeGateway) -> None:
    gateway.sign_in()
    assert get(app, "/", gateway.assertion(next(iter(gateway.sessions)), age=HOUR))[0] == 401


def test_headers_of_other_profiles_make_nobody_of_anybody(app: flask.Flask, gateway: FakeGateway) -> None:
    headers = {
        "X-MS-CLIENT-PRINCIPAL-NAME": "ada@example.com",
        "X-Forwarded-User": "ada",
        "X-Forwarded-Email": "ada@example.com",
        "Remote-User": "ada",
        "Authorization": f"Bearer {gateway.sign_in()}",
        "Cookie": f"Portico-Assertion={gateway.sign_in()}",
    }
    assert app.test_client().get("/", headers=headers).status_code == 401


def test_outside_a_request_flask_says_nothing(app: flask.Flask, gateway: FakeGateway) -> None:
    with app.app_context():
        assert portico.user(optional=True) is None
