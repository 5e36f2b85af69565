"""What is special in Dash: background callbacks run in another process, WebSocket callbacks see no headers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextvars import copy_context
from importlib.metadata import entry_points
from pathlib import Path
from time import monotonic, sleep

import diskcache
import httpx
import pytest
from dash import DiskcacheManager, Input, Output
from starlette.testclient import TestClient

import portico
from frameworks.drivers import dash, headers, who
from portico.testing import FakeGateway
from support.server import served_gateway


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGateway]:
    """A gateway on a port: a process of its own asks for itself."""
    apis = {"graph": lambda request: httpx.Response(200, json={"token": request.headers["authorization"]})}
    with served_gateway(tokens={"graph": "fresh"}, apis=apis) as gateway:
        for name, value in gateway.environment.items():
            monkeypatch.setenv(name, value)
        yield gateway


def _background(tmp_path: Path, assertion: str | None) -> str:
    """Presses the button of an app whose callback runs in another process, and returns what that shows."""
    app = dash.page(background_callback_manager=DiskcacheManager(diskcache.Cache(str(tmp_path))))
    parent = os.getpid()

    @app.callback(Output("background", "children"), Input("look", "n_clicks"), background=True)  # type: ignore[untyped-decorator]
    def look(_clicks: int) -> str:
        person = who()
        data = portico.api("graph").get("/me").json() if person != "nobody" else None
        return f"{person} {data} {os.getpid() != parent}"

    client, url = app.server.test_client(), "/_dash-update-component"
    started = client.post(url, json=dash.event("background"), headers=headers(assertion)).json
    asked = {name: started[name] for name in ("cacheKey", "job")}
    until = monotonic() + 30
    while monotonic() < until:
        answer = client.post(url, query_string=asked, json=dash.event("background"), headers=headers(assertion)).json
        if answer and "response" in answer:
            return dash.shown(answer, "background")
        sleep(0.05)
    raise AssertionError("the background callback did not end")


def test_after_a_coroutine_its_thread_knows_only_the_person_of_the_next_request(ada: str, bob: str) -> None:
    app = dash.page()

    @app.callback(Output("coroutine", "children"), Input("look", "n_clicks"))  # type: ignore[untyped-decorator]
    async def look(_clicks: int) -> str:
        return who()

    client = app.server.test_client()

    def visits() -> None:
        answer = client.post("/_dash-update-component", json=dash.event("coroutine"), headers=headers(ada)).json
        assert dash.shown(answer, "coroutine") == "ada analyst"
        for assertion, person in ((bob, "bob admin"), (None, "nobody")):
            layout = client.get("/_dash-layout", headers=headers(assertion)).json
            assert layout["props"]["children"][0]["props"]["children"] == person

    copy_context().run(visits)


def test_a_background_callback_knows_who_started_it_and_calls_apis_for_them(served: FakeGateway, tmp_path: Path) -> None:
    # The parent has asked the gateway already: the child must not share its connection.
    assertion = served.sign_in(sub="ada", roles=["analyst"])
    with dash.flask_callback(assertion) as ask:
        assert ask() == "ada analyst"
    assert _background(tmp_path, assertion) == "ada analyst {'token': 'Bearer fresh'} True"


def test_a_background_callback_without_the_header_is_nobodys(served: FakeGateway, tmp_path: Path) -> None:
    assert _background(tmp_path, None) == "nobody None True"


def test_two_websockets_at_once_keep_apart_whose_callbacks_they_carry(ada: str, bob: str) -> None:
    with dash.websocket_callback(ada) as hers, dash.websocket_callback(bob) as his:
        assert [hers(), his(), hers(), his()] == ["ada analyst", "bob admin"] * 2


def test_a_request_beside_a_websocket_is_its_own_senders(ada: str, bob: str) -> None:
    client = TestClient(dash._fastapi().server)
    with dash.websocket_callback(ada) as hers:
        answer = client.post("/_dash-update-component", json=dash.event("sync"), headers=headers(bob)).json()
        assert [hers(), dash.shown(answer, "sync")] == ["ada analyst", "bob admin"]


def test_dash_loads_the_hooks_by_itself() -> None:
    pyproject = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert '[project.entry-points.dash_hooks]\nportico = "portico.frameworks.dash"' in pyproject
    # Where the package is installed, Dash finds it there.
    assert all(one.value == "portico.frameworks.dash" for one in entry_points(group="dash_hooks") if one.name == "portico")


def test_an_app_without_dash_does_not_load_it() -> None:
    code = "import sys, portico; portico.user(optional=True); print(sorted({'dash', 'flask', 'bokeh'} & set(sys.modules)))"
    source = str(Path(portico.__file__).parents[1])
    ran = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": source}, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
