"""Answers that send the browser elsewhere: always 303, never to an address a request made up."""

from urllib.parse import urlsplit

from flask import Response, make_response
from werkzeug.urls import iri_to_uri

from app.web.htmx import wants_fragment


def see_other(url: str) -> Response:
    """303 to `url`; inside an HTMX request the header that makes the whole page go there."""
    if wants_fragment():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = iri_to_uri(url)
    else:
        response = make_response("", 303)
        response.headers["Location"] = iri_to_uri(url)
    response.headers["Cache-Control"] = "no-store"
    return response


def local_path(value: str | None, default: str) -> str:
    """`value` when it is a path of this service, else `default`: what `next` may name (CWE-601)."""
    if not value or not value.startswith("/") or value.startswith(("//", "/\\")):
        return default
    if any(ord(character) < 0x21 or character == "\\" for character in value):
        return default
    parts = urlsplit(value)
    return default if parts.scheme or parts.netloc else value
