"""Messages between Python and the page around it. With a browser: ``packages/embed/test/python*.browser.test.ts``."""

from __future__ import annotations

import asyncio
import json
import pickle
import threading
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest
from bokeh.document import Document
from dash import Dash, Output, html

import portico
from portico import bridge
from portico.bridge import bokeh as bokeh_bridge
from portico.bridge import dash as dash_bridge
from portico.bridge.messages import plain


@pytest.mark.parametrize("name", ["", "portico:theme", bridge.PARAMETERS, 7, None])
def test_a_message_cannot_have_a_name_of_the_scripts_own(name: Any) -> None:
    with pytest.raises(ValueError, match="cannot be called"):
        bridge.send(name)


@pytest.mark.parametrize("data", [object(), {1, 2}, b"bytes"])
def test_what_json_cannot_hold_is_refused_where_it_is_sent(data: object) -> None:
    with pytest.raises(TypeError):
        bridge.send("n", data)


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError):
        bridge.send("n", float("nan"))


def test_data_is_the_same_in_every_framework() -> None:
    assert plain({1: (1, 2)}) == {"1": [1, 2]}


def test_a_failed_request_can_be_pickled() -> None:
    copy = pickle.loads(pickle.dumps(bridge.RequestFailed("timeout")))
    assert (copy.reason, str(copy), copy.status) == ("timeout", str(bridge.RequestFailed("timeout")), 504)


def test_where_no_page_is_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "FRAMEWORKS", bridge.FRAMEWORKS[:-1])
    raised: list[Exception] = []

    def work() -> None:
        try:
            bridge.send("n", 1)
        except portico.NotConfigured as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert "Streamlit script" in str(raised[0])


class Page:
    """A Dash app and the messages that the browser would bring and get."""

    def __init__(self) -> None:
        self.app = Dash("bridge")
        self.app.layout = html.Div([bridge.receiver("n", replies=["price"]), html.P(id="shown")])

    def brings(self, kind: str, output: str | None, **message: object) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """What is drawn, and what is sent."""
        client = self.app.server.test_client()
        client.get("/")
        ear = json.dumps({"name": "n" if kind == "message" else "price", "portico": kind}, separators=(",", ":"))
        key = next(one for one in self.app.callback_map if output is None or one == output)
        event = {
            "output": key,
            "outputs": {"id": "shown", "property": "children"} if output else [],
            "inputs": [{"id": json.loads(ear), "property": "message", "value": {"seq": 3, **message}}],
            "changedPropIds": [f"{ear}.message"],
            "state": [],
        }
        # Dash leaves what it knows of a coroutine's request behind in the thread.
        answer = copy_context().run(client.post, "/_dash-update-component", json=event)
        assert answer.status_code == 200
        updates = answer.json.get("sideUpdate", {}).get("portico-bridge", {})
        return answer.json.get("response", {}), sorted(updates.values(), key=lambda one: one["seq"])


def test_dash_calls_the_function_with_the_data_and_replies_with_what_it_returns() -> None:
    page = Page()
    calls: list[object] = []

    @bridge.on("n")
    def heard(data: object) -> object:
        calls.append(data)
        bridge.send("first", 1)
        return {"total": 2}

    _drawn, sent = page.brings("message", None, data=[1])
    assert calls == [[1]]
    assert [(one["kind"], one.get("name"), one["data"]) for one in sent] == [("event", "first", 1), ("reply", None, {"total": 2})]
    assert (sent[1]["to"], sent[1]["error"]) == (3, None)


def test_dash_draws_what_the_function_returns_for_an_output() -> None:
    page = Page()

    @bridge.on("n", Output("shown", "children"))  # type: ignore[untyped-decorator]
    async def heard(data: str) -> str:
        await asyncio.sleep(0)
        return data.upper()

    drawn, sent = page.brings("message", "shown.children", data="west")
    assert drawn == {"shown": {"children": "WEST"}}
    assert [(one["kind"], one["data"]) for one in sent] == [("reply", None)]


