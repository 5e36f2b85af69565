"""How long `portico.user()` takes after the first call: `python bench/python/user.py`.

Asks within a served request, as an app does: looks for the framework, finds the assertion, looks the user up. The
first call, which verifies the signature, and a renewal over loopback are told beside it. Prints a table in
microseconds; the best of the rounds is what the code costs, the median what this machine made of it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "python" / "portico"
sys.path[:0] = [str(PACKAGE / "src"), str(PACKAGE / "tests")]

import flask  # noqa: E402
from support.pretend import gateway_in_memory  # noqa: E402
from support.server import served_gateway  # noqa: E402

import portico  # noqa: E402
from portico import runtime  # noqa: E402
from portico.frameworks.serving import serving  # noqa: E402

ROUNDS = 40
CALLS = 2000
HEADER = "Portico-Assertion"


def measure(call: Callable[[], object], calls: int = CALLS) -> tuple[float, float]:
    """Microseconds of one call: of the best round, and of the round in the middle."""
    rounds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter_ns()
        for _ in range(calls):
            call()
        rounds.append((time.perf_counter_ns() - begun) / calls / 1000)
    return min(rounds), statistics.median(rounds)


def report(what: str, times: tuple[float, float]) -> None:
    print(f"{what:<52} {times[0]:>10.2f} {times[1]:>10.2f}")


def known() -> None:
    """After the first call."""
    with gateway_in_memory() as gateway:
        assertion = gateway.sign_in(roles=["analyst"], groups=["finance"])
        with serving(assertion):
            report("user(), behind the ASGI middleware", measure(portico.user))
            report("require(role=…), the same", measure(lambda: portico.require(role="analyst")))
        app = flask.Flask("bench")
        with app.test_request_context(headers={HEADER: assertion}):
            report("user(), in a request of Flask", measure(portico.user))


def first() -> None:
    """Assertions that this process has not seen: header, signature (ES256), claims."""
    with gateway_in_memory() as gateway:
        waiting = [gateway.sign_in(sub=str(number)) for number in range(ROUNDS * 50)]

        def call() -> None:
            with serving(waiting.pop()):
                portico.user()

        report("user(), the first time", measure(call, 50))


def renewed() -> None:
    """Assertions that got old on open connections: one exchange over loopback each."""
    with served_gateway() as gateway:
        before = runtime.use(runtime.Runtime(gateway.settings))
        try:
            for _ in range(ROUNDS * 5):
                gateway.sign_in()
            waiting = [gateway.assertion(sid, age=3600) for sid in gateway.sessions]

            def call() -> None:
                with serving(waiting.pop(), time.time() - 3600):
                    portico.user()

            report("user(), renewed by a gateway in Python", measure(call, 5))
            runtime.runtime().gateway.close()
        finally:
            runtime.use(before)


if __name__ == "__main__":
    print(f"Python {sys.version.split()[0]}; microseconds a call")
    print(f"{'':<52} {'best':>10} {'median':>10}")
    known()
    first()
    renewed()
