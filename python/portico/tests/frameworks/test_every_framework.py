"""What holds in every framework, wherever its code runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

import pytest

from frameworks.conftest import Clock
from frameworks.drivers import Ask, bokeh, dash, gradio, marimo, panel, shiny, streamlit
from portico.frameworks import find
from portico.testing import FakeGateway

Connect = Callable[[str | None], AbstractContextManager[Ask]]

PLACES: dict[str, Connect] = {
    "a Streamlit script": streamlit.script,
    "a Dash layout on Flask": dash.flask_layout,
    "a Dash callback on Flask": dash.flask_callback,
    "a Dash layout on FastAPI": dash.fastapi_layout,
    "a Dash callback on FastAPI": dash.fastapi_callback,
    "a Dash WebSocket callback": dash.websocket_callback,
    "a Dash WebSocket coroutine": dash.websocket_coroutine,
    "a Panel callback": panel.callback,
    "a Panel coroutine": panel.coroutine,
    "Panel's thread pool": panel.thread,
    "a Bokeh script": bokeh.script,
    "a Bokeh callback": bokeh.callback,
    "a Bokeh coroutine": bokeh.async_callback,
    "a Gradio event": gradio.event,
    "a Gradio event without the queue": gradio.unqueued,
    "a Gradio coroutine": gradio.coroutine,
    "a Gradio generator": gradio.generator,
    "a Shiny output": shiny.text,
    "a Shiny coroutine": shiny.coroutine,
    "a thread of a Shiny task": shiny.task,
    "a marimo cell": marimo.cell,
}

everywhere = pytest.mark.parametrize("connect", PLACES.values(), ids=PLACES.keys())


@everywhere
def test_the_verified_user_is_there_each_time_it_is_asked(connect: Connect, ada: str) -> None:
    with connect(ada) as ask:
        assert [ask(), ask()] == ["ada analyst", "ada analyst"]


@everywhere
def test_without_the_header_nobody_is_there(connect: Connect, gateway: FakeGateway) -> None:
    with connect(None) as ask:
        assert ask() == "nobody"
    assert gateway.requests == []


@everywhere
def test_a_forged_assertion_is_nobody(connect: Connect, gateway: FakeGateway, ada: str) -> None:
    other_gateway = FakeGateway()
    with connect(other_gateway.sign_in(sub="ada", roles=["admin"])) as ask:
        assert ask() == "InvalidAssertion"


@everywhere
def test_an_hour_later_roles_follow_the_session(connect: Connect, gateway: FakeGateway, clock: Clock, ada: str) -> None:
    with connect(ada) as ask:
        assert ask() == "ada analyst"
        (session,) = gateway.sessions
        gateway.sessions[session]["roles"] = ["reader"]
        clock.ahead += 3600
        assert ask() == "ada reader"


@everywhere
def test_when_the_session_is_over_nobody_is_there(connect: Connect, gateway: FakeGateway, clock: Clock, ada: str) -> None:
    with connect(ada) as ask:
        assert ask() == "ada analyst"
        gateway.sessions.clear()
        clock.ahead += 3600
        assert ask() == "nobody"


@everywhere
def test_two_people_at_once_stay_themselves(connect: Connect, ada: str, bob: str) -> None:
    with ExitStack() as stack:
        asks = [stack.enter_context(connect(one)) for one in (ada, bob)]
        assert [[ask() for ask in asks] for _ in range(3)] == [["ada analyst", "bob admin"]] * 3


def test_outside_of_all_of_them_nothing_is_served() -> None:
    assert find() is None
