"""Tokens against cross-site request forgery: a keyed hash of the browser's cookie, masked anew for each page.

Bound to the cookie, so no table and no session is needed for people who have not signed in; masked, so that a
compressed page does not leak it byte by byte (BREACH).
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, current_app, request

from app.web.browser import browser

FIELD = "csrf_token"
DIGEST_BYTES = 32


def token() -> str:
    """A token for a form on the page being written."""
    mask = secrets.token_bytes(DIGEST_BYTES)
    digest = _digest(browser().ensure())
    return base64.urlsafe_b64encode(mask + _xor(mask, digest)).decode()


def is_valid() -> bool:
    """Whether the request's token was made for this browser, and the request does not say it comes from elsewhere."""
    if not browser().known or not _same_origin():
        return False
    try:
        raw = base64.urlsafe_b64decode(request.form.get(FIELD, ""))
    except (binascii.Error, ValueError):
        return False
    if len(raw) != 2 * DIGEST_BYTES:
        return False
    digest = _xor(raw[:DIGEST_BYTES], raw[DIGEST_BYTES:])
    return hmac.compare_digest(digest, _digest(browser().ensure()))


def _same_origin() -> bool:
    # A second lock: browsers name the origin of a cross-site POST. `null` and absence prove nothing either way.
    origin = request.headers.get("Origin")
    if origin in (None, "null"):
        return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    try:
        return urlsplit(origin).netloc.lower() == request.host.lower()
    except ValueError:
        return False


def _digest(cookie: str) -> bytes:
    key: bytes = current_app.config["CSRF_KEY"]
    return hmac.new(key, cookie.encode(), hashlib.sha256).digest()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def install(app: Flask, secret_key: str) -> None:
    """Set the key and offer `csrf_token()` and `request_key()` to templates."""
    app.config["CSRF_KEY"] = hashlib.sha256(b"csrf\0" + secret_key.encode()).digest()
    app.jinja_env.globals["csrf_token"] = token
    app.jinja_env.globals["request_key"] = lambda: secrets.token_urlsafe(16)
