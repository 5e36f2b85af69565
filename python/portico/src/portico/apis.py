"""Calling a declared API through the gateway, which attaches the user's token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict, Unpack
from urllib.parse import quote

import httpx

from portico.current import nobody
from portico.frameworks import find
from portico.gateway import Gateway, refusal, unreachable
from portico.runtime import runtime
from portico.users import User

TIMEOUT = httpx.Timeout(60.0, connect=5.0)
"""Unless the call says otherwise, in seconds."""


class Options(TypedDict, total=False):
    """What httpx takes with a request."""

    params: Any
    headers: Any
    json: Any
    content: Any
    data: Any
    files: Any
    timeout: Any


class Api:
    """A declared API on behalf of a person. The app sees no token: the gateway attaches it.

    Each method returns the API's answer, whatever its status, and raises TokenUnavailable, SessionEnded,
    NotSignedIn, NotConfigured or GatewayUnreachable when the API was not called.
    """

    def __init__(self, name: str, user: User | None = None) -> None:
        """
        Args:
            name: of an API in the gateway's configuration (``apis:``).
            user: on whose behalf; without it, whoever is looking when a call is made.
        """
        self.name = name
        self.user = user

    def request(self, method: str, path: str, **options: Unpack[Options]) -> httpx.Response:
        """Calls the API.

        Args:
            method: of HTTP.
            path: below the declared URL, with or without a slash at its beginning.
            options: as for ``httpx.request``: ``params``, ``headers``, ``json``, ``content``, ``data``, ``files``,
                ``timeout`` (seconds).

        Raises:
            ValueError: the path leads out of the API.
        """
        with self.client() as client:
            return client.request(method, path, **options)

    def get(self, path: str, **options: Unpack[Options]) -> httpx.Response:
        """GET; see ``request``."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Unpack[Options]) -> httpx.Response:
        """POST; see ``request``."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[Options]) -> httpx.Response:
        """PUT; see ``request``."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[Options]) -> httpx.Response:
        """PATCH; see ``request``."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[Options]) -> httpx.Response:
        """DELETE; see ``request``."""
        return self.request("DELETE", path, **options)

    def client(self) -> httpx.Client:
        """An httpx client whose paths are the API's, for streams and for libraries that take a client."""
        gateway = runtime().gateway
        attach = _Attach(gateway, self.name, self._assertion)
        return httpx.Client(base_url=attach.base, transport=_Transport(gateway.transport, attach), timeout=TIMEOUT)

    def async_client(self) -> httpx.AsyncClient:
        """The same for ``async`` code. It belongs to one event loop; close it, or use ``async with``."""
        ours = runtime()
        attach = _Attach(ours.gateway, self.name, self._assertion)
        transport = _AsyncTransport(ours.async_transport or httpx.AsyncHTTPTransport(retries=2), attach)
        return httpx.AsyncClient(base_url=attach.base, transport=transport, timeout=TIMEOUT)

    def _assertion(self) -> str:
        if self.user is not None:
            return self.user.assertion
        found = find()
        if found is None or not found.assertion:
            raise nobody(found)
        return found.assertion


def api(name: str, *, user: User | None = None) -> Api:
    """A declared API: ``portico.api("graph").get("/me")``; see ``Api``.

    Args:
        name: of an API in the gateway's configuration (``apis:``).
        user: on whose behalf, for threads and workers; without it, whoever is looking when a call is made.
    """
    return Api(name, user)


class _Attach:
    """Adds the app's credential and the person's assertion to requests for one API, and to no others."""

    def __init__(self, gateway: Gateway, name: str, assertion: Callable[[], str]) -> None:
        self.base = f"{gateway.settings.url}/.auth/api/{quote(name, safe='')}/"
        self._gateway = gateway
        self._name = name
        self._assertion = assertion

    def __call__(self, request: httpx.Request) -> httpx.Request:
        # Here, and not in httpx's `auth`, because absolute URLs and followed redirects pass here, too: neither
        # credential nor assertion may leave for another place.
        if not str(request.url).startswith(self.base):
            raise ValueError(f"{request.url.copy_with(query=None)} is not below portico.api({self._name!r}); give a path.")
        headers = request.headers.copy()
        headers["Authorization"] = self._gateway.authorization()
        headers["Portico-Assertion"] = self._assertion()
        # A copy, so that the request that the caller sees, and may log, holds no secret.
        return httpx.Request(
            request.method, request.url, headers=headers, stream=request.stream, extensions=request.extensions
        )


class _Transport(httpx.BaseTransport):
    """Shares the gateway's connections, and so does not close them."""

    def __init__(self, inner: httpx.BaseTransport, attach: _Attach) -> None:
        self._inner = inner
        self._attach = attach

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._inner.handle_request(self._attach(request))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise unreachable(error, request) from error
        if "Portico-Error" in response.headers:
            response.read()
            response.close()
            raise refusal(response)
        return response


class _AsyncTransport(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, attach: _Attach) -> None:
        self._inner = inner
        self._attach = attach

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = await self._inner.handle_async_request(self._attach(request))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise unreachable(error, request) from error
        if "Portico-Error" in response.headers:
            await response.aread()
            await response.aclose()
            raise refusal(response)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()
