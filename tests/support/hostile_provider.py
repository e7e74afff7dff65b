"""A small real OpenID Provider on a free port of this machine, with switches for everything that can be wrong.

It shares no code with the package under test: what it signs and checks it signs and checks by itself.
"""

import hashlib
import json
import secrets
import ssl
import threading
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote_plus, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jwe, jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from app import clock

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENT_ID = "portal:client"
CLIENT_SECRET = "s3cret %:ü"  # odd on purpose: Basic must encode it
REDIRECT_URI = "http://localhost:8000/callback/stand-in"
SUBJECT = "5d2f0c1e8f7a4b6c9d3e2f1a0b9c8d7e"


class Fault(StrEnum):
    """What can be switched on. Claims, metadata and replies are changed through attributes instead."""

    GARBAGE_METADATA = "metadata that is no JSON"
    HUGE_METADATA = "metadata larger than any limit"
    DRIPPING_BODY = "a body that comes byte by byte"
    DRIPPING_HEADERS = "headers that come byte by byte"
    SHORT_BODY = "less body than announced"
    COMPRESSED = "a compressed answer"
    BROKEN = "500 everywhere"
    TAMPERED_SIGNATURE = "a signature of something else"
    ALG_NONE = "no signature"
    HS256_WITH_PUBLIC_KEY = "the public key as a shared secret"
    CRITICAL_HEADER = "a critical header parameter"
    NO_KID = "a signature without kid"
    UNKNOWN_KID = "a signature with a kid of nobody's"
    TOKEN_REDIRECT = "a redirect at the token endpoint"


class Clock:
    """A time that stands until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **amount: float) -> None:
        self.at += timedelta(**amount)


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


@cache
def rsa_key(kid: str, use: str = "sig") -> RSAKey:
    """One key a name, made once a run."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": use})


def short_rsa_key() -> dict[str, Any]:
    """A public key of 1024 bits, as a key set would hold it; the library that makes the others refuses to."""
    key = generate_rsa_key(65537, 1024)  # noqa: S505 - short on purpose
    modulus = key.public_key().public_numbers().n.to_bytes(128)
    return {"kty": "RSA", "kid": "short", "e": "AQAB", "n": urlsafe_b64encode(modulus).rstrip(b"=").decode()}


@cache
def ec_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


