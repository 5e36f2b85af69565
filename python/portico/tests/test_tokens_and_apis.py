"""Tokens and calls through the gateway, against the gateway in memory and a real server."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import httpx
import pytest
from support.server import served_gateway

import portico
from portico import frameworks, runtime
from portico.config import read_settings
from portico.frameworks import Found
from portico.testing import FakeGateway, signed_in, signed_out


def echo(request: httpx.Request) -> httpx.Response:
    """An API that says what it was asked."""
    return httpx.Response(
        200,
        json={
            "method": request.method,
            "url": str(request.url),
            "headers": dict(request.headers),
            "body": request.content.decode(),
        },
    )


def test_a_token_is_fresh_whenever_asked() -> None:
    tokens = {"graph": "first"}
    with signed_in(tokens=tokens) as user:
        assert user.token("graph") == "first"
        tokens["graph"] = "second"
        assert user.token("graph") == "second"


def test_a_token_that_is_not_to_be_had_says_why() -> None:
    with signed_in() as user, pytest.raises(portico.TokenUnavailable) as caught:
        user.token("graph")
    assert caught.value.code == "invalid_target"


def test_the_request_for_a_token_is_what_rfc_8693_says() -> None:
    gateway = FakeGateway(tokens={"graph": "t"})
    client = runtime.Runtime(gateway.settings, httpx.MockTransport(gateway.handle)).gateway
    assertion = gateway.sign_in()
    client.access_token(assertion, "graph", ["User.Read", "Mail.Read"])
    client.access_token(assertion, "graph", "User.Read")
    client.fresh_assertion(assertion)
    forms = [parse_qs(request.content.decode()) for request in gateway.requests]
    common = {
        "grant_type": ["urn:ietf:params:oauth:grant-type:token-exchange"],
        "subject_token": [assertion],
        "subject_token_type": ["urn:ietf:params:oauth:token-type:jwt"],
    }
    access = {"requested_token_type": ["urn:ietf:params:oauth:token-type:access_token"], "audience": ["graph"]}
    assert forms == [
        common | access | {"scope": ["User.Read Mail.Read"]},
        common | access | {"scope": ["User.Read"]},
        common | {"requested_token_type": ["urn:ietf:params:oauth:token-type:jwt"]},
    ]
    basic = gateway.requests[0].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(basic).decode() == f"app:{gateway.settings.secret}"


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "invalid_client", portico.NotConfigured),
        (400, "invalid_grant", portico.SessionEnded),
        (400, "invalid_request", portico.TokenUnavailable),
        (400, "invalid_target", portico.TokenUnavailable),
        (400, "invalid_scope", portico.TokenUnavailable),
        (403, "access_denied", portico.TokenUnavailable),
        (503, "temporarily_unavailable", portico.TokenUnavailable),
    ],
)
def test_each_refusal_has_its_exception(status: int, code: str, error: type[portico.PorticoError]) -> None:
    body = {"error": code, "error_description": "A safe sentence."}
    answer = httpx.Response(status, json=body, headers={"Retry-After": "7"})
    settings = FakeGateway().settings
    client = runtime.Runtime(settings, httpx.MockTransport(lambda _: answer)).gateway
    with pytest.raises(error, match="A safe sentence") as caught:
        client.access_token("assertion", "graph")
    if isinstance(caught.value, portico.TokenUnavailable):
        assert (caught.value.code, caught.value.retry_after) == (code, 7.0)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>a page of somebody else</html>"),
        httpx.Response(200, json={"access_token": ""}),
        httpx.Response(200, json=["token"]),
        httpx.Response(502, text="Bad Gateway"),
        httpx.Response(302, headers={"Location": "https://elsewhere.example.com/"}),
    ],
)
def test_an_answer_that_is_none_of_a_gateway_gives_no_token(answer: httpx.Response) -> None:
    client = runtime.Runtime(FakeGateway().settings, httpx.MockTransport(lambda _: answer)).gateway
    with pytest.raises(portico.GatewayUnreachable):
        client.access_token("assertion", "graph")


def test_an_app_without_a_credential_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTICO_ISSUER", "https://apps.example.com")
    monkeypatch.setenv("PORTICO_AUDIENCE", "sales")
    user = portico.User(id="ada", provider="test", assertion="x")
    with pytest.raises(portico.NotConfigured, match="PORTICO_APP_SECRET"):
        user.token("graph")


class TestApi:
    """``portico.api``."""

    def test_calls_with_path_query_body_and_the_token_that_the_gateway_attaches(self) -> None:
        with signed_in(tokens={"graph": "fresh"}, apis={"graph": echo}):
            graph = portico.api("graph")
            seen = graph.post("/me/messages", params={"top": 3}, json={"subject": "x"}).json()
            assert (seen["method"], seen["url"]) == ("POST", "https://graph.test/me/messages?top=3")
            assert json.loads(seen["body"]) == {"subject": "x"}
            assert seen["headers"]["authorization"] == "Bearer fresh"
            assert "portico-assertion" not in seen["headers"]
            calls = (graph.get, graph.put, graph.patch, graph.delete)
            assert [call("me").json()["method"] for call in calls] == ["GET", "PUT", "PATCH", "DELETE"]

    def test_returns_the_answer_of_the_api_whatever_its_status(self) -> None:
        refuse = httpx.Response(403, json={"error": "invalid_grant"})
        with signed_in(apis={"graph": lambda _: refuse}):
            assert portico.api("graph").get("/me").status_code == 403

    def test_raises_when_the_gateway_did_not_call(self) -> None:
        with signed_in(), pytest.raises(portico.TokenUnavailable) as caught:
            portico.api("graph").get("/me")
        assert caught.value.code == "invalid_target"

    def test_belongs_to_whoever_is_looking_when_a_call_is_made(self) -> None:
        graph = portico.api("graph")
        for name in ("ada", "ana"):
            with signed_in(id=name, apis={"graph": lambda _, name=name: httpx.Response(200, text=name)}):  # type: ignore[misc]
                assert graph.get("/me").text == name
        with signed_out(), pytest.raises(portico.NotSignedIn):
            graph.get("/me")

    def test_keeps_to_a_person_for_threads(self) -> None:
        with signed_in(apis={"graph": echo}) as user:
            found, frameworks.pretended = frameworks.pretended, None
            try:
                with ThreadPoolExecutor() as pool:
                    answer = pool.submit(lambda: portico.api("graph", user=user).get("/me")).result()
                with pytest.raises(portico.NotConfigured):
                    portico.api("graph").get("/me")
            finally:
                frameworks.pretended = found
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        "path",
        [
            "https://evil.example.com/me",
            "//evil.example.com/me",
            "../../token",
            "/../other/me",
            "%2e%2e/other/me",
            "https://portico.test/.auth/token",
            "https://portico.test/.auth/api/graph2/me",
            "https://portico.test@evil.example.com/.auth/api/graph/me",
        ],
    )
    def test_never_sends_its_secrets_anywhere_else(self, path: str) -> None:
        asked: list[httpx.Request] = []

        def api(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            return httpx.Response(200)

        with signed_in(apis={"graph": api, "other": api, "graph2": api}):
            try:
                portico.api("graph").get(path)
            except (ValueError, portico.TokenUnavailable):
                pass
        assert [request.url.host for request in asked] in ([], ["graph.test"])

    def test_does_not_follow_the_api_to_another_place(self) -> None:
        away = httpx.Response(302, headers={"Location": "https://evil.example.com/"})
        with signed_in(apis={"graph": lambda _: away}):
            assert portico.api("graph").get("/me").status_code == 302
            with portico.api("graph").client() as client, pytest.raises(ValueError, match="give a path"):
                client.get("/me", follow_redirects=True)

    def test_shows_no_secret_in_the_answer(self) -> None:
        with signed_in(apis={"graph": echo}) as user:
            answer = portico.api("graph").get("/me")
        assert "authorization" not in answer.request.headers
        assert user.assertion not in str(answer.request.headers)

    async def test_has_an_async_client(self) -> None:
        with signed_in(tokens={"graph": "fresh"}, apis={"graph": echo}):
            async with portico.api("graph").async_client() as client:
                seen = (await client.get("/me")).json()
                assert seen["headers"]["authorization"] == "Bearer fresh"
                with pytest.raises(ValueError, match="give a path"):
                    await client.get("https://evil.example.com/me")
            async with portico.api("none").async_client() as client:
                with pytest.raises(portico.TokenUnavailable):
                    await client.get("/me")


class TestOverTheNetwork:
    """With the environment of a started app, and real connections."""

    @pytest.fixture
    def gateway(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGateway]:
        with served_gateway(tokens={"graph": "fresh"}, apis={"graph": echo}) as gateway:
            for name, value in gateway.environment.items():
                monkeypatch.setenv(name, value)
            monkeypatch.setattr(frameworks, "pretended", Found(gateway.sign_in(roles=["analyst"]), None))
            yield gateway
            runtime.runtime().gateway.close()

    def test_everything_works(self, gateway: FakeGateway) -> None:
        assert portico.require(role="analyst").token("graph") == "fresh"
        assert portico.api("graph").get("/me").json()["url"] == "https://graph.test/me"

    async def test_and_from_async_code(self, gateway: FakeGateway) -> None:
        async with portico.api("graph").async_client() as client:
            assert (await client.get("/me")).status_code == 200

    def test_a_proxy_of_the_environment_never_sees_the_credential(
        self, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        assert portico.user().token("graph") == "fresh"
        assert portico.api("graph").get("/me").status_code == 200

    def test_nothing_secret_is_logged(self, gateway: FakeGateway, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        user = portico.user()
        user.token("graph")
        portico.api("graph").get("/me")
        assert caplog.records
        basic = runtime.runtime().gateway.authorization()
        for secret in (gateway.settings.secret, basic, user.assertion, "fresh"):
            assert secret is not None and secret not in caplog.text

    def test_a_gateway_that_is_gone_is_named(self, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PORTICO_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("PORTICO_JWKS_URL", "http://127.0.0.1:1/.auth/jwks.json")
        runtime.use(None)
        with pytest.raises(portico.GatewayUnreachable, match=r"http://127\.0\.0\.1:1 "):
            portico.user()
        with pytest.raises(portico.GatewayUnreachable):
            portico.api("graph").get("/me")

    def test_settings_are_those_of_the_environment(self, gateway: FakeGateway) -> None:
        assert read_settings() == gateway.settings
