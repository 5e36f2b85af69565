"""The pytest plug-in: the fixture ``portico_user``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from portico.users import User


@pytest.fixture
def portico_user() -> Iterator[Callable[..., User]]:
    """Signs a made-up person in until the test ends: ``portico_user(roles=["admin"])``; see ``testing.signed_in``."""
    from portico.testing import signed_in  # Not needed by every test run of everybody who has the package.

    with ExitStack() as stack:
        yield lambda **person: stack.enter_context(signed_in(**person))
