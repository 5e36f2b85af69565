"""The apps in ``examples/``: who is there, what an API says to them, and a friendly page without the gateway."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from bokeh.application import Application
from bokeh.application.handlers.script import ScriptHandler
from bokeh.server.server import Server
from panel.io.server import get_server
from starlette.testclient import TestClient
from streamlit.runtime import Runtime
from streamlit.testing.v1 import AppTest

from frameworks.drivers import bokeh
from portico.testing import signed_in

EXAMPLES = Path(__file__).parents[4] / "examples"
ISSUED = "2026-11-21T04:00:00.000Z"
FIGURES = f"Europe 20,160 €, Asia 9,120 € (token of {ISSUED})"


def _graph(request: httpx.Request) -> httpx.Response:
    rows = [{"region": "Europe", "revenue": 20160}, {"region": "Asia", "revenue": 9120}]
    found = request.url.path == "/reports"
    return httpx.Response(200 if found else 404, json={"value": rows, "token": {"issuedAt": ISSUED}})


@pytest.fixture
def ada() -> Iterator[None]:
    """Signed in, at a gateway that declares the API."""
    with signed_in(roles=["analyst", "viewer"], apis={"graph": _graph}):
        yield


def example(name: str) -> ModuleType:
    """An example's module, new each time."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / name / "app.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(name: str) -> str:
    """All that a Streamlit page says."""
    # AppTest puts a runtime of its own in the place of the server's, and afterwards none.
    served = Runtime._instance
    try:
        page = AppTest.from_file(str(EXAMPLES / name / "app.py"), default_timeout=60).run()
    finally:
        Runtime._instance = served
    assert not page.exception
    return "\n".join(str(element.value) for kind in ("markdown", "text") for element in page.get(kind))


def test_streamlit(ada: None) -> None:
    page = texts("streamlit")
    assert "Welcome, **Ada Lovelace**." in page
    assert "Roles: analyst, viewer" in page
    assert FIGURES in page


def test_streamlit_without_the_gateway() -> None:
    page = texts("streamlit")
    assert "Welcome, **guest**." in page
    assert "No figures: " in page
    assert "portico serve --dev" in page


@pytest.mark.parametrize("name", ["dash", "gradio"])
def test_what_dash_and_gradio_show(name: str, ada: None) -> None:
    app = example(name)
    assert (app.who(), app.roles(), app.figures()) == ("ada@example.com", "analyst, viewer", FIGURES)


@pytest.mark.parametrize("name", ["dash", "gradio"])
def test_what_dash_and_gradio_show_without_the_gateway(name: str) -> None:
    app = example(name)
    assert (app.who(), app.roles()) == ("guest", "none: start this app behind Portico")
    assert app.figures().startswith("No figures: ")


def test_dash_draws_for_whom_it_is(ada: None) -> None:
    client = example("dash").server.test_client()
    assert "ada@example.com" in client.get("/_dash-layout").text


@contextmanager
def _page(name: str) -> Iterator[str]:
    """All that a page of Bokeh or Panel says, once it has asked the API."""
    file = str(EXAMPLES / name / "app.py")
    if name == "panel":
        origin = bokeh.serve(lambda: get_server({"/app": file}, port=0, start=False))
    else:
        origin = bokeh.serve(lambda: Server({"/app": Application(ScriptHandler(filename=file))}, port=0))
    with bokeh.tab(origin, {}) as tab:
        said = "".join(str(model["attributes"].get("text")) for model in tab.models)
        # Bokeh asks at once, so the answer may be there when the WebSocket opens.
        yield said if "Europe" in said or "No figures" in said else said + tab.text()


@pytest.mark.parametrize("name", ["bokeh", "panel"])
def test_bokeh_and_panel(name: str, ada: None) -> None:
    with _page(name) as page:
        assert "ada@example.com" in page
        assert "Roles: analyst, viewer." in page
        assert FIGURES in page


@pytest.mark.parametrize("name", ["bokeh", "panel"])
def test_bokeh_and_panel_without_the_gateway(name: str) -> None:
    with _page(name) as page:
        assert "guest" in page
        assert "No figures: " in page


def test_shiny_asks_the_api(ada: None) -> None:
    assert asyncio.run(example("shiny").figures()) == FIGURES


def test_shiny_without_the_gateway() -> None:
    assert asyncio.run(example("shiny").figures()).startswith("No figures: ")


def test_marimo(ada: None) -> None:
    outputs, defined = example("marimo").app.run()
    assert defined["name"] == "ada@example.com"
    assert defined["held"] == "analyst, viewer"
    assert defined["shown"] == FIGURES


def test_marimo_without_the_gateway() -> None:
    _outputs, defined = example("marimo").app.run()
    assert defined["name"] == "guest"
    assert defined["shown"].startswith("No figures: ")


def test_fastapi(ada: None) -> None:
    client = TestClient(example("fastapi").app)
    page = client.get("/").text
    assert "<strong>ada@example.com</strong>. Roles: analyst, viewer." in page
    assert client.get("/figures").json() == FIGURES
    assert client.get("/me").json()["id"] == "ada"


def test_fastapi_without_the_gateway() -> None:
    client = TestClient(example("fastapi").app)
    assert "<strong>guest</strong>" in client.get("/").text
    assert client.get("/figures").json().startswith("No figures: ")
    assert client.get("/me").status_code == 401


def test_flask(ada: None) -> None:
    client = example("flask").app.test_client()
    assert client.post("/", data={"line": "Hello <all>"}).status_code == 303
    page = client.get("/").text
    assert "<strong>ada@example.com</strong>. Roles: analyst, viewer." in page
    assert "Hello &lt;all&gt; (Ada Lovelace)" in page
    assert client.get("/figures").text == FIGURES


def test_flask_without_the_gateway() -> None:
    client = example("flask").app.test_client()
    assert "<strong>guest</strong>" in client.get("/").text
    assert client.post("/", data={"line": "Hello"}).status_code == 401


def test_an_example_below_a_path_answers_there(ada: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTICO_BASE_PATH", "/guests")
    client = example("flask").app.test_client()
    assert [client.get(path).status_code for path in ("/guests/", "/")] == [200, 404]
    assert "/guests/figures" in client.get("/guests/").text
    assert TestClient(example("fastapi").app).get("/guests/figures").json() == FIGURES
