"""FastAPI and Starlette, with one line: the middleware."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import httpx
import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from support.pretend import gateway_in_memory

import portico
from portico.frameworks.asgi import PorticoMiddleware
from portico.frameworks.serving import serving
from portico.testing import FakeGateway

HOUR = 3600
CurrentUser = Annotated[portico.User, Depends(portico.user)]


class Clock:
    """Time that a test moves."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("portico.frameworks.serving.time.time", clock)
    return clock


@pytest.fixture
def gateway(clock: Clock) -> Iterator[FakeGateway]:
    with gateway_in_memory(tokens={"graph": "fresh"}, clock=clock) as gateway:
        yield gateway


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    app.add_middleware(PorticoMiddleware)
    app.state.seen = []

    @app.get("/async")
    async def in_the_loop() -> str:
        return portico.user().id

    @app.get("/sync")
    def in_a_thread() -> str:
        return portico.user().id

    @app.get("/dependency")
    async def dependency(user: CurrentUser) -> str:
        return user.id

    @app.get("/admin")
    @portico.requires(role="admin")
    async def admin(page: int = 1) -> str:
        return f"secret {page}"

    @app.get("/guests")
    async def guests() -> str:
        user = portico.user(optional=True)
        return user.id if user else "guest"

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def numbers() -> AsyncIterator[str]:
            for _ in range(3):
                yield portico.user().id

        return StreamingResponse(numbers())

    @app.get("/background")
    async def background(tasks: BackgroundTasks) -> str:
        tasks.add_task(lambda: app.state.seen.append(portico.user().id))
        return "later"

    @app.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        async for _ in websocket.iter_text():
            await websocket.send_json({"roles": portico.user().roles, "token": portico.user().token("graph")})

    @app.websocket("/closed")
    async def closed(websocket: WebSocket) -> None:
        portico.require(role="admin")
        await websocket.accept()
        await websocket.send_text("secret")

    return app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app)


def headers(assertion: str) -> dict[str, str]:
    return {"Portico-Assertion": assertion}


@pytest.mark.parametrize("path", ["/async", "/sync", "/dependency", "/guests"])
def test_every_kind_of_endpoint_knows_who_asks(client: TestClient, gateway: FakeGateway, path: str) -> None:
    for name in ("ada", "ana"):
        assert client.get(path, headers=headers(gateway.sign_in(sub=name))).json() == name


@pytest.mark.parametrize("path", ["/async", "/sync", "/dependency", "/admin"])
def test_nobody_gets_in_without_an_assertion(client: TestClient, gateway: FakeGateway, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.json()) == (401, {"error": "NotSignedIn"})
    assert response.headers["cache-control"] == "no-store"


def test_the_query_cannot_make_a_guest_of_the_dependency(client: TestClient, gateway: FakeGateway) -> None:
    for query in ("optional=1", "optional=true", "args=1&kwargs=1"):
        assert client.get(f"/dependency?{query}").status_code == 401


def test_a_role_is_checked_and_parameters_go_on(client: TestClient, gateway: FakeGateway) -> None:
    admin, analyst = gateway.sign_in(roles=["admin"]), gateway.sign_in(roles=["analyst"])
    assert client.get("/admin?page=2", headers=headers(admin)).json() == "secret 2"
    assert client.get("/admin", headers=headers(analyst)).status_code == 403


def test_streams_and_background_tasks_belong_to_their_request(
    app: FastAPI, client: TestClient, gateway: FakeGateway
) -> None:
    assertion = gateway.sign_in(sub="ana")
    assert client.get("/stream", headers=headers(assertion)).text == "anaanaana"
    client.get("/background", headers=headers(assertion))
    assert app.state.seen == ["ana"]


async def test_many_at_once_are_not_mixed_up(app: FastAPI, gateway: FakeGateway) -> None:
    names = [f"user-{number}" for number in range(20)]
    assertions = [gateway.sign_in(sub=name) for name in names]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        for path in ("/async", "/sync"):
            answers = await asyncio.gather(*(client.get(path, headers=headers(one)) for one in assertions))
            assert [answer.json() for answer in answers] == names


def test_an_expired_one_is_refused_on_a_request(client: TestClient, gateway: FakeGateway) -> None:
    gateway.sign_in()
    expired = gateway.assertion(next(iter(gateway.sessions)), age=HOUR)
    assert client.get("/async", headers=headers(expired)).status_code == 401


def test_a_websocket_stays_who_it_is_for_hours_and_roles_follow(
    client: TestClient, gateway: FakeGateway, clock: Clock
) -> None:
    assertion = gateway.sign_in(roles=["analyst"])
    session = next(iter(gateway.sessions.values()))
    with client.websocket_connect("/ws", headers=headers(assertion)) as socket:
        for roles in (["analyst"], ["analyst", "admin"], []):
            session["roles"] = roles
            socket.send_text("who?")
            assert socket.receive_json() == {"roles": roles, "token": "fresh"}
            clock.now += HOUR


def test_a_websocket_closes_when_the_session_is_over(client: TestClient, gateway: FakeGateway, clock: Clock) -> None:
    with client.websocket_connect("/ws", headers=headers(gateway.sign_in())) as socket:
        socket.send_text("who?")
        socket.receive_json()
        gateway.sessions.clear()
        clock.now += HOUR
        socket.send_text("who?")
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
    assert caught.value.code == 1008


def test_a_websocket_that_is_refused_never_opens(client: TestClient, gateway: FakeGateway) -> None:
    for assertion in ("", gateway.sign_in(roles=["analyst"])):
        with pytest.raises(WebSocketDisconnect):
            with client.websocket_connect("/closed", headers=headers(assertion)):
                pytest.fail("it opened")


async def test_a_task_that_outlives_its_request_is_nobody(gateway: FakeGateway) -> None:
    """A queue's worker that the first request started serves everybody: it must not stay that first person."""
    over = asyncio.Event()
    seen: list[portico.User | None] = []

    async def worker() -> None:
        seen.append(portico.user(optional=True))
        await over.wait()
        seen.append(portico.user(optional=True))

    with serving(gateway.sign_in()):
        task = asyncio.create_task(worker())
        await asyncio.sleep(0)
    over.set()
    await task
    assert [user is not None for user in seen] == [True, False]


async def test_lifespan_passes() -> None:
    kinds: list[str] = []

    async def app(scope: object, receive: object, send: object) -> None:
        assert isinstance(scope, dict)
        kinds.append(scope["type"])

    async def nothing(*_: object) -> dict[str, str]:
        return {}

    await PorticoMiddleware(app)({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]
    assert kinds == ["lifespan"]