class HostileProvider:
    """Use as a context manager; `approve` plays the person who signs in."""

    def __init__(self, now: Clock) -> None:
        self.clock = now
        self.faults: set[Fault] = set()
        self.auth_method = "client_secret_basic"
        self.client_key: RSAKey | ECKey | None = None  # public, for private_key_jwt
        self.signing_key: RSAKey | ECKey = rsa_key("first")
        self.published: list[Any] = [self.signing_key]
        self.before_signing: Callable[[], None] = lambda: None
        self.metadata_changes: dict[str, Any] = {}
        self.id_token_changes: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {"sub": SUBJECT, "email": "ro@example.com", "email_verified": True}
        self.userinfo_form = "json"
        self.encryption_key: RSAKey | None = None
        self.replies: dict[str, tuple[int, str, bytes]] = {}
        self.seen: list[Seen] = []
        self.stopping = threading.Event()
        self._codes: dict[str, dict[str, str]] = {}
        self._access_token = "none yet"
        handler = type("Handler", (_Handler,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def use_tls(self, folder: Path) -> Path:
        """Speak TLS from now on, with a certificate that only the returned bundle knows."""
        key, name = generate_private_key(SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
        now = clock.now()  # the machine's, not the test's: TLS looks at that one
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, SHA256())
        )
        bundle, secret = folder / "bundle.pem", folder / "key.pem"
        bundle.write_bytes(certificate.public_bytes(Encoding.PEM))
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(bundle, secret)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        return bundle

    def rotate(self, kid: str) -> None:
        """Sign with a new key from now on, and publish only that."""
        self.signing_key = rsa_key(kid)
        self.published = [self.signing_key]

    def asked(self, path: str) -> int:
        """How often `path` was asked for."""
        return sum(request.path == path for request in self.seen)

    def approve(self, url: str, **changes: str | None) -> dict[str, str]:
        """What the browser brings to the callback after the person agreed to the request in `url`."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = secrets.token_urlsafe(24)
        self._codes[code] = query
        arguments = {"state": query["state"], "code": code, **changes}
        return {name: value for name, value in arguments.items() if value is not None}

    def metadata(self) -> dict[str, Any]:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=7",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/end-session",
        }
        return _changed(document, self.metadata_changes)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [key if isinstance(key, dict) else key.as_dict(private=False) for key in self.published]}

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The token endpoint: client, code, redirect address and verifier are all checked."""
        if not self._is_client(form, authorization):
            return 401, {"error": "invalid_client"}
        request = self._codes.pop(form.get("code", ""), None)
        challenge = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if (
            request is None
            or request["redirect_uri"] != form.get("redirect_uri")
            or request["code_challenge"] != challenge.decode()
        ):
            return 400, {"error": "invalid_grant"}
        self.before_signing()
        self._access_token = secrets.token_urlsafe(24)
        id_token = self._sign(self._id_claims(request))
        reply = {"token_type": "bearer", "access_token": self._access_token, "id_token": id_token}
        return 200, {**reply, "expires_in": 300}

    def _is_client(self, form: dict[str, str], authorization: str) -> bool:
        if self.auth_method == "client_secret_basic":
            client, _, secret = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
            return (unquote_plus(client), unquote_plus(secret)) == (CLIENT_ID, CLIENT_SECRET)
        if self.auth_method == "client_secret_post":
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if self.auth_method == "private_key_jwt":
            return self._is_assertion(form.get("client_assertion", ""))
        return form.get("client_id") == CLIENT_ID and not authorization and "client_secret" not in form

    def _is_assertion(self, assertion: str) -> bool:
        assert self.client_key is not None
        claims = jwt.decode(assertion, self.client_key, ["RS256", "ES256"]).claims
        now = self.clock().timestamp()
        return (
            claims["iss"] == claims["sub"] == CLIENT_ID
            and claims["aud"] == f"{self.issuer}/token"
            and now <= claims["exp"] <= now + 300
            and claims["iat"] <= now + 10
            and len(claims["jti"]) >= 16
        )

    def _id_claims(self, request: dict[str, str]) -> dict[str, Any]:
        now = int(self.clock().timestamp())
        digest = hashlib.sha256(self._access_token.encode()).digest()[:16]
        claims = {
            "iss": self.issuer, "sub": SUBJECT, "aud": CLIENT_ID, "exp": now + 300, "iat": now,
            "nonce": request["nonce"], "auth_time": now - 30,
            "at_hash": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        }  # fmt: skip
        return _changed(claims, self.id_token_changes)

    def _sign(self, claims: dict[str, Any]) -> str:
        payload = json.dumps(claims)
        algorithm = "ES256" if isinstance(self.signing_key, ECKey) else "RS256"
        header: dict[str, Any] = {"alg": algorithm, "kid": self.signing_key.kid, "typ": "JWT"}
        if Fault.ALG_NONE in self.faults:
            return f"{_segment({'alg': 'none'})}.{_segment(claims)}."
        if Fault.HS256_WITH_PUBLIC_KEY in self.faults:
            public = OctKey.import_key(json.dumps(self.signing_key.as_dict(private=False)))
            return jws.serialize_compact({**header, "alg": "HS256"}, payload, public, ["HS256"])
        if Fault.NO_KID in self.faults:
            del header["kid"]
        if Fault.UNKNOWN_KID in self.faults:
            header["kid"] = "nobody's"
        if Fault.CRITICAL_HEADER in self.faults:
            header |= {"crit": ["b64"], "b64": True}
        token = jws.serialize_compact(header, payload, self.signing_key, [algorithm])
        if Fault.TAMPERED_SIGNATURE in self.faults:
            head, _, signature = token.split(".")
            return f"{head}.{_segment({**claims, 'tampered': True})}.{signature}"
        return token

    def userinfo_reply(self, authorization: str) -> tuple[int, str, bytes]:
        """Claims in the form asked for: json, jwt, string-jwt, jwe, string-jwe, unsigned-jwe."""
        if authorization != f"Bearer {self._access_token}":
            return 401, "application/json", b'{"error": "invalid_token"}'
        if self.userinfo_form == "json":
            return 200, "application/json; charset=utf-8", json.dumps(self.userinfo).encode()
        token = json.dumps(self.userinfo) if self.userinfo_form == "unsigned-jwe" else self._sign(self.userinfo)
        if self.userinfo_form.endswith("jwe"):
            assert self.encryption_key is not None
            token = jwe.encrypt_compact({"alg": "RSA-OAEP", "enc": "A256CBC-HS512"}, token, self.encryption_key)
        if self.userinfo_form.startswith("string"):
            return 200, "application/json", json.dumps(token).encode()
        return 200, "application/jwt", token.encode()


class _Handler(BaseHTTPRequestHandler):
    provider: HostileProvider

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self._remember(path, {})
        if path == "/userinfo":
            return self._answer(path, *self.provider.userinfo_reply(self.headers.get("Authorization", "")))
        documents = {"/jwks": self.provider.jwks, "/.well-known/openid-configuration": self.provider.metadata}
        if path not in documents:
            return self._answer(path, 404, "text/plain", b"nothing here")
        return self._answer(path, 200, "application/json", json.dumps(documents[path]()).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        path = urlsplit(self.path).path
        self._remember(path, form)
        if Fault.TOKEN_REDIRECT in self.provider.faults:
            self.send_response(307)
            self.send_header("Location", f"{self.provider.issuer}/elsewhere")
            return self.end_headers()
        status, reply = self.provider.redeem(form, self.headers.get("Authorization", ""))
        return self._answer(path, status, "application/json", json.dumps(reply).encode())

    def _remember(self, path: str, form: dict[str, str]) -> None:
        self.provider.seen.append(Seen(self.command, path, dict(self.headers.items()), form))

    def _answer(self, path: str, status: int, media_type: str, body: bytes) -> None:
        faults = self.provider.faults
        status, media_type, body = self.provider.replies.get(path, (status, media_type, body))
        if Fault.BROKEN in faults:
            status = 500
        if Fault.GARBAGE_METADATA in faults:
            body = b"<html>maintenance"
        if Fault.HUGE_METADATA in faults:
            body = b'"' + b"x" * 300_000 + b'"'
        if Fault.DRIPPING_HEADERS in faults:
            return self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000)
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body) + (9 if Fault.SHORT_BODY in faults else 0)))
        if Fault.COMPRESSED in faults:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        return self._drip(body) if Fault.DRIPPING_BODY in faults else self._write(body)

    def _write(self, body: bytes) -> None:
        self.wfile.write(body)

    def _drip(self, body: bytes) -> None:
        """A byte every 50 ms, until the client hangs up or the test is over."""
        for byte in body:
            if self.provider.stopping.wait(0.05):
                return
            try:
                self.wfile.write(bytes((byte,)))
                self.wfile.flush()
            except OSError:
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Nothing: a test's output is its own."""


def _changed(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


def _segment(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims_of(token: str) -> dict[str, Any]:
    """A token's claims, unchecked."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
