"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portico import runtime


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No environment of the gateway from outside, and nothing kept from the test before."""
    for name in ("ISSUER", "AUDIENCE", "URL", "JWKS_URL", "APP_SECRET", "APP_SECRET_FILE"):
        monkeypatch.delenv(f"PORTICO_{name}", raising=False)
    runtime.use(None)
    yield
    runtime.use(None)
