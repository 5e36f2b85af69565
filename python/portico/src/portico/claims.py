"""The claims of an assertion: their types, and when they hold (contract/assertion.md, "Verifying", 4 to 6)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from portico.errors import InvalidAssertion

MAX_LIFETIME = 300
"""Longest time between ``iat`` and ``exp``, in seconds."""
LEEWAY = 30
"""How far the clocks of gateway and app may differ, in seconds."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified assertion says."""

    sub: str
    provider: str
    sid: str
    iat: float
    exp: float
    email: str | None
    name: str | None
    roles: tuple[str, ...] | None
    """None: there were too many to send (``roles_overflow``)."""
    groups: tuple[str, ...] | None
    """None: there were too many to send (``groups_overflow``)."""
    claims: Mapping[str, object] | None
    """None: they were too big to send (``claims_overflow``)."""

    def is_expired(self, now: float) -> bool:
        """Whether ``exp`` is over, clocks that differ allowed for."""
        return now >= self.exp + LEEWAY


def read_claims(payload: bytes, *, issuer: str, audience: str, now: float) -> Claims:
    """Reads the payload of an assertion whose signature is verified. Whether it has expired is for the caller to ask.

    Raises:
        InvalidAssertion: it is for somebody else, or not what the contract says.
    """
    values = _object(payload)
    if _text(values, "iss") != issuer:
        raise InvalidAssertion("The assertion is from another gateway than PORTICO_ISSUER.")
    if _text(values, "aud") != audience:
        raise InvalidAssertion("The assertion is for another app than PORTICO_AUDIENCE.")
    iat, exp = _time(values, "iat"), _time(values, "exp")
    if iat > now + LEEWAY:
        raise InvalidAssertion("The assertion is issued in the future. Compare the clocks of app and gateway.")
    if not 0 < exp - iat <= MAX_LIFETIME:
        raise InvalidAssertion("The assertion is good for longer than five minutes.")
    return Claims(
        sub=_text(values, "sub"),
        provider=_text(values, "provider"),
        sid=_text(values, "sid"),
        iat=iat,
        exp=exp,
        email=_optional_text(values, "email"),
        name=_optional_text(values, "name"),
        roles=_list(values, "roles"),
        groups=_list(values, "groups"),
        claims=_mapping(values, "claims"),
    )


def _object(payload: bytes) -> dict[str, object]:
    try:
        values = json.loads(payload)
    except (ValueError, RecursionError):
        raise InvalidAssertion("The assertion holds no JSON.") from None
    if not isinstance(values, dict):
        raise InvalidAssertion("The assertion holds no JSON object.")
    return values


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidAssertion(f"The claim {name} of the assertion is no text.")
    return value


def _optional_text(values: Mapping[str, object], name: str) -> str | None:
    return _text(values, name) if values.get(name, "") != "" else None


def _time(values: Mapping[str, object], name: str) -> float:
    value = values.get(name)
    # bool is a kind of int in Python, and its JSON knows NaN and Infinity.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidAssertion(f"The claim {name} of the assertion is no number of seconds.")
    return value


def _list(values: Mapping[str, object], name: str) -> tuple[str, ...] | None:
    if values.get(f"{name}_overflow") is True:
        return None
    value = values.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidAssertion(f"The claim {name} of the assertion is no list of texts.")
    return tuple(value)


def _mapping(values: Mapping[str, object], name: str) -> Mapping[str, object] | None:
    if values.get(f"{name}_overflow") is True:
        return None
    value = values.get(name, {})
    if not isinstance(value, dict) or not all(_is_simple(one) for one in value.values()):
        raise InvalidAssertion(f"The claim {name} of the assertion is no object of texts, numbers and lists of texts.")
    return value


def _is_simple(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str | int | float)
