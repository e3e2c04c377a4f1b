"""Jupyter Server with tokens that are JWTs, and an event of its own contents service every 50 ms.

The key of the tokens comes on standard input, whose end ends the server; the port goes to standard output.
"""

import base64
import hashlib
import hmac
import json
import logging
import os
import sys
import tempfile
import threading
import time

from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.serverapp import ServerApp
from tornado.ioloop import PeriodicCallback

KEY = sys.stdin.readline().strip().encode()
CONTENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def subject(token):
    """Whose token it is; None unless the signature is good and the token has not expired."""
    try:
        signed, _, signature = token.rpartition(".")
        made = hmac.new(KEY, signed.encode(), hashlib.sha256).digest()
        claims = json.loads(decoded(signed.split(".")[1]))
        good = hmac.compare_digest(made, decoded(signature)) and claims["exp"] > time.time()
    except (IndexError, KeyError, ValueError):
        return None
    return claims["sub"] if good else None


class Tokens(IdentityProvider):
    def get_user_cookie(self, handler):
        return None

    async def get_user_token(self, handler):
        name = subject(self.get_token(handler) or "")
        return User(username=name) if name else None


def end_with_input():
    sys.stdin.read()
    os._exit(0)


def main():
    logging.disable(logging.CRITICAL)
    threading.Thread(target=end_with_input, daemon=True).start()
    with tempfile.TemporaryDirectory() as home:
        for name in ["CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"]:
            os.environ["JUPYTER_" + name] = home
        app = ServerApp(identity_provider_class=Tokens, root_dir=home)
        options = ["ip=127.0.0.1", "port=0", "open_browser=False", "allow_root=True"]
        app.initialize(argv=["--ServerApp." + option for option in options])
        emit = lambda: app.event_logger.emit(schema_id=CONTENTS, data={"action": "get", "path": "orders"})
        PeriodicCallback(emit, 50).start()
        print(app.port, flush=True)
        app.start()


main()
