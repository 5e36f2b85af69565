"""The gateway's public keys, kept as the contract allows: contract/assertion.md, "Header"."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import jwt
from jwt.algorithms import AllowedPublicKeys

from portico.errors import GatewayUnreachable, InvalidAssertion

KEEP = 3600.0
"""How long a key set is used without asking again, in seconds."""
UNKNOWN_KEY_PAUSE = 60.0
"""Shortest time between two requests because of a key that is not in the set, in seconds."""
FAILURE_PAUSE = 2.0
"""Shortest time between two requests when the gateway did not answer, in seconds."""


class KeySet:
    """Public keys by ``kid`` (RFC 7517), fetched when they are needed. Threads may share it."""

    def __init__(self, fetch: Callable[[], object], clock: Callable[[], float]) -> None:
        """
        Args:
            fetch: gets the JSON of the key set; raises GatewayUnreachable.
            clock: monotonic seconds.
        """
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Mapping[str, AllowedPublicKeys] = {}
        self._fetched: float | None = None
        self._refetched: float | None = None
        self._failed: float | None = None

    def key(self, kid: str) -> AllowedPublicKeys:
        """The key of that id.

        Raises:
            InvalidAssertion: the gateway publishes no such key.
            GatewayUnreachable: the set is not there or too old, and cannot be fetched.
        """
        with self._lock:
            if _is_over(self._fetched, KEEP, self._clock()):
                self._load()
            elif kid not in self._keys and _is_over(self._refetched, UNKNOWN_KEY_PAUSE, self._clock()):
                # A forger chooses `kid`: without this pause every forged header would be a request to the gateway.
                self._refetched = self._clock()
                self._load()
            try:
                return self._keys[kid]
            except KeyError:
                raise InvalidAssertion("The assertion is signed with a key that the gateway does not publish.") from None

    def _load(self) -> None:
        if not _is_over(self._failed, FAILURE_PAUSE, self._clock()):
            raise GatewayUnreachable("The gateway's public keys could not be fetched a moment ago.")
        try:
            self._keys = _read(self._fetch())
        except GatewayUnreachable:
            self._failed = self._clock()
            raise
        self._fetched = self._clock()


def _is_over(since: float | None, pause: float, now: float) -> bool:
    return since is None or now - since >= pause


def _read(document: object) -> dict[str, AllowedPublicKeys]:
    """Keys for ES256 (RFC 7518, section 6.2.1); others are none of ours."""
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise GatewayUnreachable("What the gateway publishes under PORTICO_JWKS_URL is no key set (RFC 7517).")
    found: dict[str, AllowedPublicKeys] = {}
    for key in keys:
        if not isinstance(key, dict) or not isinstance(key.get("kid"), str):
            continue
        if key.get("kty") != "EC" or key.get("crv") != "P-256" or key.get("use", "sig") != "sig":
            continue
        try:
            found[key["kid"]] = jwt.PyJWK(key, algorithm="ES256").key
        except jwt.PyJWTError:
            continue
    return found
