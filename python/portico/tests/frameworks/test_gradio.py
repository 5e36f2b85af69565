"""What is special in Gradio: one call of a function may be for several people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx

from frameworks.drivers import gradio, headers
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
