"""Everything that Portico raises. ``str(error)`` is a sentence for developers; it holds no token and no secret."""

from __future__ import annotations


class PorticoError(Exception):
    """The base of all: ``except portico.PorticoError`` catches whatever goes wrong here."""

    status = 500
    """The HTTP status that fits, for apps that answer HTTP themselves (RFC 9110, section 15)."""


class NotSignedIn(PorticoError):
    """Nobody is signed in here: a guest, or code that no request or session runs."""

    status = 401


class SessionEnded(NotSignedIn):
    """The person was signed in, and is not any more: signed out, expired, revoked, or no longer allowed in this app."""


class InvalidAssertion(PorticoError):
    """What claims to be an assertion is none (contract/assertion.md, "Verifying"). Somebody may have forged it."""

    status = 401


class Forbidden(PorticoError):
    """The person is signed in and lacks the role or group asked for."""

    status = 403


class TokenUnavailable(PorticoError):
    """The gateway gives no token for that API, or did not call it; ``code`` says why.

    Attributes:
        code: ``invalid_target`` (no such API, or not for this app), ``invalid_scope``, ``access_denied`` (the
            provider gives no such token), ``temporarily_unavailable``, ``api_unreachable`` or ``api_timeout``.
        retry_after: seconds to wait before trying again, where the gateway says so.
    """

    status = 502

    def __init__(self, message: str, code: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[type[TokenUnavailable], tuple[str, str, float | None]]:
        return type(self), (str(self), self.code, self.retry_after)


class NotConfigured(PorticoError):
    """The app's environment lacks what the gateway gives to the apps that it starts."""


class GatewayUnreachable(PorticoError):
    """The gateway does not answer. Nothing can be verified without it, so nobody is let in."""

    status = 503
