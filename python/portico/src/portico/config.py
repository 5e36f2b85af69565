"""What the gateway tells an app through its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portico.errors import NotConfigured

HINT = (
    "Start the app through the gateway (portico serve --dev -- streamlit run app.py), which sets it. "
    "In a unit test, pretend a user with portico.testing.signed_in()."
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The app's side of the gateway's configuration."""

    issuer: str
    """``PORTICO_ISSUER``: public URL of the gateway, the ``iss`` of its assertions."""
    audience: str
    """``PORTICO_AUDIENCE``: the app's name, the ``aud`` of its assertions."""
    url: str
    """``PORTICO_URL``: where this app reaches the gateway, without a slash at the end."""
    jwks_url: str
    """``PORTICO_JWKS_URL``: the gateway's public keys."""
    secret: str | None = field(repr=False)
    """``PORTICO_APP_SECRET``: this app's own credential; without it there are neither tokens nor APIs."""


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Reads the environment.

    Args:
        env: instead of the process's own.

    Raises:
        NotConfigured: a variable is missing, is no URL, or names a file that cannot be read.
    """
    values = os.environ if env is None else env
    issuer = _url(values, "PORTICO_ISSUER")
    url = _url(values, "PORTICO_URL", issuer)
    return Settings(
        issuer=_required(values, "PORTICO_ISSUER"),
        audience=_required(values, "PORTICO_AUDIENCE"),
        url=url,
        jwks_url=_url(values, "PORTICO_JWKS_URL", f"{url}/.auth/jwks.json"),
        secret=_secret(values),
    )


def is_configured() -> bool:
    """Whether the gateway started this app, or somebody set its environment in its stead."""
    return bool(os.environ.get("PORTICO_ISSUER"))


def _required(values: Mapping[str, str], name: str) -> str:
    value = values.get(name, "").strip()
    if not value:
        raise NotConfigured(f"The environment variable {name} is not set. {HINT}")
    return value


def _url(values: Mapping[str, str], name: str, default: str | None = None) -> str:
    value = values.get(name, "").strip() or default or _required(values, name)
    if not value.startswith(("http://", "https://")):
        raise NotConfigured(f"{name} has to be a URL that begins with http:// or https://.")
    return value.rstrip("/")


def _secret(values: Mapping[str, str]) -> str | None:
    path = values.get("PORTICO_APP_SECRET_FILE", "").strip()
    if not path:
        return values.get("PORTICO_APP_SECRET", "").strip() or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfigured(f"The file of PORTICO_APP_SECRET_FILE cannot be read: {error}") from error
