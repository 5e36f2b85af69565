"""Threads that a framework knows nothing of belong to nobody; a user who is taken along goes on working there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from flask import Flask

import portico
from frameworks.drivers import marimo, streamlit, who
from portico.testing import FakeGateway


def test_a_thread_of_a_streamlit_script_is_nobodys(gateway: FakeGateway, ada: str) -> None:
    with streamlit.tab(ada) as run:
        assert run() == ("ada analyst", "nobody")


def test_a_thread_of_a_marimo_cell_is_nobodys(gateway: FakeGateway, ada: str) -> None:
    with marimo.notebook(ada) as look:
        assert look() == ("ada analyst", "nobody")


def test_a_streamlit_tab_that_connects_again_is_whoever_connects(ada: str, bob: str) -> None:
    for assertion, person in ((ada, "ada analyst"), (bob, "bob admin")):
        with streamlit.script(assertion) as ask:
            assert ask() == person


def test_a_user_who_is_taken_along_into_a_thread_stays_the_same(gateway: FakeGateway, ada: str) -> None:
    with Flask("app").test_request_context(headers={"Portico-Assertion": ada}), ThreadPoolExecutor(1) as pool:
        user = portico.user()
        assert pool.submit(lambda: (user.id, who())).result() == ("ada", "nobody")
