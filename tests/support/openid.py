"""An OpenID provider on a real socket: it checks what a client must do, and lies where a test has it lie."""

import json
import secrets
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "portal", "canary-client-secret:/+ä"
Claims = dict[str, Any]


@cache
def rsa_key(number: int) -> RSAKey:
    """Return the provider's first key or another, made when it is first asked for: that takes a while."""
    return RSAKey.generate_key(2048, {"kid": f"key-{number}", "use": "sig"})


def public(key: RSAKey) -> dict[str, Any]:
    """The half of a key that is published."""
    return {**key.as_dict(private=False), "use": "sig"}


@dataclass
class OpenIdProvider:
    """A context manager. ``claims`` is whom it signs in; ``bend`` changes what an ID token says.

    ``sign`` makes the token of its claims; ``published`` are the keys that it shows; ``document`` adds to its
    discovery document. What it was asked stands in ``asked``.
    """

    claims: Claims = field(default_factory=dict)
    userinfo: Claims = field(default_factory=dict)
    document: Claims = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes, dict[str, str]]] = field(default_factory=dict)
    bend: Callable[[Claims], Claims] = dict
    sign: Callable[[Claims], str] | None = None
    key: RSAKey = field(default_factory=lambda: rsa_key(0))
    published: list[Claims] = field(default_factory=lambda: [public(rsa_key(0))])
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}/realm"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def be(self, email: str, subject: str = "", **claims: Any) -> None:
        """Let this person be signed in at the provider."""
        self.claims = {"sub": subject or f"id-of-{email}", "email": email, "email_verified": True} | claims

    def rotate(self) -> None:
        """Sign by another key from now on; the former one is published no more."""
        self.key = rsa_key(1 if self.key is rsa_key(0) else 0)
        self.published = [public(self.key)]

    def sign_in(self, address: str) -> str:
        """Do as a browser does that is sent to the provider: where it is sent back to."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert {"openid", "email"} <= set(asked["scope"].split())
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?{urlencode(answer)}"

    def _tokens(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        scheme, _, pair = authorization.partition(" ")
        named, _, secret = b64decode(pair).decode().partition(":")
        if scheme != "Basic" or (unquote_plus(named), unquote_plus(secret)) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]:  # type: ignore[no-untyped-call]
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        token = (self.sign or self.signed)(self.bend(said | self.claims))
        return 200, {"id_token": token, "access_token": "opaque", "token_type": "Bearer"}

    def signed(self, claims: Claims) -> str:
        """An ID token as it should be."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def by_secret(self, claims: Claims) -> str:
        """A token that is signed with the published key as a shared secret."""
        key = OctKey.import_key(json.dumps(self.published[0]))
        return jwt.encode({"alg": "HS256", "kid": self.key.kid}, claims, key)

    def _answer(self, method: str, path: str, body: bytes, authorization: str) -> tuple[int, Claims]:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        match method, path:
            case "GET", "/realm/.well-known/openid-configuration":
                names = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
                names |= {"jwks_uri": "keys", "userinfo_endpoint": "userinfo"}
                found = {name: f"{self.issuer}/{end}" for name, end in names.items()}
                return 200, {"issuer": self.issuer, **found} | self.document
            case "POST", "/realm/token":
                return self._tokens(form, authorization)
            case "GET", "/realm/keys":
                return 200, {"keys": self.published}
            case "GET", "/realm/userinfo" if authorization == "Bearer opaque":
                return 200, self.userinfo
        return 404, {}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                provider.asked.append(path)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if path in provider.answers:
                    code, content, headers = provider.answers[path]
                else:
                    sent = self.headers.get("Authorization", "")
                    code, said = provider._answer(self.command, path, body, sent)
                    content, headers = json.dumps(said).encode(), {}
                self.send_response(code)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler
