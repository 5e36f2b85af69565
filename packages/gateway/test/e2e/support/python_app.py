"""An app on the Python package, for python.e2e.test.ts: what it knows of who asks, over HTTP and over a WebSocket."""

import base64
import json
import os
from typing import Annotated, Any

import portico
import uvicorn
from fastapi import Depends, FastAPI, WebSocket
from portico.frameworks.asgi import PorticoMiddleware
from portico.runtime import runtime

app = FastAPI()
app.add_middleware(PorticoMiddleware)

CurrentUser = Annotated[portico.User, Depends(portico.user)]


def contents(token: str) -> Any:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@app.get("/who")
def who(user: CurrentUser) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "email": user.email, "roles": user.roles, "groups": user.groups}


@app.get("/admin")
@portico.requires(role="admin")
async def admin() -> str:
    return "secret"


@app.get("/token")
def token(user: CurrentUser, scope: str | None = None) -> Any:
    return contents(user.token("graph", scope))


@app.get("/no-token")
def no_token(user: CurrentUser, api: str) -> dict[str, Any]:
    try:
        return {"token": user.token(api)}
    except portico.TokenUnavailable as error:
        return {"code": error.code, "text": str(error)}


kept: list[portico.User] = []


@app.get("/keep")
def keep(user: CurrentUser) -> str:
    kept.append(user)
    return user.id


@app.get("/kept")
def with_the_kept_one() -> Any:
    """As a thread does that was started long ago."""
    return contents(kept[0].token("graph"))["sub"], portico.api("graph", user=kept[0]).get("/me").json()["mail"]


@app.get("/fresh")
def fresh(user: CurrentUser) -> Any:
    return contents(runtime().gateway.fresh_assertion(user.assertion))


@app.get("/graph/{path:path}")
def graph(path: str) -> dict[str, Any]:
    answer = portico.api("graph").get(f"/{path}")
    return {"status": answer.status_code, "body": answer.json(), "sent": list(answer.request.headers)}


@app.get("/not-an-api")
def not_an_api() -> Any:
    try:
        return portico.api("payroll").get("/").status_code
    except portico.TokenUnavailable as error:
        return error.code


@app.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    async with portico.api("graph").async_client() as client:
        async for _ in websocket.iter_text():
            answer = await client.get("/me")
            await websocket.send_json({"name": portico.user().name, "status": answer.status_code} | answer.json())


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
