"""An OpenID Connect provider on loopback that lets everyone in at once, and can be told to lie."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

CLIENT, SECRET = "ketmine-at-home", "a secret of the provider's"


class Provider(ThreadingHTTPServer):
    """Holds one key, the codes it gave out, and what to lie about."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.key = ECKey.generate_key("P-256", parameters={"kid": "one"})
        self.subject: dict[str, Any] = {"sub": "248289761001", "name": "Jane Doe"}
        self.codes: dict[str, dict[str, str]] = {}
        self.lies: dict[str, Any] = {}
        self.lie_of_key: Any = None
        self.algorithm = "ES256"
        self.broken = False

    def token(self, asked: dict[str, str]) -> str:
        """Sign an ID token for a log-in."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {**claims, **self.subject, **self.lies}
        key = self.lie_of_key or self.key
        return jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, key, algorithms=[self.algorithm])


class Handler(BaseHTTPRequestHandler):
    """Discovery, keys, authorization and tokens."""

    server: Provider

    def log_message(self, *_: Any) -> None:
        """Stay silent."""

    def _send(self, status: int, body: Any = None, location: str | None = None) -> None:
        data = json.dumps(body or {}).encode()
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        """Answer what a browser or ketmine asks."""
        here, parts = self.server.issuer, urlsplit(self.path)
        if self.server.broken:
            return self._send(500)
        if parts.path == "/.well-known/openid-configuration":
            return self._send(
                200,
                {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "jwks_uri": f"{here}/keys",
                },
            )
        if parts.path == "/keys":
            return self._send(200, KeySet([self.server.key]).as_dict(private=False))
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert (asked["code_challenge_method"], "openid" in asked["scope"].split()) == ("S256", True)
        code = secrets.token_urlsafe(8)
        self.server.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": here})
        return self._send(303, location=f"{asked['redirect_uri']}?{back}")

    def do_POST(self) -> None:
        """Exchange a code, once, for who has its verifier and our secret."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.server.codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        allowed = self.headers.get("Authorization") == f"Basic {basic}"
        if asked is None or challenge != asked["code_challenge"] or not allowed:
            return self._send(400, {"error": "invalid_grant"})
        token = {"access_token": "x", "token_type": "Bearer", "id_token": self.server.token(asked)}
        return self._send(200, token)


@contextmanager
def serving() -> Iterator[Provider]:
    """Serve on a free port."""
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()


def shared_secret() -> OctKey:
    """Give a key of the kind that a forger who knows the client's secret would use."""
    return OctKey.import_key(SECRET)
