"""Talking to the gateway: its keys, and ``/.auth/token`` (RFC 8693)."""

from __future__ import annotations

import base64
from collections.abc import Iterable

import httpx

from portico.config import HINT, Settings
from portico.errors import (
    GatewayUnreachable,
    NotConfigured,
    PorticoError,
    SessionEnded,
    TokenUnavailable,
)

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
"""Longer than the gateway waits for the provider, in seconds."""

_URN = "urn:ietf:params:oauth:"
_EXCHANGE = f"{_URN}grant-type:token-exchange"
_JWT = f"{_URN}token-type:jwt"
_ACCESS_TOKEN = f"{_URN}token-type:access_token"


class Gateway:
    """A client of the gateway that this app stands behind. Threads may share it; processes may not."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        """
        Args:
            transport: instead of the network. A transport of one's own also keeps httpx from sending the
                credential through a proxy named in ``HTTP_PROXY``.
        """
        self.settings = settings
        self.transport = transport or httpx.HTTPTransport(retries=2)
        self._http = httpx.Client(transport=self.transport, timeout=TIMEOUT, headers={"Accept": "application/json"})

    def keys(self) -> object:
        """The JSON of the gateway's key set (RFC 7517).

        Raises:
            GatewayUnreachable: it cannot be had.
        """
        response = self._send(self._http.build_request("GET", self.settings.jwks_url))
        if response.status_code != 200:
            raise GatewayUnreachable(f"The gateway answers {response.status_code} where its public keys should be.")
        return _json(response)

    def fresh_assertion(self, assertion: str) -> str:
        """A new assertion of the same session, for one that may have expired.

        Raises:
            SessionEnded, NotConfigured, GatewayUnreachable: see there.
        """
        try:
            return self._exchange(assertion, {"requested_token_type": _JWT})
        except TokenUnavailable as error:
            raise GatewayUnreachable(f"The gateway gives no fresh assertion: {error}") from error

    def access_token(self, assertion: str, api: str, scope: str | Iterable[str] | None = None) -> str:
        """An access token for an API on behalf of the person of ``assertion``; see ``User.token``."""
        form = {"requested_token_type": _ACCESS_TOKEN, "audience": api}
        if scope is not None:
            form["scope"] = scope if isinstance(scope, str) else " ".join(scope)
        return self._exchange(assertion, form)

    def authorization(self) -> str:
        """The value of ``Authorization`` with which this app says who it is (RFC 6749, section 2.3.1; RFC 7617).

        Raises:
            NotConfigured: the app has no credential.
        """
        if self.settings.secret is None:
            raise NotConfigured(f"The environment variable PORTICO_APP_SECRET is not set. {HINT}")
        pair = f"{self.settings.audience}:{self.settings.secret}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    def _exchange(self, assertion: str, form: dict[str, str]) -> str:
        subject = {"grant_type": _EXCHANGE, "subject_token": assertion, "subject_token_type": _JWT}
        request = self._http.build_request(
            "POST",
            f"{self.settings.url}/.auth/token",
            data=subject | form,
            headers={"Authorization": self.authorization()},
        )
        response = self._send(request)
        if response.status_code != 200:
            raise refusal(response)
        document = _json(response)
        token = document.get("access_token") if isinstance(document, dict) else None
        if not isinstance(token, str) or not token:
            raise GatewayUnreachable("The gateway answers without a token.")
        return token

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            try:
                return self._http.send(request)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                # A connection that was kept open and closed meanwhile. All requests here may be repeated.
                return self._http.send(request)
        except httpx.TransportError as error:
            raise unreachable(error, request) from error


def refusal(response: httpx.Response) -> PorticoError:
    """The exception for an error that the gateway answers with (RFC 6749, section 5.2)."""
    document = _json(response)
    fields = document if isinstance(document, dict) else {}
    code = str(fields.get("error", "invalid_response"))
    text = str(fields.get("error_description", f"The gateway says {code}."))
    if code == "invalid_client":
        return NotConfigured(f"The gateway does not accept this app's credential (PORTICO_APP_SECRET): {text}")
    if code == "invalid_grant":
        return SessionEnded(text)
    return TokenUnavailable(text, code, _seconds(response.headers.get("Retry-After")))


def unreachable(error: httpx.TransportError, request: httpx.Request) -> GatewayUnreachable:
    """The exception for a gateway that does not answer."""
    where = f"{request.url.scheme}://{request.url.netloc.decode()}"
    return GatewayUnreachable(f"The gateway does not answer at {where} ({type(error).__name__}).")


def _json(response: httpx.Response) -> object:
    try:
        document: object = response.json()
    except ValueError:
        raise GatewayUnreachable(
            f"The gateway answers {response.status_code} without JSON. Does PORTICO_URL lead to it?"
        ) from None
    return document


def _seconds(value: str | None) -> float | None:
    return float(value) if value is not None and value.isdecimal() else None
