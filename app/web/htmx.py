"""One URL, one template: the whole page for a navigation, its main part for HTMX.

`htmx_flask` reads the request's headers. Its response helper is not used: it refuses valid swap values and knows
neither `Vary` nor the headers of htmx 4, so the few headers we send are set here.
"""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, make_response, render_template, request
from htmx_flask import Htmx


def install(app: Flask) -> None:
    """Offer `request.htmx` and say in every answer that it depends on who asks."""
    Htmx(app)
    app.after_request(_vary)


def wants_fragment() -> bool:
    """Whether HTMX asks for a part of the page. A history restore gets the whole."""
    if g.get("whole_page"):
        return False
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def page(template: str, status: int = 200, **context: Any) -> Response:
    """The template as a page, or its title and main block when HTMX asks; the layout writes either (`fragment`)."""
    context.setdefault("errors", status == HTTPStatus.UNPROCESSABLE_ENTITY)
    text = render_template(template, fragment=wants_fragment(), **context)
    response = make_response(text, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _vary(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.vary.add("HX-Request")
    return response
