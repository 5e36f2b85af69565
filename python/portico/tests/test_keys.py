"""The key set is kept as the contract says, whatever a forger sends."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from portico.errors import GatewayUnreachable, InvalidAssertion
from portico.keys import FAILURE_PAUSE, KEEP, UNKNOWN_KEY_PAUSE, KeySet


def public(kid: str, **changes: object) -> dict[str, object]:
    key = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()))
    return {**key, "kid": kid, "use": "sig", "alg": "ES256", **changes}


class Publisher:
    """Somebody who publishes keys, and counts who asks."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.document: object = {"keys": [public("first")]}

    def fetch(self) -> object:
        self.asked += 1
        if isinstance(self.document, Exception):
            raise self.document
        return self.document


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def keys(publisher: Publisher) -> KeySet:
    return KeySet(publisher.fetch, lambda: publisher.now)


def test_a_set_is_fetched_when_needed_and_kept_for_an_hour(keys: KeySet, publisher: Publisher) -> None:
    assert publisher.asked == 0
    for publisher.now in (0.0, 60.0, KEEP - 1):
        keys.key("first")
    assert publisher.asked == 1
    publisher.now = KEEP
    keys.key("first")
    assert publisher.asked == 2


def test_a_new_key_is_found_at_once(keys: KeySet, publisher: Publisher) -> None:
    keys.key("first")
    publisher.document = {"keys": [public("first"), public("second")]}
    keys.key("second")
    assert publisher.asked == 2


def test_unknown_keys_make_one_request_a_minute_however_many_come(keys: KeySet, publisher: Publisher) -> None:
    keys.key("first")
    for minute in range(3):
        publisher.now = minute * UNKNOWN_KEY_PAUSE
        for number in range(100):
            with pytest.raises(InvalidAssertion):
                keys.key(f"forged-{minute}-{number}")
    assert publisher.asked == 1 + 3


def test_a_gateway_that_is_down_lets_nobody_in_and_is_not_stormed(keys: KeySet, publisher: Publisher) -> None:
    document, publisher.document = publisher.document, GatewayUnreachable("down")
    for _ in range(10):
        with pytest.raises(GatewayUnreachable):
            keys.key("first")
    assert publisher.asked == 1
    publisher.document, publisher.now = document, FAILURE_PAUSE
    assert keys.key("first")


def test_a_set_older_than_an_hour_is_not_used(keys: KeySet, publisher: Publisher) -> None:
    keys.key("first")
    publisher.document, publisher.now = GatewayUnreachable("down"), KEEP
    with pytest.raises(GatewayUnreachable):
        keys.key("first")


@pytest.mark.parametrize("document", [None, [], {}, {"keys": {}}, {"keys": "first"}])
def test_what_is_no_key_set_is_refused(keys: KeySet, publisher: Publisher, document: object) -> None:
    publisher.document = document
    with pytest.raises(GatewayUnreachable):
        keys.key("first")


def test_only_keys_for_es256_count(keys: KeySet, publisher: Publisher) -> None:
    rsa_key = json.loads(RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048).public_key()))
    other_curve = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key()))
    odd = [
        {**rsa_key, "kid": "rsa"},
        {**other_curve, "kid": "p384"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "oct"},
        public("encryption", use="enc"),
        public("broken", x="AA"),
        {**public("number"), "kid": 1},
        "no key",
    ]
    publisher.document = {"keys": [*odd, public("good")]}
    assert keys.key("good")
    for kid in ("rsa", "p384", "oct", "encryption", "broken"):
        with pytest.raises(InvalidAssertion):
            keys.key(kid)
