"""Status page: a FastAPI app that greets whoever the gateway let in, and shows what an API says to them."""

import os
from html import escape
from typing import Annotated

import httpx
import portico
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from portico.frameworks.asgi import PorticoMiddleware

# The gateway passes paths on unchanged, so the app answers below its own.
BASE = os.environ.get("PORTICO_BASE_PATH", "/").rstrip("/")

app = FastAPI(title="Status page", docs_url=f"{BASE}/docs", openapi_url=f"{BASE}/openapi.json")
app.add_middleware(PorticoMiddleware)

PAGE = """<!doctype html><html lang="en"><title>Status page</title>
<body style="font-family: system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem">
<h1>Status page</h1><p>Welcome, <strong>{name}</strong>. Roles: {roles}.</p>
<h2>Revenue now</h2><button id="refresh">Refresh</button><p id="figures">…</p>
<script type="module">
  const refresh = async () => {{
    const answer = await fetch('{base}/figures');
    document.querySelector('#figures').textContent = answer.ok ? await answer.json() : `No figures: ${{answer.status}}`;
  }};
  document.querySelector('#refresh').onclick = refresh;
  setInterval(refresh, 5000);
  await refresh();
</script>"""


@app.get(f"{BASE}/", response_class=HTMLResponse)
def home() -> str:
    """Verified; nobody is there when the app runs without the gateway."""
    user = portico.user(optional=True)
    name = "guest" if user is None else user.email or user.name or user.id
    roles = "none: start this app behind Portico" if user is None else ", ".join(user.roles) or "none"
    return PAGE.format(name=escape(name), roles=escape(roles), base=BASE)


@app.get(f"{BASE}/figures")
async def figures() -> str:
    """Fresh numbers of an API: the gateway calls it with the person's own token."""
    try:
        async with portico.api("graph").async_client() as graph:
            answer = (await graph.get("/reports")).raise_for_status().json()
    except (portico.PorticoError, httpx.HTTPError) as problem:
        return f"No figures: {problem}"
    revenue = ", ".join(f"{row['region']} {row['revenue']:,} €" for row in answer["value"])
    return f"{revenue} (token of {answer['token']['issuedAt']})"


@app.get(f"{BASE}/me")
def me(user: Annotated[portico.User, Depends(portico.user)]) -> dict[str, object]:
    """JSON for scripts; 401 for whoever is not signed in."""
    return {"id": user.id, "provider": user.provider, "email": user.email, "roles": user.roles}
