"""Checks the tokens of Cloudflare Access and of Identity-Aware Proxy with PyJWT, from keys that it fetches itself."""

import json
import os
from urllib.request import urlopen

import flask
import jwt
from jwt.algorithms import RSAAlgorithm

TEAM_DOMAIN = os.environ["TEAM_DOMAIN"]
POLICY_AUD = os.environ["POLICY_AUD"]
IAP_KEYS = os.environ["IAP_KEYS"]
BASE = os.environ["PORTICO_BASE_PATH"]

app = flask.Flask(__name__)


def fetch(url):
    with urlopen(url) as answer:
        return json.load(answer)


@app.get(f"{BASE}/cloudflare")
def cloudflare():
    keys = fetch(f"{TEAM_DOMAIN}/cdn-cgi/access/certs")["keys"]
    token = flask.request.headers["Cf-Access-Jwt-Assertion"]
    for key in keys:
        try:
            claims = jwt.decode(
                token,
                key=RSAAlgorithm.from_jwk(json.dumps(key)),
                audience=POLICY_AUD,
                issuer=TEAM_DOMAIN,
                algorithms=["RS256"],
            )
            return {"email": claims["email"], "header": flask.request.headers["Cf-Access-Authenticated-User-Email"]}
        except jwt.InvalidTokenError:
            continue
    flask.abort(403)


@app.get(f"{BASE}/iap")
def iap():
    token = flask.request.headers["X-Goog-IAP-JWT-Assertion"]
    claims = jwt.decode(
        token,
        key=fetch(IAP_KEYS)[jwt.get_unverified_header(token)["kid"]],
        audience=POLICY_AUD,
        issuer="https://cloud.google.com/iap",
        algorithms=["ES256"],
    )
    return {"email": claims["email"], "header": flask.request.headers["X-Goog-Authenticated-User-Email"]}


@app.get(f"{BASE}/oauth2-proxy")
def oauth2_proxy():
    names = ["X-Forwarded-Groups", "X-Auth-Request-Email", "X-Auth-Request-Groups"]
    return {name: flask.request.headers.get(name) for name in names}


app.run(host=os.environ["HOST"], port=int(os.environ["PORT"]))
