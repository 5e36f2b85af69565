"""Guest book: a Flask app that greets whoever the gateway let in, and shows what an API says to them."""

import os

import httpx
import portico
from flask import Flask, Response, redirect, render_template_string, request
from portico.frameworks.flask import init_app

# The gateway passes paths on unchanged, so the app answers below its own.
BASE = os.environ.get("PORTICO_BASE_PATH", "/").rstrip("/")

app = Flask(__name__)
init_app(app)  # 401 and 403 where a view does not catch

PAGE = """<!doctype html><html lang="en"><title>Guest book</title>
<body style="font-family: system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem">
<h1>Guest book</h1>
<p>Welcome, <strong>{{ name }}</strong>. Roles: {{ roles }}.</p>
<form method="post" action="{{ base }}/"><input name="line" required maxlength="200"> <button>Write</button></form>
<ul>{% for who, line in lines %}<li>{{ line }} ({{ who }})</li>{% endfor %}</ul>
<h2>Revenue now</h2><button id="refresh">Refresh</button><p id="figures">…</p>
<script type="module">
  const refresh = async () => {
    const answer = await fetch('{{ base }}/figures');
    document.querySelector('#figures').textContent = answer.ok ? await answer.text() : `No figures: ${answer.status}`;
  };
  document.querySelector('#refresh').onclick = refresh;
  setInterval(refresh, 5000);
  await refresh();
</script>"""

LINES: list[tuple[str, str]] = []


@app.get(f"{BASE}/")
def home() -> str:
    """Verified; nobody is there when the app runs without the gateway."""
    user = portico.user(optional=True)
    name = "guest" if user is None else user.email or user.name or user.id
    roles = "none: start this app behind Portico" if user is None else ", ".join(user.roles) or "none"
    return render_template_string(PAGE, name=name, roles=roles, base=BASE, lines=LINES[-20:])


@app.post(f"{BASE}/")
@portico.requires()
def write() -> Response:
    """Only for people who are signed in; the entry bears the verified name."""
    user = portico.user()
    LINES.append((user.name or user.id, request.form["line"][:200]))
    return redirect(f"{BASE}/", 303)


@app.get(f"{BASE}/figures")
def figures() -> Response:
    """Fresh numbers of an API: the gateway calls it with the person's own token."""
    return Response(_figures(), mimetype="text/plain")


def _figures() -> str:
    try:
        answer = portico.api("graph").get("/reports").raise_for_status().json()
    except (portico.PorticoError, httpx.HTTPError) as problem:
        return f"No figures: {problem}"
    revenue = ", ".join(f"{row['region']} {row['revenue']:,} €" for row in answer["value"])
    return f"{revenue} (token of {answer['token']['issuedAt']})"


if __name__ == "__main__":
    app.run(host=os.environ.get("HOST", "127.0.0.1"), port=int(os.environ.get("PORT", "5000")))
