"""A gateway in memory, as far as apps see one: keys, assertions, ``/.auth/token`` and ``/.auth/api``."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from portico.config import Settings

ApiHandler = Callable[[httpx.Request], httpx.Response]

_JWT = "urn:ietf:params:oauth:token-type:jwt"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
_LIFETIME = 300


class FakeGateway:
    """Signs with a key of its own, made anew each time. For tests: it protects nothing."""

    def __init__(
        self,
        *,
        audience: str = "app",
        url: str = "https://portico.test",
        tokens: Mapping[str, str] | None = None,
        apis: Mapping[str, ApiHandler] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            audience: name of the app.
            url: the public URL, and where the app reaches the gateway.
            tokens: access tokens by the API's name.
            apis: what is called for an API, by its name.
            clock: seconds since 1970.
        """
        secret = secrets.token_urlsafe(32)
        self.settings = Settings(url, audience, url, f"{url}/.auth/jwks.json", secret)
        self.clock = clock
        self.requests: list[httpx.Request] = []
        """What it was asked, in order."""
        self.sessions: dict[str, dict[str, object]] = {}
        """Claims of live sessions by ``sid``. Remove one, and that session is over; change it, and fresh assertions tell."""
        self._tokens = tokens or {}
        self._apis = apis or {}
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._kid = secrets.token_hex(8)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that a gateway sets for the apps that it starts."""
        ours = self.settings
        return {
            "PORTICO_ISSUER": ours.issuer,
            "PORTICO_AUDIENCE": ours.audience,
            "PORTICO_URL": ours.url,
            "PORTICO_JWKS_URL": ours.jwks_url,
            "PORTICO_APP_SECRET": ours.secret or "",
        }

    def sign_in(self, **person: object) -> str:
        """Begins a session and returns its first assertion.

        Args:
            person: claims as in contract/assertion.md; None leaves one out.
        """
        sid = secrets.token_hex(16)
        defaults: dict[str, object] = {"sub": "ada", "provider": "test", "roles": [], "groups": []}
        self.sessions[sid] = defaults | person
        return self.assertion(sid)

    def assertion(self, sid: str, /, *, age: float = 0, **changes: object) -> str:
        """An assertion of a live session.

        Args:
            sid: of the session.
            age: how long ago it was issued, in seconds.
            changes: claims that differ; None leaves one out.
        """
        now = int(self.clock() - age)
        ours = self.settings
        claims = {"iss": ours.issuer, "aud": ours.audience, "sid": sid, "iat": now, "exp": now + _LIFETIME}
        everything = claims | self.sessions[sid] | changes
        given = {name: value for name, value in everything.items() if value is not None}
        return jwt.encode(given, self._key, algorithm="ES256", headers={"typ": "portico+jwt", "kid": self._kid})

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answers a request as a gateway would, for ``httpx.MockTransport`` or a server."""
        request.read()
        self.requests.append(request)
        path = request.url.path
        if path == "/.auth/jwks.json":
            return httpx.Response(200, json={"keys": [self._public_key()]})
        if path != "/.auth/token" and not path.startswith("/.auth/api/"):
            return httpx.Response(404)
        if request.headers.get("Authorization") != self._basic():
            return _error(401, "invalid_client", {"WWW-Authenticate": "Basic"})
        return self._exchange(request) if path == "/.auth/token" else self._call(request)

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        sid = self._live(form.get("subject_token", ""))
        if sid is None:
            return _error(400, "invalid_grant")
        if form.get("requested_token_type") == _JWT:
            kind, token, issued = "N_A", self.assertion(sid), _JWT
        elif form.get("audience") in self._tokens:
            kind, token, issued = "Bearer", self._tokens[form["audience"]], _ACCESS_TOKEN
        else:
            return _error(400, "invalid_target")
        answer = {"access_token": token, "issued_token_type": issued, "token_type": kind, "expires_in": _LIFETIME}
        return httpx.Response(200, json=answer, headers={"Cache-Control": "no-store"})

    def _call(self, request: httpx.Request) -> httpx.Response:
        if self._live(request.headers.get("Portico-Assertion", "")) is None:
            return _error(400, "invalid_grant")
        target = urlsplit(request.url.raw_path.decode())
        name, _, rest = target.path.removeprefix("/.auth/api/").partition("/")
        if name not in self._apis:
            return _error(400, "invalid_target")
        private = ("authorization", "portico-assertion", "host")
        headers = {key: value for key, value in request.headers.items() if key not in private}
        headers["authorization"] = f"Bearer {self._tokens.get(name, f'token-for-{name}')}"
        url = f"https://{name}.test/{rest}" + (f"?{target.query}" if target.query else "")
        return self._apis[name](httpx.Request(request.method, url, headers=headers, content=request.content))

    def _live(self, assertion: str) -> str | None:
        # An expired one will do, as at a real gateway, while its session lives.
        try:
            options = {"verify_exp": False, "verify_iat": False}
            claims = jwt.decode(
                assertion,
                self._key.public_key(),
                algorithms=["ES256"],
                audience=self.settings.audience,
                options=options,  # type: ignore[arg-type]
            )
        except jwt.PyJWTError:
            return None
        sid = claims.get("sid")
        return sid if isinstance(sid, str) and sid in self.sessions else None

    def _public_key(self) -> dict[str, str]:
        key: dict[str, str] = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        return key | {"kid": self._kid, "use": "sig", "alg": "ES256"}

    def _basic(self) -> str:
        pair = f"{self.settings.audience}:{self.settings.secret}"
        return "Basic " + base64.b64encode(pair.encode()).decode()


def _error(status: int, code: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    body = {"error": code, "error_description": f"This gateway in memory says {code}."}
    return httpx.Response(status, json=body, headers={"Portico-Error": code} | dict(headers or {}))
