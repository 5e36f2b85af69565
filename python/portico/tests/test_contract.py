"""The contract's vectors: what every verifier must accept and refuse (contract/assertion-vectors.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portico.claims import LEEWAY, MAX_LIFETIME
from portico.errors import InvalidAssertion
from portico.identities import Identities
from portico.keys import KeySet
from portico.users import User
from portico.verify import verify

CONTRACT = Path(__file__).parents[3] / "contract"
DOCUMENT: dict[str, Any] = json.loads((CONTRACT / "assertion-vectors.json").read_text(encoding="utf-8"))
VECTORS: list[dict[str, Any]] = DOCUMENT["vectors"]
VALID = [vector for vector in VECTORS if vector["valid"]]
INVALID = [vector for vector in VECTORS if not vector["valid"]]
NOW: float = DOCUMENT["now"]


def judge(token: str, now: float = NOW) -> User:
    """Through the same two steps as in an app that has no credential: verify, then expiry."""
    keys = KeySet(lambda: DOCUMENT["jwks"], lambda: 0.0)
    identities = Identities(
        lambda assertion, at: verify(
            assertion, key=keys.key, issuer=DOCUMENT["issuer"], audience=DOCUMENT["audience"], now=at
        ),
        None,
        lambda: now,
    )
    return identities.user(token)


@pytest.mark.parametrize("vector", VALID, ids=[vector["name"] for vector in VALID])
def test_accepts_and_reads_what_is_valid(vector: dict[str, Any]) -> None:
    claims = vector["claims"]
    user = judge(vector["token"])
    assert (user.id, user.provider) == (claims["sub"], claims["provider"])
    assert (user.email, user.name) == (claims.get("email"), claims.get("name"))
    assert list(user.roles) == claims.get("roles", [])
    assert list(user.groups) == claims.get("groups", [])
    assert user.claims == claims.get("claims", {})
    assert user.overflow == {name for name in ("roles", "groups", "claims") if claims.get(f"{name}_overflow")}


@pytest.mark.parametrize("vector", INVALID, ids=[vector["name"] for vector in INVALID])
def test_refuses_what_is_not(vector: dict[str, Any]) -> None:
    with pytest.raises(InvalidAssertion):
        judge(vector["token"])


def test_clocks_may_differ_by_thirty_seconds_and_no_more() -> None:
    token = VALID[0]["token"]
    assert judge(token, NOW - LEEWAY)
    assert judge(token, NOW + MAX_LIFETIME + LEEWAY - 1)
    for now in (NOW - LEEWAY - 1, NOW + MAX_LIFETIME + LEEWAY):
        with pytest.raises(InvalidAssertion):
            judge(token, now)


def test_a_changed_byte_anywhere_is_refused() -> None:
    token: str = VALID[0]["token"]
    for at in range(len(token)):
        other = "A" if token[at] != "A" else "B"
        with pytest.raises(InvalidAssertion):
            judge(token[:at] + other + token[at + 1 :])


def test_an_error_never_repeats_the_token() -> None:
    for vector in INVALID:
        if len(vector["token"]) > 10:
            with pytest.raises(InvalidAssertion) as caught:
                judge(vector["token"])
            assert vector["token"] not in str(caught.value)


@pytest.mark.parametrize("payload", ["null", "[]", "1e999", '{"iat": NaN}', '{"iss": "\\ud800"}'])
def test_a_payload_that_is_no_json_object_is_refused(payload: str) -> None:
    from portico.claims import read_claims

    with pytest.raises(InvalidAssertion):
        read_claims(payload.encode(), issuer=DOCUMENT["issuer"], audience=DOCUMENT["audience"], now=NOW)
