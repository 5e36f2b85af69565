"""What is special in Bokeh and Panel: one page has two requests, and their own idea of whose turn it is can be wrong."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

import httpx
import panel as pn
import pytest
from bokeh.document import Document, without_document_lock
from bokeh.io import curdoc
from bokeh.io.doc import patch_curdoc
from bokeh.models import Div, TextInput
from bokeh.server.server import Server
from panel.io.server import get_server

from frameworks.drivers import bokeh, headers, panel, who
from portico.testing import FakeGateway

# Seconds; longer than anything here takes.
PATIENCE = 20

serving = pytest.mark.parametrize("server", [bokeh._server, panel.server], ids=["Bokeh", "Panel"])


@serving
def test_the_assertion_is_nowhere_in_the_page(server: Callable[[], str], ada: str) -> None:
    html = httpx.get(f"{server()}/app", headers=headers(ada)).text
    assert "token" in html
    assert ada not in html


def _page(change: Callable[[Document, Div, str], None]) -> str:
    def app(document: Document) -> None:
        field, answer = TextInput(name="look"), Div()
        field.on_change("value", lambda _name, _old, new: change(document, answer, new))
        document.add_root(field)
        document.add_root(answer)

    return bokeh.serve(lambda: Server({"/app": app}, port=0, include_headers=bokeh.INCLUDED))


def test_the_person_at_the_websocket_counts_and_not_the_one_whose_page_it_was(ada: str, bob: str) -> None:
    with bokeh.tab(bokeh._server(), page=headers(ada), socket=headers(bob)) as page:
        assert page.change("look", "event") == "event bob admin"


def test_a_websocket_without_the_header_is_nobody_on_anybodys_page(gateway: FakeGateway, ada: str) -> None:
    with bokeh.tab(bokeh._server(), page=headers(ada), socket={}) as page:
        assert page.change("look", "event") == "event nobody"


def test_threads_that_work_for_others_do_not_change_who_it_is(ada: str) -> None:
    hers: list[tuple[str, bool]] = []
    stranger = Document()
    changing, disturbed, asked = threading.Event(), threading.Event(), threading.Event()

    def disturb() -> None:
        changing.wait(PATIENCE)
        # What Document.add_next_tick_callback does for a moment in a thread of another session.
        with patch_curdoc(stranger):
            disturbed.set()
            asked.wait(PATIENCE)

    def change(document: Document, answer: Div, _new: str) -> None:
        changing.set()
        disturbed.wait(PATIENCE)
        hers.append((who(), curdoc() is document))
        asked.set()
        thread.join(PATIENCE)
        answer.text = "done"

    thread = threading.Thread(target=disturb)
    thread.start()
    with bokeh.tab(_page(change), headers(ada)) as page:
        page.change("look", "now")
    assert hers == [("ada analyst", False)], "Bokeh's own answer is the stranger's, ours is not"


def test_a_thread_of_the_apps_own_is_nobodys(gateway: FakeGateway, ada: str) -> None:
    found: list[str] = []

    def change(_document: Document, answer: Div, _new: str) -> None:
        thread = threading.Thread(target=lambda: found.append(_who_or_what()))
        thread.start()
        thread.join()
        answer.text = "done"

    with bokeh.tab(_page(change), headers(ada)) as page:
        page.change("look", "now")
    assert found == ["nobody, though curdoc() is somebody's"]


def _who_or_what() -> str:
    somebodys = curdoc().session_context is not None
    return f"{who()}, though curdoc() is somebody's" if somebodys else who()


def test_a_callback_without_the_documents_lock_knows_who_it_is(ada: str) -> None:
    def change(document: Document, answer: Div, _new: str) -> None:
        @without_document_lock  # type: ignore[untyped-decorator]
        def unlocked() -> None:
            person = who()
            document.add_next_tick_callback(lambda: answer.update(text=person))

        document.add_next_tick_callback(unlocked)

    with bokeh.tab(_page(change), headers(ada)) as page:
        assert page.change("look", "now") == "ada analyst"


def test_a_periodic_callback_of_panel_knows_who_it_is(ada: str) -> None:
    people: queue.Queue[str] = queue.Queue()

    def page() -> Any:
        pn.state.add_periodic_callback(lambda: people.put(who()), period=20, count=2)
        return pn.pane.Str("page")

    origin = bokeh.serve(lambda: get_server({"/app": page}, port=0, start=False, include_headers=bokeh.INCLUDED))
    with bokeh.tab(origin, headers(ada)):
        assert [people.get(timeout=20), people.get(timeout=20)] == ["ada analyst"] * 2
