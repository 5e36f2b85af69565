"""Verifying an assertion: contract/assertion.md, "Verifying". The cryptography is PyJWT's."""

from __future__ import annotations

from collections.abc import Callable

import jwt
from jwt.algorithms import AllowedPublicKeys

from portico.claims import Claims, read_claims
from portico.errors import InvalidAssertion

MAX_BYTES = 2048
"""Length of the longest assertion."""

_jws = jwt.PyJWS(algorithms=["ES256"])


def verify(
    assertion: str,
    *,
    key: Callable[[str], AllowedPublicKeys],
    issuer: str,
    audience: str,
    now: float,
) -> Claims:
    """Verifies everything but that the assertion has not expired, which the caller asks of the claims.

    Args:
        assertion: the JWT (RFC 7519) in compact form, from anywhere.
        key: the public key of a ``kid``; may raise.
        issuer: public URL of the gateway.
        audience: name of the app.
        now: seconds since 1970.

    Raises:
        InvalidAssertion: anything is wrong with it.
    """
    if len(assertion) > MAX_BYTES or not assertion.isascii() or assertion.count(".") != 2:
        raise InvalidAssertion("The assertion is no JWT of at most 2048 bytes.")
    try:
        header = _jws.get_unverified_header(assertion)
    except jwt.PyJWTError as error:
        raise InvalidAssertion("The assertion is no JWT.") from error
    # RFC 8725, section 3.1 and 3.11: algorithm and type are fixed, whatever the token says.
    if header.get("alg") != "ES256" or header.get("typ") != "portico+jwt" or "crit" in header:
        raise InvalidAssertion("The header of the assertion is not as the contract says.")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise InvalidAssertion("The assertion does not name its key.")
    try:
        decoded = _jws.decode_complete(assertion, key(kid), algorithms=["ES256"])
    except jwt.PyJWTError as error:
        raise InvalidAssertion("The signature of the assertion does not fit.") from error
    return read_claims(decoded["payload"], issuer=issuer, audience=audience, now=now)
