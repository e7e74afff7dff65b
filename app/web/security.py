"""Headers that every answer carries, the request's id, and the hosts a request may name."""

import re
import secrets
from collections.abc import Iterable

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.domain.errors import UNKNOWN_HOST, Refused

# Sign-in forms are small. Pages that take files set their own limit.
LARGEST_BODY = 64 * 1024
MOST_FORM_PARTS = 100
HOST = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")

FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
)
HSTS = "max-age=31536000; includeSubDomains"


def install(app: Flask, *, hosts: frozenset[str], trusted_proxies: int, secure: bool) -> None:
    """Set limits, check the host, name the request, and add the headers."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.config["MAX_FORM_PARTS"] = MOST_FORM_PARTS
    if trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted_proxies, x_proto=trusted_proxies)  # type: ignore[method-assign]

    def name_request() -> None:
        g.request_id = secrets.token_hex(6)

    def check_host() -> None:
        if host_name(request.environ.get("HTTP_HOST", "")) not in hosts:
            raise Refused(UNKNOWN_HOST)

    def add_headers(response: Response) -> Response:
        for name, value in FIXED_HEADERS.items():
            response.headers.setdefault(name, value)
        forms = " ".join(["'self'", *g.get("form_origins", ())])
        response.headers.setdefault("Content-Security-Policy", POLICY.format(forms=forms))
        response.headers["X-Request-ID"] = g.get("request_id", "")
        response.headers.setdefault("Cache-Control", "no-store")
        if secure:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        return response

    app.before_request(name_request)
    app.before_request(check_host)
    app.after_request(add_headers)


def host_name(header: str) -> str:
    """The host of a Host header, without its port, in small letters; brackets of IPv6 stay. Empty if it is no host."""
    found = HOST.fullmatch(header)
    return found["host"].lower() if found else ""


def allow_form_origins(origins: Iterable[str]) -> None:
    """Let the forms of this page end at other origins: Chromium applies `form-action` to the redirects after a POST."""
    g.form_origins = (*g.get("form_origins", ()), *origins)
