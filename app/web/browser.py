"""The browser at the other end: its opaque cookie and what is derived from it.

The cookie is random and means nothing by itself. Tables refer to its SHA-256, so a stolen database holds no cookie.
A browser gets one with the first page that has a form; no row is written until there is something to remember.
"""

import hashlib
import re
import secrets

from flask import Flask, Response, g, request

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
TOKEN_BYTES = 32


class Browser:
    """One browser's cookie, as read from the request and as it will stand in the response."""

    def __init__(self, token: str | None) -> None:
        self.token = token if token and TOKEN.fullmatch(token) else None
        self.changed = False

    @property
    def known(self) -> bool:
        """Whether the browser brought a cookie of ours (or of that form)."""
        return self.token is not None and not self.changed

    @property
    def key(self) -> str:
        """What tables call this browser: the SHA-256 of its cookie, in hex. Gives it a cookie if it has none."""
        return key_of(self.ensure())

    def ensure(self) -> str:
        """The cookie's value; a new one if the browser has none."""
        return self.token if self.token is not None else self.renew()

    def renew(self) -> str:
        """Give the browser a new identifier."""
        return self.adopt(new_token())

    def adopt(self, token: str) -> str:
        """Make `token` the browser's identifier, once its session is stored: at each authentication (ASVS 7.2.4)."""
        self.token = token
        self.changed = True
        return token


def new_token() -> str:
    """A value for a cookie: 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def key_of(token: str) -> str:
    """The SHA-256 of a cookie's value, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def browser() -> Browser:
    """The browser of the current request."""
    found: Browser = g.browser
    return found


def install(app: Flask, cookie: str, *, secure: bool) -> None:
    """Read the cookie before each request and set it after, when it changed."""
    name = f"__Host-{cookie}" if secure else cookie

    def read() -> None:
        g.browser = Browser(request.cookies.get(name))

    def write(response: Response) -> Response:
        found: Browser | None = g.get("browser")
        if found is not None and found.changed and found.token is not None:
            response.set_cookie(name, found.token, secure=secure, httponly=True, samesite="Lax", path="/")
        return response

    app.before_request(read)
    app.after_request(write)
