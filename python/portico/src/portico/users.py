"""The person who is looking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from portico.claims import Claims
from portico.errors import Forbidden


@dataclass(frozen=True, slots=True)
class User:
    """A verified person. Two are equal when ``provider`` and ``id`` are: that pair alone names somebody.

    May be kept, handed to threads and pickled for workers: ``token`` goes on working there while the session lives.
    """

    id: str
    """As the provider names the person (``sub``). Never changes; store what belongs to the person under
    ``provider`` and ``id``."""
    provider: str
    """Name of the identity provider in the gateway's configuration."""
    email: str | None = field(default=None, compare=False)
    """Verified address. It changes hands, so store nothing under it."""
    name: str | None = field(default=None, compare=False)
    """For display."""
    roles: tuple[str, ...] = field(default=(), compare=False)
    groups: tuple[str, ...] = field(default=(), compare=False)
    claims: Mapping[str, object] = field(default_factory=dict, compare=False)
    """What else the gateway is configured to pass on, such as ``department``."""
    overflow: frozenset[str] = field(default=frozenset(), compare=False)
    """Which of ``roles``, ``groups`` and ``claims`` were too big to send; what is left out is unknown, not empty."""
    assertion: str = field(default="", compare=False, repr=False)
    """The handle with which the gateway is asked for tokens. Not for logs or pages."""

    def has_role(self, *roles: str) -> bool:
        """Whether the person has at least one of these roles.

        Raises:
            Forbidden: there were too many roles to send, so nobody knows.
        """
        return self._has("roles", self.roles, roles)

    def has_group(self, *groups: str) -> bool:
        """Whether the person is in at least one of these groups.

        Raises:
            Forbidden: there were too many groups to send, so nobody knows. Turn those that matter into roles
                in the gateway's configuration.
        """
        return self._has("groups", self.groups, groups)

    def token(self, api: str, scope: str | Iterable[str] | None = None) -> str:
        """An access token for a declared API, good now, however old the page or the WebSocket is.

        It is not kept here: the gateway keeps and renews it, so ask whenever you need one.

        Args:
            api: name of an API in the gateway's configuration (``apis:``).
            scope: some of the API's declared scopes; without it all of them.

        Raises:
            SessionEnded: the person is not signed in any more.
            TokenUnavailable: the gateway gives none; its ``code`` says why.
            NotConfigured: this app has no credential, or a wrong one.
            GatewayUnreachable: the gateway does not answer.
        """
        from portico.runtime import runtime  # The runtime makes users, so it imports this module.

        return runtime().gateway.access_token(self.assertion, api, scope)

    def _has(self, kind: str, mine: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
        if not wanted:
            raise ValueError(f"Name at least one of the {kind}.")
        if kind in self.overflow:
            raise Forbidden(f"There are too many {kind} for an assertion, so nobody knows whether one of them is there.")
        return any(one in mine for one in wanted)


def user_of(claims: Claims, assertion: str) -> User:
    """The person of a verified assertion."""
    lists = {"roles": claims.roles, "groups": claims.groups, "claims": claims.claims}
    return User(
        id=claims.sub,
        provider=claims.provider,
        email=claims.email,
        name=claims.name,
        roles=claims.roles or (),
        groups=claims.groups or (),
        claims=claims.claims or {},
        overflow=frozenset(name for name, value in lists.items() if value is None),
        assertion=assertion,
    )
