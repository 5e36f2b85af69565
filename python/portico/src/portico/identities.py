"""Assertions that are verified already, and how identity follows the session after they expired."""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from portico.claims import LEEWAY, Claims
from portico.errors import InvalidAssertion, PorticoError, SessionEnded
from portico.users import User, user_of

SIZE = 4096
"""How many assertions are remembered; at most 2 KiB each."""
FAILURE_PAUSE = 1.0
"""How long callers share a failure to renew, in seconds."""


@dataclass(slots=True, weakref_slot=True)
class _Session:
    """One sign-in: what its newest assertion says. Open connections with older assertions share it."""

    claims: Claims
    user: User
    lock: threading.Lock = field(default_factory=threading.Lock)
    failure: PorticoError | None = None
    failed: float = 0.0


@dataclass(frozen=True, slots=True)
class _Entry:
    """One assertion, verified."""

    exp: float
    session: _Session


class Identities:
    """From an assertion to its user. Threads may share it."""

    def __init__(
        self,
        verify: Callable[[str, float], Claims],
        renew: Callable[[str], str] | None,
        clock: Callable[[], float],
        size: int = SIZE,
    ) -> None:
        """
        Args:
            verify: everything but the expiry, at a time; raises InvalidAssertion.
            renew: a fresh assertion for an expired one; None when the app has no credential. Then a
                verification that was made in time holds for the rest of its connection, as the contract says.
            clock: seconds since 1970.
            size: how many assertions are remembered.
        """
        self._verify = verify
        self._renew = renew
        self._clock = clock
        self._size = size
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._sessions: WeakValueDictionary[tuple[str, str, str], _Session] = WeakValueDictionary()

    def known(self, assertion: str, opened: float | None = None) -> User | None:
        """The user of an assertion that needs neither cryptography nor the gateway now, or else None.

        Raises:
            InvalidAssertion: it had expired before ``opened``.
        """
        entry = self._entries.get(assertion)
        if entry is None:
            return None
        _check_in_time(entry.exp, opened)
        session = entry.session
        return session.user if self._renew is None or session.claims.exp > self._clock() else None

    def user(self, assertion: str, opened: float | None = None) -> User:
        """The user of an assertion; renewed when it is older than its ``exp``.

        Args:
            assertion: from a header, unverified.
            opened: when the request or connection began that brought it, in seconds since 1970, if known.

        Raises:
            InvalidAssertion: it is not valid, or had expired before ``opened``.
            SessionEnded, NotConfigured, GatewayUnreachable: it could not be renewed.
        """
        user = self.known(assertion, opened)
        if user is not None:
            return user
        entry = self._entries.get(assertion) or self._admit(assertion, opened)
        if self._renew is None or entry.session.claims.exp > self._clock():
            return entry.session.user
        return self._renewed(entry.session, self._renew)

    def _admit(self, assertion: str, opened: float | None) -> _Entry:
        claims = self._verify(assertion, self._clock())
        _check_in_time(claims.exp, opened)
        if self._renew is None and claims.is_expired(self._clock()):
            raise InvalidAssertion("The assertion has expired, and without PORTICO_APP_SECRET it cannot be renewed.")
        key = (claims.provider, claims.sub, claims.sid)
        with self._lock:
            session = self._sessions.get(key)
            if session is None:
                session = self._sessions[key] = _Session(claims, user_of(claims, assertion))
            elif claims.exp > session.claims.exp:
                session.claims, session.user = claims, user_of(claims, assertion)
            entry = self._entries[assertion] = _Entry(claims.exp, session)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)
        return entry

    def _renewed(self, session: _Session, renew: Callable[[str], str]) -> User:
        with session.lock:
            # Whoever waited for the lock finds the work done, or shares the failure of whoever did not.
            if session.claims.exp > self._clock():
                return session.user
            if session.failure is not None and self._clock() - session.failed < FAILURE_PAUSE:
                raise copy.copy(session.failure)
            try:
                assertion = renew(session.user.assertion)
                claims = self._verify(assertion, self._clock())
                if claims.is_expired(self._clock()) or not _is_same(claims, session.claims):
                    raise SessionEnded("The gateway names another session than the one that asked.")
            except PorticoError as error:
                session.failure, session.failed = copy.copy(error), self._clock()
                raise
            session.claims, session.user, session.failure = claims, user_of(claims, assertion), None
            return session.user


def _is_same(one: Claims, other: Claims) -> bool:
    return (one.provider, one.sub, one.sid) == (other.provider, other.sub, other.sid)


def _check_in_time(exp: float, opened: float | None) -> None:
    """Without this, a stolen assertion would open an app that can be reached directly for as long as the session lives."""
    if opened is not None and opened >= exp + LEEWAY:
        raise InvalidAssertion("The assertion had expired before this request began.")
