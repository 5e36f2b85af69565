"""What the gateway tells an app through its environment."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

import portico
from portico import runtime
from portico.config import Settings, read_settings

LEAST = {"PORTICO_ISSUER": "https://apps.example.com", "PORTICO_AUDIENCE": "sales"}


def test_issuer_and_audience_are_enough() -> None:
    assert read_settings(LEAST) == Settings(
        issuer="https://apps.example.com",
        audience="sales",
        url="https://apps.example.com",
        jwks_url="https://apps.example.com/.auth/jwks.json",
        secret=None,
    )


def test_the_gateway_may_be_reached_elsewhere() -> None:
    settings = read_settings({**LEAST, "PORTICO_URL": "http://127.0.0.1:4711/"})
    assert settings.url == "http://127.0.0.1:4711"
    assert settings.jwks_url == "http://127.0.0.1:4711/.auth/jwks.json"


def test_a_secret_may_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from-the-file\n", encoding="utf-8")
    env = {**LEAST, "PORTICO_APP_SECRET": "from-the-variable"}
    assert read_settings(env).secret == "from-the-variable"
    assert read_settings({**env, "PORTICO_APP_SECRET_FILE": str(file)}).secret == "from-the-file"


def test_a_secret_is_not_shown() -> None:
    assert "pencil" not in repr(read_settings({**LEAST, "PORTICO_APP_SECRET": "pencil"}))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"PORTICO_ISSUER": ""}, "PORTICO_ISSUER"),
        ({"PORTICO_ISSUER": "apps.example.com"}, "PORTICO_ISSUER"),
        ({"PORTICO_AUDIENCE": " "}, "PORTICO_AUDIENCE"),
        ({"PORTICO_URL": "127.0.0.1:4711"}, "PORTICO_URL"),
        ({"PORTICO_JWKS_URL": "file:///etc/passwd"}, "PORTICO_JWKS_URL"),
        ({"PORTICO_APP_SECRET_FILE": "/no/such/file"}, "PORTICO_APP_SECRET_FILE"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, str], named: str) -> None:
    with pytest.raises(portico.NotConfigured, match=named):
        read_settings({**LEAST, **change})


def _runtime_of_child(queue: multiprocessing.Queue[bool], parent: int) -> None:
    queue.put(os.getpid() != parent and runtime._runtime is None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_worker_shares_neither_connections_nor_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LEAST.items():
        monkeypatch.setenv(name, value)
    ours = runtime.runtime()
    assert runtime.runtime() is ours
    context = multiprocessing.get_context("fork")
    queue: multiprocessing.Queue[bool] = context.Queue()
    with runtime._lock:
        child = context.Process(target=_runtime_of_child, args=(queue, os.getpid()))
        child.start()
    assert queue.get(timeout=30) is True
    child.join()