def test_dash_tells_why_a_request_failed() -> None:
    page = Page()

    @bridge.on_reply("price", Output("shown", "children"))
    def price(reply: object) -> str:
        return reply.reason if isinstance(reply, bridge.RequestFailed) else str(reply)

    assert page.brings("reply", "shown.children", data=12)[0] == {"shown": {"children": "12"}}
    assert page.brings("reply", "shown.children", error="timeout")[0] == {"shown": {"children": "timeout"}}


def test_dash_serves_the_script_that_its_component_needs() -> None:
    client = Page().app.server.test_client()
    index = client.get("/").text
    address = next(part for part in index.split('"') if "/portico/bridge/dash" in part)
    assert "window.portico_bridge" in client.get(address).text


def test_dash_keeps_each_message_in_a_property_of_its_own() -> None:
    assert {one.to_plotly_json()["type"] for one in dash_bridge.receiver(["a", "a"], []).children} == {"Sender", "Ear"}
    assert len(dash_bridge.receiver(["a", "a"], ["b"]).children) == 4


@pytest.fixture
def channel() -> Iterator[tuple[bokeh_bridge.Bridge, Any]]:
    """A bridge of a document without a browser, and the model that the browser would have."""
    document = Document()
    yield bokeh_bridge.bridge_of(document), document.roots[0]


def outbox(model: Any) -> list[dict[str, Any]]:
    """What the browser would see."""
    messages: list[dict[str, Any]] = json.loads(model.outbox)["messages"]
    return messages


def test_bokeh_keeps_what_is_sent_while_changes_are_put_together(channel: tuple[bokeh_bridge.Bridge, Any]) -> None:
    ours, model = channel
    ours.on("n", lambda data: data)
    for number in range(3):
        ours.send("picked", number)
    assert [(one["seq"], one["data"]) for one in outbox(model)] == [(1, 0), (2, 1), (3, 2)]
    assert json.loads(model.outbox)["names"] == ["n"]


def test_bokeh_replies_with_what_the_first_function_returns(channel: tuple[bokeh_bridge.Bridge, Any]) -> None:
    ours, model = channel
    ours.on("n", lambda data: data + 1)
    ours.on("n", lambda data: data + 2)
    model.inbox = {"seq": 8, "kind": "message", "name": "n", "data": 1}
    assert [(one["kind"], one["to"], one["data"]) for one in outbox(model)] == [("reply", 8, 2)]
    assert ours.last("n", None) == 1
    assert ours.last("other", "none") == "none"


def test_bokeh_says_that_a_function_failed_and_not_why(channel: tuple[bokeh_bridge.Bridge, Any]) -> None:
    ours, model = channel

    @ours.on("n", None)  # type: ignore[untyped-decorator]
    def fails(_data: object) -> None:
        raise ValueError("a secret")

    with pytest.raises(ValueError, match="a secret"):
        model.inbox = {"seq": 8, "kind": "message", "name": "n"}
    assert [(one["kind"], one["error"]) for one in outbox(model)] == [("reply", "failed")]
    assert "secret" not in model.outbox


async def test_bokeh_waits_for_the_reply_to_a_request(channel: tuple[bokeh_bridge.Bridge, Any]) -> None:
    ours, model = channel

    async def asked(answer: dict[str, object]) -> Any:
        request = asyncio.ensure_future(ours.request("price", 7))
        await asyncio.sleep(0)
        model.inbox = {"seq": 1, "kind": "reply", "to": outbox(model)[-1]["seq"], **answer}
        return await request

    assert await asked({"data": 12, "error": None}) == 12
    with pytest.raises(bridge.RequestFailed, match="no_handler"):
        await asked({"error": "no_handler"})
    assert ours.waiting == {}


def test_each_document_has_a_bridge_of_its_own() -> None:
    one, other = Document(), Document()
    assert bokeh_bridge.bridge_of(one) is bokeh_bridge.bridge_of(one)
    bokeh_bridge.bridge_of(one).send("n", "mine")
    assert outbox(bokeh_bridge.bridge_of(other).document.roots[0]) == []
