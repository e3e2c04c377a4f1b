"""The guide's own server: WebSocket authentication with FastAPI, uvicorn and python-jose.

    /ws         token in the query, refused with 1008 before accept, word for word as in the guide
    /ws/after   token in the query, refused after accept: 1008, 4001 or 4003
    /ws/first   token in the first message, acknowledged; a new token is taken on the live connection
    /ws/header  token in the Authorization header, refused after accept
    /ws/strict  the same, refused before accept
    /ws/query   token in the query as RFC 6750 names it, access_token
    /ws/cookie  token in the cookie "session"
    /stats      what was seen: connections accepted, and how often each token was offered

The key is the first line of standard input; the end of standard input ends the server, so that it never outlives
its test. The port is chosen by the system and is the first line of standard output.
"""

import asyncio
import hashlib
import itertools
import os
import socket
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timezone

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from jose import ExpiredSignatureError, JWTError, jwt

SECRET_KEY = sys.stdin.readline().strip()
EVENTS_PER_SECOND = 10

app = FastAPI()
offered: Counter[str] = Counter()
accepted: Counter[str] = Counter()


# The guide, word for word. A token that is missing altogether makes python-jose fail with an AttributeError, which
# the guide does not catch: the upgrade is then answered with HTTP 500.


async def get_user_from_token(token: str):
    try:
        payload = jwt.decode(token, SECRET_KEY, algorithms=["HS256"])
        return payload.get("sub")
    except JWTError:
        return None


@app.websocket("/ws")
async def websocket_endpoint(websocket: WebSocket):
    token = websocket.query_params.get("token")
    note_offer(token)
    user = await get_user_from_token(token)
    if user is None:
        await websocket.close(code=1008)
        return
    await accept(websocket)
    # Proceed with authenticated user
    await serve(websocket, jwt.get_unverified_claims(token))


# The same after accept, with the guide's close codes: 1008 invalid or missing, 4001 expired, 4003 not allowed.


@app.websocket("/ws/after")
async def query_after_accept(websocket: WebSocket):
    await accept(websocket)
    await admit(websocket, websocket.query_params.get("token"))


@app.websocket("/ws/header")
async def header(websocket: WebSocket):
    await accept(websocket)
    scheme, _, token = websocket.headers.get("authorization", "").partition(" ")
    await admit(websocket, token if scheme.lower() == "bearer" else None)


@app.websocket("/ws/strict")
async def header_before_accept(websocket: WebSocket):
    token = websocket.headers.get("authorization", "").removeprefix("Bearer ")
    note_offer(token)
    try:
        claims = claims_of(token)
    except Refused as refused:
        await websocket.close(*refused.args)
        return
    await accept(websocket)
    await serve(websocket, claims)


@app.websocket("/ws/query")
async def access_token(websocket: WebSocket):
    await accept(websocket)
    await admit(websocket, websocket.query_params.get("access_token"))


@app.websocket("/ws/cookie")
async def cookie(websocket: WebSocket):
    await accept(websocket)
    await admit(websocket, websocket.cookies.get("session"))


@app.websocket("/ws/first")
async def first_message(websocket: WebSocket):
    await accept(websocket)
    try:
        data = await websocket.receive_json()
    except WebSocketDisconnect:
        return
    if data.get("type") != "auth":
        await websocket.close(code=1008, reason="First message must authenticate")
        return
    await admit(websocket, data.get("token"), acknowledge=True)


@app.get("/stats")
async def stats():
    return {"accepted": accepted, "offered": offered}


class Refused(Exception):
    """A token that is not taken: the close code and the reason."""


def claims_of(token: str | None) -> dict:
    if not token:
        raise Refused(1008, "Missing token")
    try:
        claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"])
    except ExpiredSignatureError:
        raise Refused(4001, "Token expired") from None
    except JWTError:
        raise Refused(1008, "Invalid token") from None
    if claims.get("role") != "reader":
        raise Refused(4003, "Role may not read this stream")
    return claims


async def accept(websocket: WebSocket):
    await websocket.accept()
    accepted[websocket.url.path] += 1


async def admit(websocket: WebSocket, token: str | None, acknowledge: bool = False):
    try:
        note_offer(token)
        claims = claims_of(token)
        if acknowledge:
            await websocket.send_json({"type": "auth_ok", "user": claims["sub"]})
    except Refused as refused:
        await websocket.close(*refused.args)
    except WebSocketDisconnect:
        pass
    else:
        await serve(websocket, claims)


async def serve(websocket: WebSocket, claims: dict):
    """Sends events until the token expires or the client leaves; takes new tokens meanwhile."""
    life = {"until": claims["exp"]}
    tasks = [
        asyncio.create_task(send_events(websocket, claims["sub"])),
        asyncio.create_task(receive(websocket, life)),
        asyncio.create_task(expiry(life)),
    ]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    try:
        done.pop().result()
    except Refused as refused:
        await websocket.close(*refused.args)
    except (WebSocketDisconnect, RuntimeError):
        # Starlette raises RuntimeError when a message is sent after the client has closed.
        pass


async def send_events(websocket: WebSocket, user: str):
    for seq in itertools.count(1):
        await websocket.send_json(
            {
                "type": "order.created",
                "seq": seq,
                "at": datetime.now(timezone.utc).isoformat(),
                "user": user,
                "data": {"id": f"o-{seq}", "total": 12.9, "note": "crème brûlée"},
            }
        )
        await asyncio.sleep(1 / EVENTS_PER_SECOND)


async def receive(websocket: WebSocket, life: dict):
    while True:
        data = await websocket.receive_json()
        if data.get("type") != "auth":
            continue
        token = data.get("token")
        note_offer(token)
        claims = claims_of(token)
        life["until"] = claims["exp"]
        await websocket.send_json({"type": "auth_ok", "user": claims["sub"]})


async def expiry(life: dict):
    while (left := life["until"] - time.time()) > 0:
        await asyncio.sleep(min(left, 0.1))
    raise Refused(4001, "Token expired")


def note_offer(token: str | None):
    """Counts tokens by a digest, so that none is ever printed."""
    offered[hashlib.sha256((token or "").encode()).hexdigest()] += 1


def end_with_stdin():
    sys.stdin.read()
    os._exit(0)


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=end_with_stdin, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
