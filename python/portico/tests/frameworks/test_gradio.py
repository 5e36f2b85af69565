"""What is special in Gradio: one call of a function may be for several people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import httpx

from frameworks.drivers import free_port, gradio, headers
from portico.frameworks.gradio import username
from portico.testing import FakeGateway


def test_a_batch_is_nobodys_since_it_may_be_several_peoples(gateway: FakeGateway, ada: str, bob: str) -> None:
    def ask(assertion: str) -> str:
        with gradio.client(assertion, batches=True) as client:
            return str(client.predict("", api_name="/batch"))

    ask(ada)  # The server starts once, and not in eight threads.
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, [ada, bob] * 4)) == {"nobody"}


def test_beside_a_function_for_batches_others_know_who_it_is(ada: str) -> None:
    with gradio.client(ada, batches=True) as client:
        assert [client.predict(api_name=f"/{name}") for name in ("event", "generator", "unqueued")] == ["ada analyst"] * 3


def test_beside_a_function_for_batches_a_call_past_gradios_queue_is_nobodys(gateway: FakeGateway, ada: str) -> None:
    answer = httpx.post(f"{gradio.server(True)}gradio_api/run/unqueued", headers=headers(ada), json={"data": []})
    assert answer.json()["data"] == ["nobody"]


def test_gradios_own_user_name_is_the_verified_person(gateway: FakeGateway, ada: str) -> None:
    def name(request: gr.Request) -> str:
        return str(request.username)

    with gr.Blocks() as demo:
        gr.Button().click(name, None, gr.Textbox(), api_name="name")
    options = {"prevent_thread_lock": True, "quiet": True, "server_name": "127.0.0.1", "ssr_mode": False}
    _app, url, _share = demo.launch(auth_dependency=username, server_port=free_port(), **options)
    client = gradio.client_of(url, ada)
    assert client.predict(api_name="/name") == "ada"
    for refused in ({}, headers(FakeGateway().sign_in(sub="ada"))):
        assert httpx.get(f"{url}config", headers=refused).status_code == 401
    demo.close()
